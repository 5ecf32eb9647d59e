//! Generated files: the same on any number of threads, in order, and of the shape that was asked for.

use std::collections::BTreeMap;

use plimsoll_umi::{Params, Shape, Strategy, inflate_all};

use crate::bam::{Read, reads};
use crate::runs::Prepared;

const SHAPES: [Shape; 4] = [
    Shape::Many,
    Shape::Deep,
    Shape::AmpliconAdjacency,
    Shape::DualPaired,
];

fn generated(shape: Shape, records: u64) -> Prepared {
    Prepared::new(Params {
        shape,
        records,
        strategy: if shape == Shape::DualPaired {
            Strategy::Paired
        } else {
            Strategy::Identity
        },
        ..Params::default()
    })
}

fn bytes(prepared: &Prepared) -> Vec<u8> {
    let mut bytes = Vec::new();
    inflate_all(&prepared.input(), |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })
    .unwrap();
    bytes
}

#[test]
fn files_are_in_the_order_that_they_claim() {
    for shape in SHAPES {
        let bytes = bytes(&generated(shape, 30_000));
        let reads = reads(&bytes);
        assert_eq!(reads.len(), 30_000);
        let keys: Vec<_> = reads
            .chunks(2)
            .map(|pair| {
                let [left, right] = pair else { unreachable!() };
                assert_eq!(left.name, right.name);
                assert_eq!(
                    (left.mate_position, right.mate_position),
                    (right.position, left.position)
                );
                (
                    left.reference,
                    left.position,
                    right.position,
                    left.name.clone(),
                )
            })
            .collect();
        assert!(keys.is_sorted_by(|one, next| one < next), "{shape:?}");
    }
}

#[test]
fn position_groups_are_as_deep_as_asked_for() {
    let sizes = |shape| {
        let bytes = bytes(&generated(shape, 60_000));
        let mut groups: BTreeMap<(i32, i32, i32), usize> = BTreeMap::new();
        for read in reads(&bytes).iter().step_by(2) {
            *groups
                .entry((read.reference, read.position, read.mate_position))
                .or_default() += 1;
        }
        groups.into_values().collect::<Vec<_>>()
    };
    let many = sizes(Shape::Many);
    let mean = 30_000.0 / many.len() as f64;
    assert!((7.5..8.7).contains(&mean), "{mean}");
    assert_eq!(sizes(Shape::Deep).into_iter().max(), Some(27_000));
    assert!(
        sizes(Shape::DualPaired)
            .into_iter()
            .all(|size| size <= 40_000)
    );
}

#[test]
fn umis_have_their_length_and_their_errors() {
    for (shape, lengths) in [
        (Shape::Many, [12].as_slice()),
        (Shape::AmpliconAdjacency, &[16, 17, 18]),
        (Shape::DualPaired, &[17]),
    ] {
        let bytes = bytes(&generated(shape, 60_000));
        let reads = reads(&bytes);
        assert!(reads.iter().all(|read| lengths.contains(&read.umi.len())));
        let share = |counts: fn(&Read) -> bool| {
            reads.iter().filter(|read| counts(read)).count() as f64 / 60_000.0
        };
        let with_n = share(|read| read.umi.contains(&b'N'));
        assert!((0.001..0.003).contains(&with_n), "{with_n}");
        let unsure = share(|read| read.quality == 0);
        assert!((0.007..0.013).contains(&unsure), "{unsure}");
    }
}

#[test]
fn a_seed_makes_one_file() {
    let one = generated(Shape::Many, 20_000);
    assert!(bytes(&one) == bytes(&generated(Shape::Many, 20_000)));
    let other = Prepared::new(Params {
        seed: 1,
        ..one.params.clone()
    });
    assert!(bytes(&one) != bytes(&other));
}
