//! Seeded streams of numbers: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of SplitMix64.
pub(super) fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number that seed and tags name.
pub(super) fn named(seed: u64, tags: &[u64]) -> u64 {
    let start = mix(seed.wrapping_add(GOLDEN_GAMMA));
    tags.iter().fold(start, |state, tag| {
        mix((state ^ tag.wrapping_add(1)).wrapping_mul(GOLDEN_GAMMA))
    })
}

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream of a seed that the tags name.
    pub(super) fn stream(seed: u64, tags: &[u64]) -> Self {
        Self(named(seed, tags))
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    /// A number under `range`, which is at least 1 and at most 2^32.
    pub(super) fn below(&mut self, range: u64) -> u64 {
        ((self.bits() >> 32) * range) >> 32
    }

    /// True once in so many times.
    pub(super) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// 1, and one more as long as a draw of so many in 1,000 says so; 64 at most.
    pub(super) fn run(&mut self, in_thousand: u64) -> u64 {
        let mut length = 1;
        while length < 64 && self.below(1000) < in_thousand {
            length += 1;
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The published generator's output for seed 1234567.
        let mut random = Random(1_234_567);
        let first = [(); 3].map(|()| random.bits());
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn streams_differ_by_seed_and_tags() {
        let first = |seed, tags: &[u64]| Random::stream(seed, tags).bits();
        let streams = [
            first(1, &[]),
            first(1, &[1]),
            first(1, &[1, 2]),
            first(1, &[2, 1]),
            first(2, &[1]),
        ];
        let distinct: std::collections::BTreeSet<_> = streams.iter().collect();
        assert_eq!(distinct.len(), streams.len());
        let mut random = Random::stream(1, &[]);
        assert!((0..1000).all(|_| random.below(7) < 7 && (1..=64).contains(&random.run(990))));
    }
}
