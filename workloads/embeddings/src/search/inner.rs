//! The inner product of floats, in one order of additions on every machine.
//!
//! Product d is added to the sum of lane d mod 16, in ascending order; then lane by lane the upper half of the sums is added to the
//! lower one: 16, 8, 4, 2, 1. Nothing is fused.

use crate::simd::{LANES, Lanes, Simd, with_lanes};

/// The exact inner product of two vectors of the same length.
///
/// # Panics
/// They are not of the same length.
#[must_use]
pub fn inner_product(query: &[f32], row: &[f32]) -> f32 {
    assert_eq!(query.len(), row.len(), "values of a row");
    let mut score = [0.0];
    inner_products(
        Simd::best(),
        query,
        bytemuck::cast_slice(row),
        0,
        &mut score,
    );
    score[0]
}

/// The inner products of `query` with rows that lie `stride` bytes apart, one for each of `scores`.
pub(crate) fn inner_products(
    simd: Simd,
    query: &[f32],
    records: &[u8],
    stride: usize,
    scores: &mut [f32],
) {
    check_records(records, stride, 4 * query.len(), scores.len());
    products(simd, query, records, stride, scores);
}

/// Panics unless `records` reach to the end of the last of `count` payloads.
pub(crate) fn check_records(records: &[u8], stride: usize, payload: usize, count: usize) {
    let end = count.checked_sub(1).map_or(Some(0), |last| {
        last.checked_mul(stride)?.checked_add(payload)
    });
    assert!(
        end.is_some_and(|end| end <= records.len()),
        "{count} payloads of {payload} bytes, {stride} apart, in {} bytes",
        records.len()
    );
}

with_lanes! {
    fn products(query: &[f32], records: &[u8], stride: usize, scores: &mut [f32]) = products_by
}

/// # Safety
/// The processor has the instructions of `L`, and `records` has a row of as many floats as `query` for each score.
#[inline(always)]
unsafe fn products_by<L: Lanes>(query: &[f32], records: &[u8], stride: usize, scores: &mut [f32]) {
    for (at, score) in scores.iter_mut().enumerate() {
        let row = &records[at * stride..][..4 * query.len()];
        // SAFETY: the caller's promise; the row has as many floats as the query.
        *score = unsafe { product::<L>(query, row) };
    }
}

/// # Safety
/// The processor has the instructions of `L`; `row` has four bytes for each value of `query`.
#[inline(always)]
unsafe fn product<L: Lanes>(query: &[f32], row: &[u8]) -> f32 {
    let whole = query.len() / LANES * LANES;
    // SAFETY: 16 floats from each place are within both; loads need no alignment.
    let mut lanes = unsafe {
        let mut sums = L::all(0.0);
        for at in (0..whole).step_by(LANES) {
            let values = L::load(row.as_ptr().add(4 * at).cast());
            sums = sums.add(L::load(query.as_ptr().add(at)).mul(values));
        }
        sums.array()
    };
    let rest = row[4 * whole..].as_chunks().0.iter().copied();
    for ((lane, query), value) in lanes.iter_mut().zip(&query[whole..]).zip(rest) {
        *lane += query * f32::from_le_bytes(value);
    }
    total(lanes)
}

/// The sum of 16 lanes, the upper half added to the lower one again and again.
#[inline(always)]
pub(crate) fn total(lanes: [f32; LANES]) -> f32 {
    let eight: [f32; 8] = std::array::from_fn(|lane| lanes[lane] + lanes[lane + 8]);
    let four: [f32; 4] = std::array::from_fn(|lane| eight[lane] + eight[lane + 4]);
    (four[0] + four[2]) + (four[1] + four[3])
}
