//! Which levels a vector is on: a function of its id alone.
//!
//! A vector is on level l when the hash of its id is below 2^64 / M^l: the exponential distribution of the paper
//! (Malkov and Yashunin, 2018, section 4), without a generator to share or a logarithm to round.

/// The levels of all ids, for one M and seed.
#[derive(Debug)]
pub(super) struct Levels {
    seed: u64,
    thresholds: Vec<u64>,
}

impl Levels {
    pub(super) fn new(m: usize, seed: u64) -> Self {
        let next = |above: &u128| Some(above / m as u128).filter(|threshold| *threshold > 0);
        let thresholds = std::iter::successors(next(&(1 << 64)), next)
            .map(|threshold| u64::try_from(threshold).unwrap_or(u64::MAX))
            .collect();
        Self { seed, thresholds }
    }

    /// The highest level that vector `id` is on.
    pub(super) fn of(&self, id: u32) -> u8 {
        let hash = mix(mix(self.seed).wrapping_add(u64::from(id)));
        // At most 64, for M is 2 at least.
        self.thresholds
            .partition_point(|threshold| hash < *threshold) as u8
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014), after one step of its counter.
pub(super) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_m_is_on_the_next_level() {
        for m in [2, 16, 48, 127] {
            let levels = Levels::new(m, 42);
            let ids = 200_000;
            let mut above = vec![0_u32; 65];
            for id in 0..ids {
                for count in &mut above[..=usize::from(levels.of(id))] {
                    *count += 1;
                }
            }
            for pair in above.windows(2).take_while(|pair| pair[1] > 300) {
                let ratio = f64::from(pair[0]) / f64::from(pair[1]);
                assert!((ratio / m as f64 - 1.0).abs() < 0.2, "{m}: {ratio}");
            }
        }
    }

    #[test]
    fn a_seed_gives_levels_of_its_own() {
        let levels = [1, 2].map(|seed| Levels::new(4, seed));
        assert!((0..100).any(|id| levels[0].of(id) != levels[1].of(id)));
    }
}
