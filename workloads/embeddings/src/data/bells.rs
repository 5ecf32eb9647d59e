//! Streams of bells, eight words at a time where there is AVX-512, which multiplies words and adds up bytes by one instruction.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_loadu_si256, _mm256_mullo_epi32, _mm256_set1_epi32,
    _mm256_storeu_si256, _mm256_sub_epi32, _mm512_add_epi64, _mm512_cvtepi64_epi32,
    _mm512_mullo_epi64, _mm512_sad_epu8, _mm512_set1_epi64, _mm512_setr_epi64,
    _mm512_setzero_si512, _mm512_srli_epi64, _mm512_xor_si512,
};

use super::random::{FIRST, GOLDEN, MEAN, SECOND, bell, mixed};
use crate::simd::{Kind, Simd};

/// Adds `factor` times the [bells](bell) of stream `seed` from number `first` on to `sums`.
pub(super) fn add_bells(simd: Simd, seed: u64, first: u64, factor: i32, sums: &mut [i32]) {
    let start = seed.wrapping_add(first.wrapping_add(1).wrapping_mul(GOLDEN));
    match simd.kind() {
        // SAFETY: there is a `Simd` only of what the processor has.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512(start, factor, sums) },
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => plain(start, factor, sums),
        Kind::Plain => plain(start, factor, sums),
    }
}

fn plain(start: u64, factor: i32, sums: &mut [i32]) {
    for (at, sum) in sums.iter_mut().enumerate() {
        let state = start.wrapping_add((at as u64).wrapping_mul(GOLDEN));
        *sum += factor * bell(mixed(state));
    }
}

/// # Safety
/// The processor has AVX-512 F, BW, DQ and VL.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn avx512(start: u64, factor: i32, sums: &mut [i32]) {
    let words = |word: u64| _mm512_set1_epi64(word.cast_signed());
    let at = |lane: u64| start.wrapping_add(lane.wrapping_mul(GOLDEN)).cast_signed();
    let mut states = _mm512_setr_epi64(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7));
    let (eights, rest) = sums.as_chunks_mut::<8>();
    let done = 8 * eights.len() as u64;
    for sums in eights {
        let state = _mm512_xor_si512(states, _mm512_srli_epi64::<30>(states));
        let state = _mm512_mullo_epi64(state, words(FIRST));
        let state = _mm512_xor_si512(state, _mm512_srli_epi64::<27>(state));
        let state = _mm512_mullo_epi64(state, words(SECOND));
        let state = _mm512_xor_si512(state, _mm512_srli_epi64::<31>(state));
        let bytes = _mm512_cvtepi64_epi32(_mm512_sad_epu8(state, _mm512_setzero_si512()));
        let bells = _mm256_sub_epi32(bytes, _mm256_set1_epi32(MEAN));
        let products = _mm256_mullo_epi32(bells, _mm256_set1_epi32(factor));
        // SAFETY: eight numbers of 32 bits are 32 bytes; neither load nor store needs alignment.
        unsafe {
            let to = sums.as_mut_ptr().cast::<__m256i>();
            _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to), products));
        }
        states = _mm512_add_epi64(states, words(GOLDEN.wrapping_mul(8)));
    }
    plain(start.wrapping_add(done.wrapping_mul(GOLDEN)), factor, rest);
}

#[cfg(test)]
mod tests {
    use super::super::random::word;
    use super::*;

    #[test]
    fn every_copy_adds_the_same_bells() {
        for &simd in Simd::all() {
            let mut sums = vec![3; 77];
            add_bells(simd, 5, u64::MAX - 20, -16, &mut sums);
            for (at, sum) in sums.into_iter().enumerate() {
                let index = (u64::MAX - 20).wrapping_add(at as u64);
                assert_eq!(sum, 3 - 16 * bell(word(5, index)), "{}", simd.name());
            }
        }
    }
}
