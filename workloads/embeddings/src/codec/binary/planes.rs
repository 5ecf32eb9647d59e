//! Values of a query, bit by bit: sums over the signs of a row are counts of bits (as in RaBitQ, Gao and Long 2024).

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_maskz_loadu_epi8,
    _mm512_popcnt_epi64, _mm512_reduce_add_epi64, _mm512_setzero_si512, _mm512_sub_epi64,
};

use crate::simd::{Kind, Simd};

/// Bits of a value. With six the rounding of the query is a twentieth of what the signs leave out of a row.
pub(super) const PLANES: usize = 6;

/// Bytes of a block of signs that is scored at a time.
const BLOCK: usize = 64;

/// The bits of all values, block after block of 64 bytes of signs, in each the planes from the top one, that of the sign, down.
/// Bits past the last value are zero.
pub(super) struct Planes {
    blocks: Vec<[[u8; BLOCK]; PLANES]>,
    bytes: usize,
    /// Sum of all values.
    all: i32,
    unit: f32,
}

impl Planes {
    pub(super) fn new(query: &[f32]) -> Self {
        let most = f64::from((1 << (PLANES - 1)) - 1);
        let widest = query
            .iter()
            .fold(0.0_f64, |widest, &value| widest.max(f64::from(value).abs()));
        let unit = widest / most;
        let bytes = query.len().div_ceil(8);
        let mut blocks = vec![[[0; BLOCK]; PLANES]; bytes.div_ceil(BLOCK)];
        let mut all = 0;
        for (at, &value) in query.iter().enumerate() {
            // Nothing but zeros: 0 / 0, which is 0 as an integer.
            let whole = (f64::from(value) / unit).round_ties_even() as i32;
            all += whole;
            let (byte, bit) = (at / 8, at % 8);
            for (plane, bits) in blocks[byte / BLOCK].iter_mut().enumerate() {
                let set = whole >> (PLANES - 1 - plane) & 1;
                bits[byte % BLOCK] |= (set as u8) << bit;
            }
        }
        Self {
            blocks,
            bytes,
            all,
            unit: unit as f32,
        }
    }

    /// Bytes of a payload.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The sum of all values with the signs of each payload.
    pub(super) fn score(&self, simd: Simd, records: &[u8], stride: usize, scores: &mut [f32]) {
        for (at, score) in scores.iter_mut().enumerate() {
            let signs = &records[at * stride..][..self.bytes];
            let positive = match simd.kind() {
                // SAFETY: there is a `Simd` only of what the processor has; there is a block for each 64 signs begun.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => unsafe { avx512(&self.blocks, signs) },
                // SAFETY: the same.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx2 => unsafe { with_popcnt(&self.blocks, signs) },
                Kind::Plain => plain(&self.blocks, signs),
            };
            // Positive ones less the others.
            *score = self.unit * (2 * positive - self.all) as f32;
        }
    }
}

/// The sum of the values whose sign is positive.
#[inline(always)]
fn plain(blocks: &[[[u8; BLOCK]; PLANES]], signs: &[u8]) -> i32 {
    let mut sums = [0; PLANES];
    for (planes, signs) in blocks.iter().zip(signs.chunks(BLOCK)) {
        for (sum, plane) in sums.iter_mut().zip(planes) {
            let (words, end) = signs.as_chunks::<8>();
            let (of_plane, _) = plane.as_chunks::<8>();
            for (a, b) in words.iter().zip(of_plane) {
                *sum += (u64::from_le_bytes(*a) & u64::from_le_bytes(*b)).count_ones() as i32;
            }
            for (a, b) in end.iter().zip(&plane[8 * words.len()..]) {
                *sum += (a & b).count_ones() as i32;
            }
        }
    }
    // The top plane counts negative, as in two's complement.
    let top = -sums[0];
    sums[1..].iter().fold(top, |sum, bits| 2 * sum + bits)
}

/// # Safety
/// The processor has POPCNT.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
unsafe fn with_popcnt(blocks: &[[[u8; BLOCK]; PLANES]], signs: &[u8]) -> i32 {
    plain(blocks, signs)
}

/// # Safety
/// The processor has AVX-512 F, BW and VPOPCNTDQ, and there is a block for each 64 signs begun.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq")]
unsafe fn avx512(blocks: &[[[u8; BLOCK]; PLANES]], signs: &[u8]) -> i32 {
    let mut all = _mm512_setzero_si512();
    for (planes, signs) in blocks.iter().zip(signs.chunks(BLOCK)) {
        // SAFETY: a whole block is 64 bytes, and the mask ends where a shorter one does.
        let signs = unsafe {
            if signs.len() == BLOCK {
                _mm512_loadu_si512(signs.as_ptr().cast::<__m512i>())
            } else {
                _mm512_maskz_loadu_epi8((1 << signs.len()) - 1, signs.as_ptr().cast())
            }
        };
        let mut sum = _mm512_setzero_si512();
        for (at, plane) in planes.iter().enumerate() {
            // SAFETY: a plane of a block is 64 bytes; the load needs no alignment.
            let plane = unsafe { _mm512_loadu_si512(plane.as_ptr().cast::<__m512i>()) };
            let bits = _mm512_popcnt_epi64(_mm512_and_si512(signs, plane));
            sum = match at {
                // The top plane counts negative, as in two's complement.
                0 => _mm512_sub_epi64(sum, bits),
                _ => _mm512_add_epi64(_mm512_add_epi64(sum, sum), bits),
            };
        }
        all = _mm512_add_epi64(all, sum);
    }
    _mm512_reduce_add_epi64(all) as i32
}
