//! Sums of products of 16-bit numbers, pair by pair, as processors multiply and add them in one instruction.
//!
//! The compiler finds that instruction only in part: left to it, this takes four times as long.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256i, __m512i, _mm256_add_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_storeu_si256, _mm512_add_epi32, _mm512_loadu_si512,
    _mm512_madd_epi16, _mm512_set1_epi32, _mm512_setzero_si512, _mm512_storeu_si512,
};

use super::latent::LATENT;
use crate::simd::{Kind, Simd};

/// Columns of a block.
pub(super) const COLUMNS: usize = 16;

/// Of each pair of directions, the two entries of each column side by side.
pub(super) type Block = [[i16; 2 * COLUMNS]; LATENT / 2];

type Weights = [[i16; 2]; LATENT / 2];

/// Right shift of the mixed sum.
const SHIFT: u32 = 5;

/// Adds to each sum the products of its column's entries with the weights, shifted.
pub(super) fn add_mixture(simd: Simd, blocks: &[Block], weights: &Weights, sums: &mut [i32]) {
    for (block, sums) in blocks.iter().zip(sums.chunks_mut(COLUMNS)) {
        // 32 * 1020 * 1020 at most: below 2^31.
        let mixed = match simd.kind() {
            // SAFETY: there is a `Simd` only of what the processor has.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { avx512(block, weights) },
            // SAFETY: the same.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { avx2(block, weights) },
            Kind::Plain => plain(block, weights),
        };
        for (sum, mixed) in sums.iter_mut().zip(mixed) {
            *sum += mixed >> SHIFT;
        }
    }
}

fn plain(block: &Block, weights: &Weights) -> [i32; COLUMNS] {
    let mut mixed = [0; COLUMNS];
    for (entries, &[first, second]) in block.iter().zip(weights) {
        let (pairs, _) = entries.as_chunks();
        for (mixed, &[one, other]) in mixed.iter_mut().zip(pairs) {
            *mixed += i32::from(first) * i32::from(one) + i32::from(second) * i32::from(other);
        }
    }
    mixed
}

/// # Safety
/// The processor has AVX-512 F and BW.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn avx512(block: &Block, weights: &Weights) -> [i32; COLUMNS] {
    let mut sums = _mm512_setzero_si512();
    for (entries, &weights) in block.iter().zip(weights) {
        let weights = _mm512_set1_epi32(bytemuck::cast(weights));
        // SAFETY: the entries of a pair are 64 bytes; the load needs no alignment.
        let entries = unsafe { _mm512_loadu_si512(entries.as_ptr().cast::<__m512i>()) };
        sums = _mm512_add_epi32(sums, _mm512_madd_epi16(weights, entries));
    }
    let mut mixed = [0; COLUMNS];
    // SAFETY: 16 numbers of 32 bits are 64 bytes; the store needs no alignment.
    unsafe { _mm512_storeu_si512(mixed.as_mut_ptr().cast::<__m512i>(), sums) };
    mixed
}

/// # Safety
/// The processor has AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn avx2(block: &Block, weights: &Weights) -> [i32; COLUMNS] {
    let mut sums = [_mm256_setzero_si256(); 2];
    for (entries, &weights) in block.iter().zip(weights) {
        let weights = _mm256_set1_epi32(bytemuck::cast(weights));
        for (half, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the entries of a pair are twice 32 bytes; the load needs no alignment.
            let entries =
                unsafe { _mm256_loadu_si256(entries.as_ptr().cast::<__m256i>().add(half)) };
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(weights, entries));
        }
    }
    let mut mixed = [0; COLUMNS];
    for (half, sum) in sums.into_iter().enumerate() {
        // SAFETY: 16 numbers of 32 bits are twice 32 bytes; the store needs no alignment.
        unsafe { _mm256_storeu_si256(mixed.as_mut_ptr().cast::<__m256i>().add(half), sum) };
    }
    mixed
}
