//! All implementations make the same of any file, on any number of threads.

use plimsoll_umi::{Params, Shape, Strategy};
use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use crate::bam::{Wanted, header, write};
use crate::runs::{ALL, Made, Prepared};

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
            60_000,
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
            let made = agreed(&prepared, &[1, 2, 5]);
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_umis_are_grouped_alike(
        (umis, min_umi_length) in (0_u8..8, proptest::option::weighted(0.3, 1_u32..6)).prop_flat_map(|(kind, least)| {
            let template = (umi(kind), any::<bool>(), 0_i32..2, 0_u32..1000);
            (proptest::collection::vec(template, 1..120), Just(least))
        }),
        strategy in prop_oneof![
            Just(Strategy::Identity), Just(Strategy::Edit), Just(Strategy::Adjacency), Just(Strategy::Paired)
        ],
        edits in 0_u32..=3,
        block in 100_usize..3000,
    ) {
        let mut umis = umis;
        umis.sort_by_key(|umi| umi.2);
        let mut bytes = header();
        for (number, (umi, r1_left, position, name)) in umis.iter().enumerate() {
            // Names in no order; some templates of one position have the same.
            let name = format!("q{}", if number % 5 == 0 { u64::from(*name % 3) } else { u64::from(*name) * 1000 + number as u64 });
            for read in Wanted::pair(&name, 1000 + position, *r1_left, umi) {
                bytes.extend(read.bytes());
            }
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        write(file.path(), &bytes, block);
        let prepared = Prepared::new(Params {
            input: Some(file.path().into()),
            strategy,
            edits,
            min_umi_length: min_umi_length.filter(|_| strategy != Strategy::Paired),
            ..Params::default()
        });
        // Either all refuse the file, for the same reason, or all make the same of it.
        let refused = ALL.map(|id| prepared.begin(id, &prepared.context(1)).err());
        if let Some(first) = &refused[0] {
            for other in &refused {
                let other = other.as_ref().map(ToString::to_string);
                prop_assert_eq!(other, Some(first.to_string()));
            }
        } else {
            agreed(&prepared, &[1, 2]);
        }
    }
}
