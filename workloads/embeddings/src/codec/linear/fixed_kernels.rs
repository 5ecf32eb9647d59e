//! Products of codes with whole numbers of 16 bits, exact on every path.
//!
//! AVX-512 VNNI multiplies four unsigned bytes with four signed ones at once: numbers go through it in two bytes, one after the
//! other. AVX2 widens codes to 16 bits and multiplies them in pairs.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_loadu_si128,
    _mm_shuffle_epi32, _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepu8_epi16,
    _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_setzero_si256,
    _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_maskz_loadu_epi8,
    _mm512_reduce_add_epi32, _mm512_setzero_si512, _mm512_slli_epi32,
};

use crate::search::check_records;
use crate::simd::{Kind, Simd};

/// Rows that are multiplied at once: what is read of the numbers serves all of them.
#[cfg(target_arch = "x86_64")]
const AT_ONCE: usize = 4;

/// The products of `whole` with as many codes at each `stride` bytes of `records`, one for each of `products`; `planes` are the
/// upper and lower bytes of `whole`.
///
/// No partial sum of the products leaves 32 bits.
pub(super) fn multiply(
    simd: Simd,
    planes: [&[i8]; 2],
    whole: &[i16],
    records: &[u8],
    stride: usize,
    products: &mut [i32],
) {
    let length = whole.len();
    assert!(planes.iter().all(|plane| plane.len() == length));
    check_records(records, stride, length, products.len());
    match simd.kind() {
        // SAFETY: there is a `Simd` only of what the processor has; the planes are of one length, and there are as many codes
        // in each record.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512(planes, records, stride, products) },
        // SAFETY: the same.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { avx2(whole, records, stride, products) },
        Kind::Plain => {
            for (at, product) in products.iter_mut().enumerate() {
                *product = plain(whole, &records[at * stride..][..length]);
            }
        }
    }
}

fn plain(whole: &[i16], codes: &[u8]) -> i32 {
    let products = whole.iter().zip(codes);
    products
        .map(|(&value, &code)| i32::from(value) * i32::from(code))
        .sum()
}

/// # Safety
/// The processor has AVX-512 F, BW and VNNI; the planes are of one length, and each record has as many codes.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
unsafe fn avx512(planes: [&[i8]; 2], records: &[u8], stride: usize, products: &mut [i32]) {
    let (fours, rest) = products.as_chunks_mut::<AT_ONCE>();
    let single = AT_ONCE * fours.len();
    let record = |at: usize| &records[at * stride..];
    for (at, four) in fours.iter_mut().enumerate() {
        let rows = std::array::from_fn(|row| record(AT_ONCE * at + row));
        // SAFETY: the caller's promise.
        *four = unsafe { avx512_rows(planes, rows) };
    }
    for (at, product) in rest.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        [*product] = unsafe { avx512_rows(planes, [record(single + at)]) };
    }
}

/// # Safety
/// The processor has AVX-512 F, BW and VNNI; the planes are of one length, and each row has as many codes or more.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
unsafe fn avx512_rows<const ROWS: usize>(planes: [&[i8]; 2], rows: [&[u8]; ROWS]) -> [i32; ROWS] {
    let length = planes[0].len();
    let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
    let whole = length / 64 * 64;
    for at in (0..whole).step_by(64) {
        // SAFETY: 64 bytes from `at` are within each slice; loads need no alignment.
        unsafe {
            let [upper, lower] = planes;
            let upper = _mm512_loadu_si512(upper.as_ptr().add(at).cast::<__m512i>());
            let lower = _mm512_loadu_si512(lower.as_ptr().add(at).cast::<__m512i>());
            for (sums, row) in sums.iter_mut().zip(rows) {
                let codes = _mm512_loadu_si512(row.as_ptr().add(at).cast::<__m512i>());
                sums[0] = _mm512_dpbusd_epi32(sums[0], codes, upper);
                sums[1] = _mm512_dpbusd_epi32(sums[1], codes, lower);
            }
        }
    }
    if whole < length {
        let mask = (1 << (length - whole)) - 1;
        // SAFETY: the mask ends where the planes do.
        unsafe {
            let [upper, lower] = planes;
            let upper = _mm512_maskz_loadu_epi8(mask, upper.as_ptr().add(whole));
            let lower = _mm512_maskz_loadu_epi8(mask, lower.as_ptr().add(whole));
            for (sums, row) in sums.iter_mut().zip(rows) {
                let codes = _mm512_maskz_loadu_epi8(mask, row.as_ptr().add(whole).cast());
                sums[0] = _mm512_dpbusd_epi32(sums[0], codes, upper);
                sums[1] = _mm512_dpbusd_epi32(sums[1], codes, lower);
            }
        }
    }
    let mut products = [0; ROWS];
    for (product, [upper, lower]) in products.iter_mut().zip(sums) {
        // Each lane is the sum of its products, which does not leave 32 bits; on the way there additions may wrap.
        let lanes = _mm512_add_epi32(_mm512_slli_epi32::<8>(upper), lower);
        *product = _mm512_reduce_add_epi32(lanes);
    }
    products
}

/// # Safety
/// The processor has AVX2; each record has as many codes as there are numbers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn avx2(whole: &[i16], records: &[u8], stride: usize, products: &mut [i32]) {
    let even = whole.len() / 32 * 32;
    for (at, product) in products.iter_mut().enumerate() {
        let codes = &records[at * stride..][..whole.len()];
        let mut sums = [_mm256_setzero_si256(); 2];
        for at in (0..even).step_by(32) {
            for (half, sum) in sums.iter_mut().enumerate() {
                let at = at + 16 * half;
                // SAFETY: 16 codes and numbers from `at` are within the slices; loads need no alignment.
                let (codes, values) = unsafe {
                    (
                        _mm_loadu_si128(codes.as_ptr().add(at).cast::<__m128i>()),
                        _mm256_loadu_si256(whole.as_ptr().add(at).cast::<__m256i>()),
                    )
                };
                let products = _mm256_madd_epi16(_mm256_cvtepu8_epi16(codes), values);
                *sum = _mm256_add_epi32(*sum, products);
            }
        }
        *product =
            total(_mm256_add_epi32(sums[0], sums[1])) + plain(&whole[even..], &codes[even..]);
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn total(lanes: __m256i) -> i32 {
    let half = _mm_add_epi32(
        _mm256_castsi256_si128(lanes),
        _mm256_extracti128_si256::<1>(lanes),
    );
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b0100_1110>(half));
    _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32::<0b1011_0001>(half)))
}
