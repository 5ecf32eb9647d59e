//! All implementations make the same of any file, on any number of threads.

use plimsoll_umi::{Params, Shape, Strategy};
use plimsoll_workload::Context;
use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use crate::bam::{Wanted, header, write};
use crate::runs::{ALL, Made, Prepared, spilled};

/// Runs everything, and returns what all of it agrees on.
fn agreed(prepared: &Prepared, threads: &[usize]) -> Made {
    let first = prepared.run(ALL[0], 1);
    for id in ALL {
        for &threads in threads {
            assert_eq!(
                prepared.run(id, threads),
                first,
                "{id} on {threads} threads"
            );
        }
    }
    first
}

#[test]
fn generated_files_of_many_blocks_are_grouped_alike() {
    for (shape, records, strategies) in [
        (
            Shape::Many,
            30_000,
            &[Strategy::Identity, Strategy::Adjacency][..],
        ),
        (Shape::Deep, 40_000, &[Strategy::Identity, Strategy::Edit]),
        (Shape::AmpliconAdjacency, 12_000, &[Strategy::Adjacency]),
        (
            Shape::DualPaired,
            12_000,
            &[Strategy::Paired, Strategy::Identity],
        ),
    ] {
        for &strategy in strategies {
            let prepared = Prepared::new(Params {
                shape,
                records,
                strategy,
                ..Params::default()
            });
            let made = agreed(&prepared, &[1, 4]);
            assert!(made.molecules > 0 && made.accepted < records);
        }
    }
}

#[test]
fn both_strands_of_a_molecule_share_its_number() {
    let prepared = Prepared::new(Params {
        shape: Shape::DualPaired,
        records: 20_000,
        strategy: Strategy::Paired,
        ..Params::default()
    });
    let made = agreed(&prepared, &[2]);
    assert!(made.families > made.molecules + made.molecules / 2);
}

/// UMIs that meet: few letters, dashes here and there, other letters, several lengths.
fn umi(kind: u8) -> BoxedStrategy<String> {
    match kind {
        0 => "[AC]{6}".boxed(),
        1 => "[ACGTacgt]{3}-[ACGT]{3}".boxed(),
        2 => prop_oneof![
            "[AC]{5}",
            "[AC]{2}-[AC]{3}",
            "[AC]{3}-[AC]{2}",
            "[AC]{4}[.+RN]"
        ]
        .boxed(),
        3 => prop_oneof![
            "[AC]{3}-[AC]{2}",
            "[AC]{2}-[AC]{3}",
            "[AC]{2}-[AC]{2}[.R]",
            "-[AC]{5}"
        ]
        .boxed(),
        4 => prop_oneof!["A{26}[AC]{5}", "A{27}[AC]{5}", "A{28}[AC]{5}"].boxed(),
        5 => "[AC]{1,8}(-[ACGT]{0,3})?".boxed(),
        6 => "A{26}[AC]{6}".boxed(),
        _ => "[AC]{4}-[AC]{4}".boxed(),
    }
}

/// A template: its UMI, whether its r1 lies to the left, its position, and what its name is made of.
type Template = (String, bool, i32, u32);

fn templates(kind: u8, positions: i32, most: usize) -> BoxedStrategy<Vec<Template>> {
    let template = (umi(kind), any::<bool>(), 0..positions, 0_u32..1000);
    proptest::collection::vec(template, 1..most).boxed()
}

/// A file of templates; each record has so many bytes more than it needs.
fn file(mut templates: Vec<Template>, more: usize, block: usize) -> tempfile::NamedTempFile {
    templates.sort_by_key(|template| template.2);
    let mut bytes = header();
    for (number, (umi, r1_left, position, name)) in templates.iter().enumerate() {
        // Names in no order; some templates of one position have the same.
        let name = match number % 5 {
            0 => name % 3,
            _ => name * 1000 + number as u32,
        };
        for mut read in Wanted::pair(&format!("q{name}"), 1000 + position, *r1_left, umi) {
            read.tags.extend(b"XXZ");
            read.tags.extend(vec![b'x'; more]);
            read.tags.push(0);
            bytes.extend(read.bytes());
        }
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    write(file.path(), &bytes, block);
    file
}

/// Either all refuse the file, for the same reason, or all make the same of it.
fn agree_or_refuse(prepared: &Prepared) {
    let refused = ALL.map(|id| {
        let _ = std::fs::remove_file(prepared.output());
        prepared.begin(id, &prepared.context(1)).err()
    });
    let refused = refused.map(|failure| failure.map(|failure| failure.to_string()));
    assert!(
        refused.iter().all(|other| *other == refused[0]),
        "{refused:#?}"
    );
    if refused[0].is_none() {
        agreed(prepared, &[1, 2]);
    }
}

fn strategies() -> impl proptest::strategy::Strategy<Value = Strategy> {
    prop_oneof![
        Just(Strategy::Identity),
        Just(Strategy::Edit),
        Just(Strategy::Adjacency),
        Just(Strategy::Paired)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn any_umis_are_grouped_alike(
        templates in (0_u8..8).prop_flat_map(|kind| templates(kind, 2, 120)),
        strategy in strategies(),
        edits in 0_u32..=3,
        min_umi_length in proptest::option::weighted(0.3, 1_u32..6),
        block in 100_usize..3000,
    ) {
        let file = file(templates, 0, block);
        agree_or_refuse(&Prepared::new(Params {
            input: Some(file.path().into()),
            strategy,
            edits,
            min_umi_length: min_umi_length.filter(|_| strategy != Strategy::Paired),
            ..Params::default()
        }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn groups_that_go_to_files_are_grouped_alike(
        templates in (0_u8..8).prop_flat_map(|kind| templates(kind, 3, 120)),
        strategy in strategies(),
        edits in 0_u32..=3,
    ) {
        let file = file(templates, 40_000, 60_000);
        agree_or_refuse(&Prepared::new(Params {
            input: Some(file.path().into()),
            strategy,
            edits,
            ..Params::default()
        }));
    }
}

/// Where a UMI has a letter that is no base its template has no strand, and is among those of other molecules in the order
/// of the output: `n` of the group stands beside strand A of `n / 2`.
#[test]
fn templates_without_a_strand_keep_their_place_in_a_group_that_goes_to_a_file() {
    let at_first = ["CC-ACC", "AC-CAC", "CAA-AA"].map(|umi| (umi, 0));
    let large = [
        "AAC-CC", "CAA-AA", "AC-CCC", "AC-CAC", "-CACCA", "-CCCAA", "AA-CAR", "CAA-AC", "AA-CAA",
        "AC-CA.", "CC-CAR", "CCA-CC", "AA-ACC", "CCC-AC", "AAA-AA",
    ];
    let templates = at_first.into_iter().chain(large.map(|umi| (umi, 1)));
    let templates = templates.enumerate().map(|(number, (umi, position))| {
        // Names that go up and down.
        (
            umi.into(),
            number % 3 > 0,
            position,
            (number as u32 * 7) % 19,
        )
    });
    let file = file(templates.collect(), 40_000, 60_000);
    for edits in 0..=3 {
        agree_or_refuse(&Prepared::new(Params {
            input: Some(file.path().into()),
            strategy: Strategy::Paired,
            edits,
            ..Params::default()
        }));
    }
}

#[test]
fn only_what_is_too_large_goes_to_files() {
    for (shape, goes) in [(Shape::Many, false), (Shape::Deep, true)] {
        let prepared = Prepared::new(Params {
            shape,
            records: 40_000,
            ..Params::default()
        });
        for id in ALL {
            let context = prepared.context(2);
            prepared.begin(id, &context).unwrap();
            assert_eq!(spilled(&context) > 0.0, goes && id == "bounded", "{id}");
        }
        let without_budget = Context::recording(prepared.directory());
        prepared.begin("bounded", &without_budget).unwrap();
        assert!(spilled(&without_budget) < 1.0);
    }
}
