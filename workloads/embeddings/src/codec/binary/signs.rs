//! Signs of values, values of signs, and how many differ.

use crate::simd::{LANES, Lanes, compiled_for_each, with_lanes};

with_lanes! {
    /// Writes the signs of a row.
    pub(super) fn signs(row: &[f32], bits: &mut [u8]) = signs_by
}

/// # Safety
/// The processor has the instructions of `L`.
#[inline(always)]
unsafe fn signs_by<L: Lanes>(row: &[f32], bits: &mut [u8]) {
    let whole = row.len() / LANES * LANES;
    let (pairs, _) = bits.as_chunks_mut();
    for (at, pair) in (0..whole).step_by(LANES).zip(pairs) {
        // SAFETY: 16 floats from `at` are within the row.
        let positive = unsafe { L::load(row.as_ptr().add(at)).at_least(L::all(0.0)) };
        *pair = positive.to_le_bytes();
    }
    let eights = row[whole..].chunks(8).zip(&mut bits[whole / 8..]);
    for (values, byte) in eights {
        let bits = values.iter().enumerate();
        *byte = bits.fold(0, |byte, (bit, value)| {
            byte | (u8::from(*value >= 0.0) << bit)
        });
    }
}

/// The mean size of the values, added up in `f64` in ascending order.
pub(super) fn alpha(row: &[f32]) -> f32 {
    let sum = row
        .iter()
        .fold(0.0, |sum, &value| sum + f64::from(value).abs());
    (sum / row.len() as f64) as f32
}

#[inline(always)]
fn unsigned_plain(bits: &[u8], size: f32, row: &mut [f32]) {
    let (eights, rest) = row.as_chunks_mut::<8>();
    let value = |byte: u8, bit: usize| if byte >> bit & 1 == 1 { size } else { -size };
    for (values, &byte) in eights.iter_mut().zip(bits) {
        *values = std::array::from_fn(|bit| value(byte, bit));
    }
    if let Some(&byte) = bits.last() {
        for (bit, to) in rest.iter_mut().enumerate() {
            *to = value(byte, bit);
        }
    }
}

compiled_for_each! {
    /// Writes values of this size with these signs.
    pub(super) fn unsigned(bits: &[u8], size: f32, row: &mut [f32]) = unsigned_plain
}

#[inline(always)]
fn hamming_plain(query: &[u8], records: &[u8], stride: usize, scores: &mut [f32]) {
    let (words, end) = query.as_chunks::<8>();
    for (at, score) in scores.iter_mut().enumerate() {
        let bits = &records[at * stride..][..query.len()];
        let (others, other_end) = bits.as_chunks::<8>();
        let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
        let words = words.iter().zip(others);
        let different: u64 = words
            .map(|(a, b)| u64::from((word(a) ^ word(b)).count_ones()))
            .sum();
        let end = end.iter().zip(other_end);
        let at_end: u32 = end.map(|(a, b)| (a ^ b).count_ones()).sum();
        // At most 2^20: exact.
        *score = -((different as u32 + at_end) as f32);
    }
}

compiled_for_each! {
    /// How many bits of each payload differ from those of the query, negated.
    pub(super) fn hamming(query: &[u8], records: &[u8], stride: usize, scores: &mut [f32]) = hamming_plain
}
