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

use crate::simd::{Kind, Simd};

/// The product of `whole` with `codes`; `planes` are the upper and lower bytes of `whole`.
///
/// No partial sum of the products leaves 32 bits.
pub(super) fn product(simd: Simd, planes: [&[i8]; 2], whole: &[i16], codes: &[u8]) -> i32 {
    let length = codes.len();
    assert!(whole.len() == length && planes.iter().all(|plane| plane.len() == length));
    match simd.kind() {
        // SAFETY: there is a `Simd` only of what the processor has; all are of one length.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512(planes, codes) },
        // SAFETY: the same.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { avx2(whole, codes) },
        Kind::Plain => plain(whole, codes),
    }
}

fn plain(whole: &[i16], codes: &[u8]) -> i32 {
    let products = whole.iter().zip(codes);
    products
        .map(|(&value, &code)| i32::from(value) * i32::from(code))
        .sum()
}

/// # Safety
/// The processor has AVX-512 F, BW and VNNI; all slices are of one length.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
unsafe fn avx512(planes: [&[i8]; 2], codes: &[u8]) -> i32 {
    let mut sums = [_mm512_setzero_si512(); 2];
    let whole = codes.len() / 64 * 64;
    for at in (0..whole).step_by(64) {
        // SAFETY: 64 bytes from `at` are within each slice; loads need no alignment.
        unsafe {
            let codes = _mm512_loadu_si512(codes.as_ptr().add(at).cast::<__m512i>());
            for (sum, plane) in sums.iter_mut().zip(planes) {
                let plane = _mm512_loadu_si512(plane.as_ptr().add(at).cast::<__m512i>());
                *sum = _mm512_dpbusd_epi32(*sum, codes, plane);
            }
        }
    }
    if whole < codes.len() {
        let mask = (1 << (codes.len() - whole)) - 1;
        // SAFETY: the mask ends where the slices do.
        unsafe {
            let codes = _mm512_maskz_loadu_epi8(mask, codes.as_ptr().add(whole).cast());
            for (sum, plane) in sums.iter_mut().zip(planes) {
                let plane = _mm512_maskz_loadu_epi8(mask, plane.as_ptr().add(whole));
                *sum = _mm512_dpbusd_epi32(*sum, codes, plane);
            }
        }
    }
    // Each lane is the sum of its products, which does not leave 32 bits; on the way there additions may wrap.
    _mm512_reduce_add_epi32(_mm512_add_epi32(_mm512_slli_epi32::<8>(sums[0]), sums[1]))
}

/// # Safety
/// The processor has AVX2; both slices are of one length.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn avx2(whole: &[i16], codes: &[u8]) -> i32 {
    let mut sums = [_mm256_setzero_si256(); 2];
    let even = codes.len() / 32 * 32;
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
    let lanes = _mm256_add_epi32(sums[0], sums[1]);
    let half = _mm_add_epi32(
        _mm256_castsi256_si128(lanes),
        _mm256_extracti128_si256::<1>(lanes),
    );
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b0100_1110>(half));
    let sum = _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32::<0b1011_0001>(half)));
    sum + plain(&whole[even..], &codes[even..])
}
