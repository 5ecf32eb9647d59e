//! What makes vectors hard on codes.

use super::random::{bell, below, word};

/// A column a thousand times wider, then in turns of this many one constant, one of subnormals, one of zeros of both signs.
const TURN: usize = 8;

/// Whose values vector `index` has: every 16th is a copy of the one before.
pub(super) const fn original(index: u64) -> u64 {
    if index % 16 == 15 { index - 1 } else { index }
}

/// Replaces some columns of vector `index`. `columns` is a seed of what all rows have in common, `values` of what they have not.
pub(super) fn worsen(columns: u64, values: u64, index: u64, row: &mut [f32]) {
    let dimension = row.len();
    let start = below(word(columns, u64::MAX), dimension as u64) as usize;
    row[start] *= 1000.0;
    for place in 1..dimension {
        let column = (start + place) % dimension;
        let word = || {
            let at = index.wrapping_mul(dimension as u64);
            word(values, at.wrapping_add(column as u64))
        };
        row[column] = match place % TURN {
            1 => bell(super::random::word(columns, column as u64)) as f32 / 1024.0,
            // The bits below the exponent, and the sign.
            2 => f32::from_bits(word() as u32 & 0x807F_FFFF),
            3 => f32::from_bits(word() as u32 & 0x8000_0000),
            _ => continue,
        };
    }
}
