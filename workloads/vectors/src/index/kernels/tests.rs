//! Products of packed rows: all kernels of this processor against plain arithmetic.

use proptest::prelude::*;

use super::{Kernel, LEVELS, MAX_DIM, PACKED_UNIT};

/// A query against rows of 4-bit codes, given one to a byte.
fn check_packed(query: &[i8], rows: [&[u8]; 4]) {
    let exact = rows.map(|row| {
        let products = query.iter().zip(row);
        products
            .map(|(a, code)| i64::from(*a) * i64::from(LEVELS[usize::from(*code)]))
            .sum::<i64>()
    });
    let mut padded = query.to_vec();
    padded.resize(query.len().next_multiple_of(PACKED_UNIT), 0);
    let sum = query.iter().map(|code| i32::from(*code)).sum();
    let packed = rows.map(|row| {
        let mut codes = row.to_vec();
        codes.resize(padded.len(), 5);
        let (units, _) = codes.as_chunks::<PACKED_UNIT>();
        let pairs = units
            .iter()
            .flat_map(|unit| (0..64).map(|at| unit[at] | unit[64 + at] << 4));
        pairs.collect::<Vec<u8>>()
    });
    let packed = std::array::from_fn(|row| packed[row].as_slice());
    for kernel in Kernel::all() {
        let found = kernel.dot4_packed(&padded, sum, packed, packed);
        assert_eq!(found.map(i64::from), exact, "{}", kernel.name());
        for (row, packed) in rows.iter().zip(packed) {
            let mut levels = vec![0; padded.len()];
            kernel.unpack(packed, &mut levels);
            let expected = row.iter().map(|code| LEVELS[usize::from(*code)]);
            assert!(
                expected.eq(levels[..row.len()].iter().copied()),
                "{}",
                kernel.name()
            );
        }
    }
}

proptest! {
    #[test]
    fn all_paths_give_the_same_product_of_packed_rows(
        columns in proptest::collection::vec((any::<i8>(), any::<[u8; 4]>()), 1..2_000),
    ) {
        let query: Vec<i8> = columns.iter().map(|(query, _)| *query).collect();
        let rows: [Vec<u8>; 4] =
            std::array::from_fn(|at| columns.iter().map(|(_, codes)| codes[at] % 16).collect());
        check_packed(&query, [&rows[0], &rows[1], &rows[2], &rows[3]]);
    }

    #[test]
    fn all_paths_give_the_same_product_of_extreme_packed_rows(
        columns in proptest::collection::vec(any::<[bool; 5]>(), 1..2_000),
        least in any::<bool>(),
    ) {
        let low = if least { -128 } else { -127 };
        let query: Vec<i8> = columns.iter().map(|high| if high[4] { 127 } else { low }).collect();
        let rows: [Vec<u8>; 4] =
            std::array::from_fn(|at| columns.iter().map(|high| if high[at] { 15 } else { 0 }).collect());
        check_packed(&query, [&rows[0], &rows[1], &rows[2], &rows[3]]);
    }
}

#[test]
fn the_longest_packed_rows_of_the_largest_codes_do_not_overflow() {
    for length in [1, 63, 64, 65, 127, 128, 129, 1_535, 1_536, MAX_DIM] {
        let [low, high, middle] = [0, 15, 8].map(|code: u8| vec![code; length]);
        for query in [-128, -127, 0, 127] {
            check_packed(&vec![query; length], [&low, &high, &middle, &low]);
        }
    }
}

#[test]
#[should_panic(expected = "packed rows of 128 codes")]
fn packed_rows_of_another_length_are_refused() {
    let (query, row, long) = ([0; 128], [0; 64], [0; 128]);
    let rows = [&row[..], &row, &row, &long];
    let _ = Kernel::best().dot4_packed(&query, 0, rows, [&row; 4]);
}
