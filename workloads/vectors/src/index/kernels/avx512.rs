//! AVX-512 VNNI: four products and their sum in every 32-bit lane by one instruction.
//!
//! `vpdpbusd` multiplies unsigned with signed bytes. The query is made unsigned by adding 128 to every code (flipping
//! its top bit), which adds 128 times the sum of a row's codes to that row's product; that is taken off again.

use std::arch::x86_64::{
    __m128i, __m512i, _MM_HINT_T0, _mm_loadu_si128, _mm_prefetch, _mm512_add_epi32,
    _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_dpbusd_epi32, _mm512_loadu_si512,
    _mm512_reduce_add_epi32, _mm512_set1_epi8, _mm512_setzero_si512, _mm512_shuffle_epi8,
    _mm512_shuffle_i32x4, _mm512_srli_epi16, _mm512_storeu_si512, _mm512_unpackhi_epi32,
    _mm512_unpackhi_epi64, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64, _mm512_xor_si512,
};

use super::packed::LEVELS;
use super::{PACKED_UNIT, UNIT};

/// The dot products of `query` with four rows, whose codes add up to `sums`; `next` is fetched into the cache on the
/// way.
///
/// # Safety
/// The processor has AVX-512 F and VNNI. All slices are of one length, a multiple of [`UNIT`].
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn dot4(
    query: &[i8],
    rows: [&[i8]; 4],
    sums: [i32; 4],
    next: [&[i8]; 4],
) -> [i32; 4] {
    let top = _mm512_set1_epi8(i8::MIN);
    let mut lanes = [_mm512_setzero_si512(); 4];
    for at in (0..query.len()).step_by(UNIT) {
        // SAFETY: 64 bytes from `at` are within each slice, whose length is a multiple of 64; loads need no
        // alignment, and a prefetch reads nothing.
        unsafe {
            for row in next {
                _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().add(at));
            }
            let biased = _mm512_xor_si512(load(query, at), top);
            for (lane, row) in lanes.iter_mut().zip(rows) {
                *lane = _mm512_dpbusd_epi32(*lane, biased, load(row, at));
            }
        }
    }
    // 255 * 128 * 65,536 in all: below 2^31. Wrong sums, of a damaged file, give wrong products and no more.
    std::array::from_fn(|row| {
        _mm512_reduce_add_epi32(lanes[row]).wrapping_sub(sums[row].wrapping_mul(128))
    })
}

/// The dot products of four rows with four others, whose codes add up to `sums`.
///
/// # Safety
/// The processor has AVX-512 F and VNNI. All slices are of one length, a multiple of [`UNIT`].
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn dot4x4(rows: [&[i8]; 4], others: [&[i8]; 4], sums: [i32; 4]) -> [[i32; 4]; 4] {
    let top = _mm512_set1_epi8(i8::MIN);
    let mut lanes = [[_mm512_setzero_si512(); 4]; 4];
    for at in (0..rows[0].len()).step_by(UNIT) {
        // SAFETY: 64 bytes from `at` are within each slice, whose length is a multiple of 64.
        let others = others.map(|row| unsafe { load(row, at) });
        for (lanes, row) in lanes.iter_mut().zip(rows) {
            // SAFETY: the same.
            let biased = _mm512_xor_si512(unsafe { load(row, at) }, top);
            for (lane, other) in lanes.iter_mut().zip(others) {
                *lane = _mm512_dpbusd_epi32(*lane, biased, other);
            }
        }
    }
    let mut products = [[0_i32; 4]; 4];
    // SAFETY: 16 numbers of 32 bits are 64 bytes; the store needs no alignment.
    unsafe { _mm512_storeu_si512((&raw mut products).cast::<__m512i>(), totals(lanes)) };
    products.map(|row| std::array::from_fn(|at| row[at].wrapping_sub(sums[at].wrapping_mul(128))))
}

/// The sum of the lanes of each of 16 vectors, in their order. Transposing on the way, which takes a third of what 16
/// sums by themselves would.
#[target_feature(enable = "avx512f")]
fn totals(lanes: [[__m512i; 4]; 4]) -> __m512i {
    // In each quarter of 128 bits, the sums of that quarter's lanes of four vectors.
    let quarters = lanes.map(|[a, b, c, d]| {
        let ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
        let cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
        _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd))
    });
    // Even quarters of both and odd quarters of both, added: twice, and each quarter has the sums of one four.
    let fold = |a, b| {
        let even = _mm512_shuffle_i32x4::<0b1000_1000>(a, b);
        let odd = _mm512_shuffle_i32x4::<0b1101_1101>(a, b);
        _mm512_add_epi32(even, odd)
    };
    let [a, b, c, d] = quarters;
    fold(fold(a, b), fold(c, d))
}

/// The dot products of `query`, whose codes add up to `sum`, with four packed rows; `next` is fetched into the cache on
/// the way.
///
/// Here it is the rows that are made unsigned, for a table of levels plus 128 does that at no cost.
///
/// # Safety
/// The processor has AVX-512 F, BW and VNNI. `query` has a multiple of [`PACKED_UNIT`] codes, and every other slice half
/// as many bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) unsafe fn dot4_packed(
    query: &[i8],
    sum: i32,
    rows: [&[u8]; 4],
    next: [&[u8]; 4],
) -> [i32; 4] {
    let top = _mm512_set1_epi8(i8::MIN);
    let nibble = _mm512_set1_epi8(0x0f);
    // SAFETY: the table has 16 bytes, and the load needs no alignment.
    let levels = unsafe { _mm_loadu_si128(LEVELS.as_ptr().cast::<__m128i>()) };
    let levels = _mm512_xor_si512(_mm512_broadcast_i32x4(levels), top);
    let mut lanes = [_mm512_setzero_si512(); 4];
    for at in (0..query.len()).step_by(PACKED_UNIT) {
        let bytes = at / 2;
        // SAFETY: 128 codes from `at` are within `query`, 64 bytes from `bytes` within each other slice; loads need no
        // alignment, and a prefetch reads nothing.
        unsafe {
            for row in next {
                _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().add(bytes).cast::<i8>());
            }
            let (first, second) = (load(query, at), load(query, at + 64));
            for (lane, row) in lanes.iter_mut().zip(rows) {
                let both = _mm512_loadu_si512(row.as_ptr().add(bytes).cast::<__m512i>());
                let low = _mm512_and_si512(both, nibble);
                let high = _mm512_and_si512(_mm512_srli_epi16::<4>(both), nibble);
                *lane = _mm512_dpbusd_epi32(*lane, _mm512_shuffle_epi8(levels, low), first);
                *lane = _mm512_dpbusd_epi32(*lane, _mm512_shuffle_epi8(levels, high), second);
            }
        }
    }
    // 255 * 128 * 65,536 in all: below 2^31.
    lanes.map(|lane| _mm512_reduce_add_epi32(lane).wrapping_sub(sum.wrapping_mul(128)))
}

/// 64 codes from `at`.
///
/// # Safety
/// The processor has AVX-512 F, and `codes` reaches to `at + 64`.
#[target_feature(enable = "avx512f")]
unsafe fn load(codes: &[i8], at: usize) -> __m512i {
    // SAFETY: the caller's promise.
    unsafe { _mm512_loadu_si512(codes.as_ptr().add(at).cast::<__m512i>()) }
}
