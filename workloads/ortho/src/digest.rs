//! The hash of one ortho, of which the digests of a set are the sum and the exclusive or.

/// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[inline(always)]
pub const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The increment of SplitMix64: 2^64 over the golden ratio.
pub const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Takes the next number of an ortho, a dim or a cell, into a hash begun by [`begin`].
#[inline(always)]
pub const fn absorb(hash: u64, number: u64) -> u64 {
    mix(hash.wrapping_add(GOLDEN_GAMMA) ^ number)
}

/// Takes more cells into a hash.
#[inline(always)]
pub fn fold(hash: u64, cells: &[u32]) -> u64 {
    cells
        .iter()
        .fold(hash, |hash, &cell| absorb(hash, u64::from(cell)))
}

/// The hash of a shape before its cells.
pub fn begin(dims: &[usize]) -> u64 {
    let start = mix(0x6F72_7468_6F00_0001 ^ dims.len() as u64);
    dims.iter()
        .fold(start, |hash, &dim| absorb(hash, dim as u64))
}

/// The hash of an ortho: `cells` in cell order, 0 where empty and word index + 1 elsewhere.
pub fn ortho_hash(dims: &[usize], cells: &[u32]) -> u64 {
    fold(begin(dims), cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_orthos_have_known_hashes() {
        assert_eq!(ortho_hash(&[2, 2], &[1, 0, 0, 0]), 0x138d_c98f_6707_be76);
        assert_eq!(ortho_hash(&[2, 2], &[1, 2, 0, 0]), 0xa026_90b8_6a65_c79f);
        assert_eq!(
            ortho_hash(&[3, 2], &[1, 2, 3, 4, 0, 0]),
            0xdd73_8e2b_5f59_0573
        );
    }
}
