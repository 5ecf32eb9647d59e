//! Values of a query, bit by bit: sums over the signs of a row are counts of bits (as in RaBitQ, Gao and Long 2024).

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_maskz_loadu_epi8,
    _mm512_popcnt_epi64, _mm512_reduce_add_epi64, _mm512_setzero_si512, _mm512_sub_epi64,
};

use crate::search::check_records;
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

    /// The sum of all values with the signs of each payload.
    pub(super) fn score(&self, simd: Simd, records: &[u8], stride: usize, scores: &mut [f32]) {
        check_records(records, stride, self.bytes, scores.len());
        match simd.kind() {
            // SAFETY: there is a `Simd` only of what the processor has; there are signs for each score.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { self.avx512(records, stride, scores) },
            // SAFETY: the same.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { self.with_popcnt(records, stride, scores) },
            Kind::Plain => self.plain(records, stride, scores),
        }
    }

    /// Positive values less the others.
    #[inline(always)]
    fn signed(&self, positive: i32) -> f32 {
        self.unit * (2 * positive - self.all) as f32
    }

    #[inline(always)]
    fn plain(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        for (at, score) in scores.iter_mut().enumerate() {
            *score = self.signed(positive(
                &self.blocks,
                &records[at * stride..][..self.bytes],
            ));
        }
    }

    /// # Safety
    /// The processor has POPCNT.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,popcnt")]
    unsafe fn with_popcnt(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        self.plain(records, stride, scores);
    }

    /// # Safety
    /// The processor has AVX-512 F, BW and VPOPCNTDQ, and there are signs for each score.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq")]
    unsafe fn avx512(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        // Signs in the last block: 1 to 64.
        let mask = u64::MAX >> ((BLOCK - self.bytes % BLOCK) % BLOCK);
        let last = self.blocks.len() - 1;
        for (at, score) in scores.iter_mut().enumerate() {
            let signs = records[at * stride..][..self.bytes].as_ptr();
            let mut all = _mm512_setzero_si512();
            for (block, planes) in self.blocks.iter().enumerate() {
                // SAFETY: all blocks but the last have 64 bytes, and the mask ends where that does.
                let signs = unsafe {
                    let mask = if block < last { u64::MAX } else { mask };
                    _mm512_maskz_loadu_epi8(mask, signs.add(BLOCK * block).cast())
                };
                all = _mm512_add_epi64(all, positive_lanes(planes, signs));
            }
            *score = self.signed(_mm512_reduce_add_epi64(all) as i32);
        }
    }
}

/// In each lane the sum of the values whose sign is positive.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq")]
fn positive_lanes(planes: &[[u8; BLOCK]; PLANES], signs: __m512i) -> __m512i {
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
    sum
}

/// The sum of the values whose sign is positive.
#[inline(always)]
fn positive(blocks: &[[[u8; BLOCK]; PLANES]], signs: &[u8]) -> i32 {
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
