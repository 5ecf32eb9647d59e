//! The rule of diversity over rows of a distance table: the same loop, compiled for what processors have.
//!
//! It compares and computes nothing, so that every path gives the same.

/// Compares so many at a time before it looks for the least.
const PIECE: usize = 128;

/// See [`Kernel::cover`](super::Kernel::cover).
#[inline(always)]
pub(super) fn plain(distances: &[f32], others: &[f32], left: &mut [f32]) -> Option<usize> {
    const NONE: u32 = f32::INFINITY.to_bits();
    let (mut least, mut piece) = (NONE, 0);
    let pieces = left.chunks_mut(PIECE);
    let pieces = pieces
        .zip(distances.chunks(PIECE))
        .zip(others.chunks(PIECE));
    for (at, ((left, distances), others)) in pieces.enumerate() {
        // What is not negative is ordered as its bits are, which is a minimum without a thought of NaN.
        let mut here = NONE;
        for ((left, distance), other) in left.iter_mut().zip(distances).zip(others) {
            *left = if other <= distance {
                f32::INFINITY
            } else {
                *left
            };
            here = here.min(left.to_bits());
        }
        if here < least {
            (least, piece) = (here, at * PIECE);
        }
    }
    if least == NONE {
        return None;
    }
    let within = left[piece..]
        .iter()
        .position(|left| left.to_bits() == least);
    within.map(|within| piece + within)
}

/// The same.
///
/// # Safety
/// The processor has AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
pub(super) unsafe fn avx2(distances: &[f32], others: &[f32], left: &mut [f32]) -> Option<usize> {
    plain(distances, others, left)
}

/// The same.
///
/// # Safety
/// The processor has AVX-512 F.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn avx512(distances: &[f32], others: &[f32], left: &mut [f32]) -> Option<usize> {
    plain(distances, others, left)
}
