//! AVX2: codes are widened to 16 bits and multiplied in pairs.
//!
//! `maddubs` would do without the widening, but it adds its pairs with 16-bit saturation: 2 * 255 * 127 does not fit.

use std::arch::x86_64::{
    __m128i, __m256i, _MM_HINT_T0, _mm_add_epi32, _mm_cvtsi128_si32, _mm_loadu_si128, _mm_prefetch,
    _mm_shuffle_epi32, _mm256_add_epi32, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_extracti128_si256, _mm256_loadu_si256,
    _mm256_madd_epi16, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_srli_epi16, _mm256_storeu_si256,
};

use super::packed::LEVELS;
use super::{PACKED_UNIT, UNIT};

/// The dot products of `query` with four rows; `next` is fetched into the cache on the way.
///
/// # Safety
/// The processor has AVX2. All slices are of one length, a multiple of [`UNIT`].
#[target_feature(enable = "avx2")]
pub(super) unsafe fn dot4(
    query: &[i8],
    rows: [&[i8]; 4],
    _: [i32; 4],
    next: [&[i8]; 4],
) -> [i32; 4] {
    let mut sums = [_mm256_setzero_si256(); 4];
    for at in (0..query.len()).step_by(UNIT) {
        for row in next {
            // SAFETY: `at` is within `row`; a prefetch reads nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().add(at)) };
        }
        for part in (at..at + UNIT).step_by(16) {
            // SAFETY: 16 bytes from `part` are within each slice, whose length is a multiple of 64.
            unsafe {
                let wide = load(query, part);
                for (sum, row) in sums.iter_mut().zip(rows) {
                    // 2 * 128 * 128 per 32-bit lane and step; 65,536 codes take 4,096 steps: below 2^31.
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(wide, load(row, part)));
                }
            }
        }
    }
    sums.map(|sum| total(sum))
}

/// The dot products of four rows with four others.
///
/// # Safety
/// The processor has AVX2. All slices are of one length, a multiple of [`UNIT`].
#[target_feature(enable = "avx2")]
pub(super) unsafe fn dot4x4(rows: [&[i8]; 4], others: [&[i8]; 4], _: [i32; 4]) -> [[i32; 4]; 4] {
    let [a, b, c, d] = rows;
    // SAFETY: the caller's promise.
    let (ab, cd) = unsafe { (dot2x4([a, b], others), dot2x4([c, d], others)) };
    [ab[0], ab[1], cd[0], cd[1]]
}

/// Two rows at a time: there are registers for eight sums, not for sixteen.
///
/// # Safety
/// As [`dot4x4`].
#[target_feature(enable = "avx2")]
unsafe fn dot2x4(rows: [&[i8]; 2], others: [&[i8]; 4]) -> [[i32; 4]; 2] {
    let mut sums = [[_mm256_setzero_si256(); 4]; 2];
    for at in (0..rows[0].len()).step_by(16) {
        // SAFETY: 16 bytes from `at` are within each slice, whose length is a multiple of 64.
        let wide = rows.map(|row| unsafe { load(row, at) });
        for (other, row) in others.iter().enumerate() {
            // SAFETY: the same.
            let row = unsafe { load(row, at) };
            for (sums, wide) in sums.iter_mut().zip(wide) {
                sums[other] = _mm256_add_epi32(sums[other], _mm256_madd_epi16(wide, row));
            }
        }
    }
    sums.map(|sums| sums.map(|sum| total(sum)))
}

/// The dot products of `query` with four packed rows; `next` is fetched into the cache on the way.
///
/// # Safety
/// The processor has AVX2. `query` has a multiple of [`PACKED_UNIT`] codes, and every other slice half as many bytes.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn dot4_packed(
    query: &[i8],
    _: i32,
    rows: [&[u8]; 4],
    next: [&[u8]; 4],
) -> [i32; 4] {
    let mut sums = [_mm256_setzero_si256(); 4];
    for at in (0..query.len()).step_by(PACKED_UNIT) {
        for row in next {
            // SAFETY: half of `at` is within `row`; a prefetch reads nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().add(at / 2).cast::<i8>()) };
        }
        for part in [0, 32] {
            // SAFETY: 32 codes from each place are within `query`, 32 bytes within each row.
            unsafe {
                let places = [0, 16, 64, 80].map(|place| load(query, at + part + place));
                for (sum, row) in sums.iter_mut().zip(rows) {
                    let [low, high] = levels(row.as_ptr().add(at / 2 + part));
                    let codes = [
                        _mm256_castsi256_si128(low),
                        _mm256_extracti128_si256::<1>(low),
                        _mm256_castsi256_si128(high),
                        _mm256_extracti128_si256::<1>(high),
                    ];
                    for (wide, codes) in places.into_iter().zip(codes) {
                        let product = _mm256_madd_epi16(wide, _mm256_cvtepi8_epi16(codes));
                        *sum = _mm256_add_epi32(*sum, product);
                    }
                }
            }
        }
    }
    sums.map(|sum| total(sum))
}

/// The codes of a packed row.
///
/// # Safety
/// The processor has AVX2. `codes` has a multiple of [`PACKED_UNIT`], and `row` half as many bytes.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn unpack(row: &[u8], codes: &mut [i8]) {
    for at in (0..codes.len()).step_by(PACKED_UNIT) {
        for part in [0, 32] {
            // SAFETY: as above; stores need no alignment either.
            unsafe {
                let [low, high] = levels(row.as_ptr().add(at / 2 + part));
                let to = codes.as_mut_ptr().add(at + part);
                _mm256_storeu_si256(to.cast::<__m256i>(), low);
                _mm256_storeu_si256(to.add(64).cast::<__m256i>(), high);
            }
        }
    }
}

/// The levels of the low halves of 32 bytes, and of the high ones.
///
/// # Safety
/// The processor has AVX2, and 32 bytes can be read at `from`.
#[target_feature(enable = "avx2")]
unsafe fn levels(from: *const u8) -> [__m256i; 2] {
    let nibble = _mm256_set1_epi8(0x0f);
    // SAFETY: the table has 16 bytes, the rest is the caller's promise; loads need no alignment.
    let (table, both) = unsafe {
        (
            _mm_loadu_si128(LEVELS.as_ptr().cast::<__m128i>()),
            _mm256_loadu_si256(from.cast::<__m256i>()),
        )
    };
    let table = _mm256_broadcastsi128_si256(table);
    let low = _mm256_and_si256(both, nibble);
    let high = _mm256_and_si256(_mm256_srli_epi16::<4>(both), nibble);
    [low, high].map(|codes| _mm256_shuffle_epi8(table, codes))
}

/// 16 codes from `at`, widened.
///
/// # Safety
/// The processor has AVX2, and `codes` reaches to `at + 16`.
#[target_feature(enable = "avx2")]
unsafe fn load(codes: &[i8], at: usize) -> __m256i {
    // SAFETY: the caller's promise; the load needs no alignment.
    _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(codes.as_ptr().add(at).cast::<__m128i>()) })
}

#[target_feature(enable = "avx2")]
fn total(lanes: __m256i) -> i32 {
    let half = _mm_add_epi32(
        _mm256_castsi256_si128(lanes),
        _mm256_extracti128_si256::<1>(lanes),
    );
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b0100_1110>(half));
    _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32::<0b1011_0001>(half)))
}
