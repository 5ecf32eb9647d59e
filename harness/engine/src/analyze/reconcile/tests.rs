//! Censuses that add up, and those whose figures would mislead.

use proptest::prelude::*;

use super::*;
use crate::evidence::MapsClasses;

const MIB: u64 = 1 << 20;

/// 100 MiB resident: 80 of 90 that malloc holds, 5 anonymous, 1 stacks, 4 files, 2 shared, 8 code.
fn census() -> Census {
    let maps = MapsClasses {
        malloc: 80 * MIB,
        anonymous: 5 * MIB,
        stacks: MIB,
        file: 4 * MIB,
        shared: 2 * MIB,
        code_and_data: 8 * MIB,
        total: 100 * MIB,
    };
    Census {
        resident: 100 * MIB,
        maps,
        ledger: vec![
            ("queue".to_owned(), 30 * MIB),
            ("seen".to_owned(), 20 * MIB),
        ],
        heap_rust: 60 * MIB,
        heap_c: Some(25 * MIB),
        malloc_system: Some(90 * MIB),
        malloc_mapped: 90 * MIB,
        malloc_has_rust: true,
        ..Census::default()
    }
}

fn told(census: &Census) -> Vec<(String, i64)> {
    let table = reconcile(census, census.resident, &[census.resident]);
    let lines = table
        .lines
        .iter()
        .map(|line| (line.what.clone(), line.bytes / MIB as i64));
    lines
        .chain([("remainder".to_owned(), table.remainder / MIB as i64)])
        .collect()
}

fn line(census: &Census, what: &str) -> i64 {
    let found = told(census).into_iter().find(|(name, _)| name == what);
    found.map_or(0, |(_, mib)| mib)
}

#[test]
fn every_line_of_a_plain_case() {
    let expected = [
        ("queue", 30),
        ("seen", 20),
        ("Rust heap not in the ledger", 10),
        ("C heap", 25),
        ("allocator slack", 5),
        ("anonymous maps outside malloc", 5),
        ("stacks", 1),
        ("file-backed", 4),
        ("shared", 2),
        ("code and data", 8),
        ("allocated but untouched", -10),
        ("remainder", 0),
    ];
    assert_eq!(
        told(&census()),
        expected.map(|(what, mib)| (what.to_owned(), mib))
    );
    let table = reconcile(&census(), 101 * MIB, &[100 * MIB, 99 * MIB, 104 * MIB]);
    assert_eq!(table.refused, None);
    assert!((table.instrument_effect - 0.01).abs() < 1e-9);
    assert!((table.unaccounted_share - 0.35).abs() < 1e-9);
    // 50 in the ledger, 60 and 25 live.
    assert!((table.ledger_gap - 35.0 / 85.0).abs() < 1e-9);
}

#[test]
fn over_time_a_line_that_is_not_there_holds_nothing() {
    let empty = Census {
        resident: 10 * MIB,
        malloc_has_rust: true,
        ..Census::default()
    };
    let full = census();
    let course = course([(0.5, &empty), (1.5, &full), (2.0, &empty)].into_iter());
    assert_eq!(course.t, [0.5, 1.5, 2.0]);
    assert_eq!(course.resident, [10 * MIB, 100 * MIB, 10 * MIB]);
    let mib = MIB as i64;
    for (what, expected) in [
        ("seen", [0, 20 * mib, 0]),
        ("C heap", [0, 25 * mib, 0]),
        ("remainder", [10 * mib, 0, 10 * mib]),
    ] {
        let band = course.bands.iter().find(|band| band.what == what).unwrap();
        assert_eq!(band.bytes, expected, "{what}");
    }
    for (moment, resident) in course.resident.iter().enumerate() {
        let sum: i64 = course.bands.iter().map(|band| band.bytes[moment]).sum();
        assert_eq!(sum, *resident as i64);
    }
}

#[test]
fn six_compressors_held_in_c_and_half_of_it_never_touched() {
    let maps = MapsClasses {
        malloc: 180 * MIB,
        code_and_data: 4 * MIB,
        total: 184 * MIB,
        ..MapsClasses::default()
    };
    let census = Census {
        resident: 184 * MIB,
        maps,
        heap_rust: 200 << 10,
        heap_c: Some(350 * MIB),
        malloc_system: Some(351 * MIB),
        malloc_mapped: 351 * MIB,
        malloc_has_rust: true,
        ..Census::default()
    };
    assert_eq!(line(&census, "C heap"), 350);
    assert_eq!(line(&census, "allocated but untouched"), -171);
    assert_eq!(line(&census, "remainder"), 0);
}

#[test]
fn a_ledger_beyond_rusts_heap_is_looked_for_elsewhere() {
    let mapped = Census {
        ledger: vec![(
            "mapped queue".to_owned(),
            60 * MIB + 25 * MIB + 5 * MIB + 3 * MIB,
        )],
        ..census()
    };
    assert_eq!(line(&mapped, "Rust heap not in the ledger"), 0);
    assert_eq!(line(&mapped, "C heap"), 0);
    assert_eq!(line(&mapped, "anonymous maps outside malloc"), 0);
    assert_eq!(line(&mapped, "file-backed"), 1);
    assert_eq!(line(&mapped, "remainder"), 0);
}

#[test]
fn a_ledger_that_claims_more_than_there_is_is_left_over_and_refused() {
    let boasting = Census {
        ledger: vec![("everything".to_owned(), 300 * MIB)],
        ..census()
    };
    let table = reconcile(&boasting, boasting.resident, &[boasting.resident]);
    assert!(table.remainder < -(200 * MIB as i64));
    let refused = table.refused.unwrap();
    assert!(refused.contains("ledger claims 300 MiB"), "{refused}");
}

/// Two threads have ended, and with them went what one component still claims to hold.
#[test]
fn a_component_that_outlived_its_memory_is_named() {
    let maps = MapsClasses {
        malloc: 20_267_008,
        anonymous: 20_480,
        stacks: 45_056,
        file: 4_096,
        shared: 0,
        code_and_data: 5_873_664,
        total: 26_210_304,
    };
    let mut census = Census {
        resident: maps.total,
        maps,
        ledger: vec![
            ("references".to_owned(), 8_869_595),
            ("metadata".to_owned(), 431_376),
        ],
        heap_rust: 1_603_734,
        heap_c: Some(2_707_824),
        malloc_system: Some(21_446_656),
        malloc_mapped: 21_446_656,
        malloc_has_rust: true,
        ..Census::default()
    };
    let table = |census: &Census| reconcile(census, census.resident, &[census.resident]);
    let told = table(&census);
    assert_eq!(told.remainder, -4_964_837);
    insta::assert_snapshot!(
        told.refused.unwrap(),
        @"18.9 % of the resident memory is left over: the program's ledger claims 8.87 MiB (`references` alone 8.46 MiB), 4.73 MiB more than its heaps and maps hold; a component was not lowered when its memory was freed, or memory is claimed twice"
    );

    census.ledger[0].1 = 0;
    let lowered = table(&census);
    assert_eq!((lowered.remainder, lowered.refused), (0, None));
    assert_eq!(line(&census, "allocator slack"), 16);
    assert_eq!(line(&census, "C heap"), 2);
}

#[test]
fn the_ledger_is_not_blamed_for_what_is_not_its_fault() {
    let refused = |census: &Census| {
        let table = reconcile(census, census.resident, &[census.resident]);
        table.refused.unwrap()
    };
    // Mappings that do not add up, with an honest ledger and with one that is wrong too.
    let honest = Census {
        resident: 80 * MIB,
        ..census()
    };
    let boasting = Census {
        ledger: vec![("queue".to_owned(), 130 * MIB)],
        ..honest.clone()
    };
    for census in [honest, boasting] {
        let refused = refused(&census);
        assert!(refused.contains("contradict"), "{refused}");
    }
    // What was freed between one figure and the next.
    let moving = Census {
        ledger: vec![("queue".to_owned(), 106 * MIB)],
        moved: 10 * MIB,
        ..census()
    };
    let refused = refused(&moving);
    assert!(refused.contains("moved"), "{refused}");
}

#[test]
fn another_allocators_memory_is_its_live_bytes_and_slack() {
    let mut other = Census {
        malloc_has_rust: false,
        heap_rust: 50 * MIB,
        heap_c: Some(MIB),
        malloc_system: Some(2 * MIB),
        malloc_mapped: 2 * MIB,
        ledger: Vec::new(),
        ..census()
    };
    other.maps.malloc = MIB;
    other.maps.anonymous = 84 * MIB;
    assert_eq!(line(&other, "Rust heap not in the ledger"), 50);
    assert_eq!(line(&other, "allocator slack"), 35);
    assert_eq!(line(&other, "allocated but untouched"), -1);
    assert_eq!(line(&other, "remainder"), 0);
    other.heap_rust = 100 * MIB;
    assert_eq!(line(&other, "allocated but untouched"), -17);
    assert_eq!(line(&other, "remainder"), 0);
}

#[test]
fn a_table_is_refused_with_its_reason() {
    let refused = |census: &Census, peak: u64, clocks: &[u64]| {
        reconcile(census, peak, clocks).refused.unwrap_or_default()
    };
    let fine = census();
    assert_eq!(refused(&fine, 100 * MIB, &[100 * MIB]), "");
    assert!(refused(&fine, 120 * MIB, &[120 * MIB]).contains("too short"));
    assert!(refused(&fine, 100 * MIB, &[90 * MIB]).contains("11.1 % above"));
    assert!(refused(&fine, 100 * MIB, &[110 * MIB, 105 * MIB]).contains("4.8 % below"));
    let varies = [70 * MIB, 90 * MIB, 140 * MIB];
    assert_eq!(refused(&fine, 100 * MIB, &varies), "");
    let effect = reconcile(&fine, 100 * MIB, &varies).instrument_effect;
    assert!(
        (effect - 1.0 / 9.0).abs() < 1e-9,
        "{effect} is told all the same"
    );
    assert!(refused(&fine, 100 * MIB, &[]).contains("no clock trial"));
    assert!(refused(&Census::default(), 0, &[]).contains("ended before"));
    let moved = Census {
        resident: 110 * MIB,
        moved: 10 * MIB,
        ..fine
    };
    assert!(refused(&moved, 110 * MIB, &[110 * MIB]).contains("moved"));
}

proptest! {
    #[test]
    fn lines_and_remainder_add_up(
        figures in prop::collection::vec(0u64..1 << 40, 13),
        has_rust: bool, tells: bool, counts_c: bool,
    ) {
        let maps = MapsClasses {
            malloc: figures[0], anonymous: figures[1], stacks: figures[2], file: figures[3],
            shared: figures[4], code_and_data: figures[5], total: figures[..6].iter().sum(),
        };
        let census = Census {
            resident: figures[6], maps, ledger: vec![("a".to_owned(), figures[7]), ("b".to_owned(), figures[8])],
            heap_rust: figures[9], heap_c: counts_c.then_some(figures[10]),
            malloc_system: tells.then_some(figures[11]), malloc_mapped: figures[12],
            malloc_has_rust: has_rust, ..Census::default()
        };
        let table = reconcile(&census, figures[6], &[figures[6]]);
        let sum: i64 = table.lines.iter().map(|line| line.bytes).sum();
        prop_assert_eq!(sum + table.remainder, figures[6] as i64);
        prop_assert!(table.unaccounted_share.is_finite());
    }

    #[test]
    fn consistent_figures_leave_nothing_over(
        ledger in 0u64..1 << 30, rust_outside in 0u64..1 << 30, c in 0u64..1 << 30, slack in 0u64..1 << 30,
        touched in 0.0f64..=1.0, rest in prop::collection::vec(0u64..1 << 30, 5),
    ) {
        let mapped = ledger + rust_outside + c + slack;
        let malloc = (mapped as f64 * touched) as u64;
        let maps = MapsClasses {
            malloc, anonymous: rest[0], stacks: rest[1], file: rest[2], shared: rest[3],
            code_and_data: rest[4], total: malloc + rest.iter().sum::<u64>(),
        };
        let census = Census {
            resident: maps.total, maps, ledger: vec![("all".to_owned(), ledger)],
            heap_rust: ledger + rust_outside, heap_c: Some(c), malloc_system: Some(mapped),
            malloc_mapped: mapped, malloc_has_rust: true, ..Census::default()
        };
        prop_assert_eq!(reconcile(&census, maps.total, &[maps.total]).remainder, 0);
    }

    #[test]
    fn no_figures_panic(figures in prop::collection::vec(any::<u64>(), 13)) {
        let maps = MapsClasses {
            malloc: figures[0], anonymous: figures[1], stacks: figures[2], file: figures[3],
            shared: figures[4], code_and_data: figures[5], total: figures[6],
        };
        let census = Census {
            resident: figures[6], maps, ledger: vec![("a".to_owned(), figures[7]), ("b".to_owned(), figures[8])],
            heap_rust: figures[9], heap_c: Some(figures[10]), malloc_system: Some(figures[11]),
            malloc_mapped: figures[12], ..Census::default()
        };
        reconcile(&census, figures[3], &[figures[4]]);
    }
}
