//! SplitMix64 (Steele, Lea, Flood 2014) used as a counter: number `i` of a stream is a function of `i`.

/// What a stream's state grows by.
pub(super) const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// What its state is multiplied with.
pub(super) const FIRST: u64 = 0xBF58_476D_1CE4_E5B9;
pub(super) const SECOND: u64 = 0x94D0_49BB_1331_11EB;

/// The mean sum of eight bytes.
pub(super) const MEAN: i32 = 1020;

/// Number `index` of stream `seed`.
#[inline(always)]
pub(super) const fn word(seed: u64, index: u64) -> u64 {
    mixed(seed.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN)))
}

#[inline(always)]
pub(super) const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(FIRST);
    let state = (state ^ (state >> 27)).wrapping_mul(SECOND);
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
    (all & 0xFFFF) as i32 - MEAN
}

/// The first eight numbers of a master seed, which are seeds of streams.
pub(super) fn seeds(master: u64) -> [u64; 8] {
    std::array::from_fn(|at| word(master, at as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bells_are_sums_of_bytes() {
        for word in [0, u64::MAX, 1, 0x0102_0304_0506_0708, word(7, 9)] {
            let sum: i32 = word.to_le_bytes().into_iter().map(i32::from).sum();
            assert_eq!(bell(word), sum - 1020);
        }
    }
}
