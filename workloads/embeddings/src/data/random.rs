//! SplitMix64 (Steele, Lea, Flood 2014) used as a counter: number `i` of a stream is a function of `i`.

use crate::simd::compiled_for_each;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Number `index` of stream `seed`.
#[inline(always)]
pub(super) const fn word(seed: u64, index: u64) -> u64 {
    mixed(seed.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN)))
}

#[inline(always)]
const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// A number below `bound`, of a word: its share of the range of words.
#[inline]
pub(super) const fn below(word: u64, bound: u64) -> u64 {
    ((word as u128 * bound as u128) >> 64) as u64
}

/// Sum of the bytes of a word, less their mean: bell-shaped, from -1020 to 1020, of deviation 209.
#[inline(always)]
pub(super) const fn bell(word: u64) -> i32 {
    const EVEN: u64 = 0x00FF_00FF_00FF_00FF;
    let pairs = (word & EVEN) + ((word >> 8) & EVEN);
    let fours = pairs + (pairs >> 32);
    let all = fours + (fours >> 16);
    (all & 0xFFFF) as i32 - 1020
}

/// The first eight numbers of a master seed, which are seeds of streams.
pub(super) fn seeds(master: u64) -> [u64; 8] {
    std::array::from_fn(|at| word(master, at as u64))
}

#[inline(always)]
fn add(seed: u64, first: u64, factor: i32, sums: &mut [i32]) {
    let start = seed.wrapping_add(first.wrapping_add(1).wrapping_mul(GOLDEN));
    for (at, sum) in sums.iter_mut().enumerate() {
        let state = start.wrapping_add((at as u64).wrapping_mul(GOLDEN));
        *sum += factor * bell(mixed(state));
    }
}

compiled_for_each! {
    /// Adds `factor` times the [bells](bell) of stream `seed` from number `first` on to `sums`.
    pub(super) fn add_bells(seed: u64, first: u64, factor: i32, sums: &mut [i32]) = add
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Simd;

    #[test]
    fn bells_are_sums_of_bytes() {
        for word in [0, u64::MAX, 1, 0x0102_0304_0506_0708, word(7, 9)] {
            let sum: i32 = word.to_le_bytes().into_iter().map(i32::from).sum();
            assert_eq!(bell(word), sum - 1020);
        }
    }

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
