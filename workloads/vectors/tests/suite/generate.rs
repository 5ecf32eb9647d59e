//! Generated vectors have the bits that two independent implementations agreed on.

use plimsoll_vectors::generate::{Generator, Part, Profile};
use plimsoll_vectors::{Rows, RowsError};

use crate::golden;

fn bytes(generator: &Generator, part: Part, len: usize) -> Vec<u8> {
    let rows = generator.rows(part, len);
    let mut values = vec![0.0; len * rows.dim()];
    rows.read(0, &mut values).unwrap();
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

#[test]
fn both_profiles_have_the_published_checksums() {
    for (profile, base, query) in [
        (Profile::Standard, 0x158f_d60b, 0x22d3_3568),
        (Profile::Hard, 0x7e79_63cb, 0x4e83_5ad6),
    ] {
        let generator = Generator::new(1536, 42, profile).unwrap();
        let of = |part, len| crc32fast::hash(&bytes(&generator, part, len));
        assert_eq!(of(Part::Base, 16), base, "{profile:?}");
        assert_eq!(of(Part::Queries, 1), query, "{profile:?}");
    }
}

#[test]
fn five_hundred_vectors_of_the_default_size_are_those_of_the_golden_set() {
    let generator = Generator::new(1536, 42, Profile::Standard).unwrap();
    let of = |part, len| crc32fast::hash(&bytes(&generator, part, len));
    assert_eq!(of(Part::Base, 500), 0x85ac_8aed);
    assert_eq!(of(Part::Queries, 50), 0x17f0_7118);
}

#[test]
fn short_vectors_with_copies_among_them_are_those_of_the_golden_set() {
    let generator = Generator::new(64, 7, Profile::Standard).unwrap();
    let golden = std::fs::read(golden::file("gen64_seed7_n2000.base.npy")).unwrap();
    let made = bytes(&generator, Part::Base, 2000);
    assert!(golden.ends_with(&made), "the vectors after the header");
    let queries = std::fs::read(golden::file("gen64_seed7_n2000.query.fvecs")).unwrap();
    let made = bytes(&generator, Part::Queries, 100);
    for (golden, made) in queries.chunks(4 + 256).zip(made.chunks(256)) {
        assert_eq!(&golden[4..], made);
    }
    assert_eq!(queries.len(), 100 * (4 + 256));
}

#[test]
fn any_row_is_the_same_alone_and_among_others() {
    let generator = Generator::new(24, 3, Profile::Hard).unwrap();
    let rows = generator.rows(Part::Base, 40);
    let mut all = vec![0.0; 40 * 24];
    rows.read(0, &mut all).unwrap();
    let mut some = vec![0.0; 3 * 24];
    rows.read(17, &mut some).unwrap();
    assert_eq!(some, all[17 * 24..20 * 24]);
}

#[test]
fn rows_that_are_not_there_are_refused() {
    let generator = Generator::new(8, 3, Profile::Standard).unwrap();
    let rows = generator.rows(Part::Base, 4);
    assert!(!rows.is_empty());
    let mut room = [0.0; 17];
    let refused = |first, room: &mut [f32]| rows.read(first, room).unwrap_err();
    assert!(matches!(
        refused(3, &mut room[..16]),
        RowsError::Range {
            first: 3,
            end: 5,
            len: 4
        }
    ));
    assert!(matches!(
        refused(usize::MAX, &mut room[..8]),
        RowsError::Range { .. }
    ));
    assert!(matches!(
        refused(0, &mut room),
        RowsError::Room { values: 17, dim: 8 }
    ));
    rows.read(4, &mut []).unwrap();
}

#[test]
fn lengths_that_cannot_be_are_refused() {
    for dim in [0, 65_537] {
        let message = Generator::new(dim, 1, Profile::Standard).unwrap_err();
        assert!(
            message
                .to_string()
                .starts_with(&format!("vectors of {dim} "))
        );
    }
    Generator::new(1, 1, Profile::Standard).unwrap();
}
