//! Seeded streams of numbers: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
/// Spreads the tags of streams: an odd multiplier.
const TAG_FACTOR: u64 = 0xd134_2543_de82_ef95;

/// The finalizer of SplitMix64.
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stream of numbers.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The generator's own stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of a seed that the tags name.
    pub(super) fn stream(seed: u64, tags: &[u64]) -> Self {
        let start = mix(seed.wrapping_add(GOLDEN_GAMMA));
        Self(tags.iter().fold(start, |state, tag| {
            mix(state ^ tag.wrapping_add(1).wrapping_mul(TAG_FACTOR))
        }))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    /// A number under `range`, which is at least 1, from the high half of a draw.
    pub fn below(&mut self, range: usize) -> usize {
        debug_assert!((1..=1 << 32).contains(&range), "{range}");
        (((self.bits() >> 32) * range as u64) >> 32) as usize
    }

    /// The way from one change to the next where changes are `gap` apart in the mean, counted from 0: even from 0
    /// to 2 `gap` - 2.
    pub(super) fn step(&mut self, gap: usize) -> usize {
        self.below(2 * gap - 1)
    }

    /// One half.
    pub(super) fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    /// The length of a short insertion or deletion: each one more half as likely, from 1 to 16.
    pub(super) fn short_length(&mut self) -> usize {
        1 + self.bits().trailing_ones().min(15) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The published generator's output for seed 1234567.
        let mut random = Random::new(1_234_567);
        let first = [(); 5].map(|()| random.bits());
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821
            ]
        );
    }

    proptest! {
        #[test]
        fn numbers_stay_in_range(seed: u64, range in 1_usize..=1 << 32, gap in 1_usize..100_000) {
            let mut random = Random::stream(seed, &[7]);
            for _ in 0..50 {
                prop_assert!(random.below(range) < range);
                prop_assert!(random.step(gap) <= 2 * gap - 2);
                prop_assert!((1..=16).contains(&random.short_length()));
            }
        }

        #[test]
        fn streams_differ_by_seed_tag_order_and_number_of_tags(seed: u64, a in 0_u64..100, b in 100_u64..200) {
            let first = |seed, tags: &[u64]| Random::stream(seed, tags).bits();
            let streams = [
                first(seed, &[]),
                first(seed, &[a]),
                first(seed, &[a, b]),
                first(seed, &[b, a]),
                first(seed, &[a, b, 0]),
                first(seed.wrapping_add(1), &[a, b]),
            ];
            let distinct: std::collections::BTreeSet<_> = streams.iter().collect();
            prop_assert_eq!(distinct.len(), streams.len());
        }
    }

    #[test]
    fn every_number_comes_about_equally_often() {
        let mut random = Random::stream(1, &[]);
        let mut seen = [0_u32; 10];
        for _ in 0..100_000 {
            seen[random.below(10)] += 1;
        }
        // A standard deviation is 95.
        assert!(seen.iter().all(|n| n.abs_diff(10_000) < 500), "{seen:?}");
        let short = (0..100_000)
            .map(|_| random.short_length())
            .filter(|n| *n == 1);
        assert!(short.count().abs_diff(50_000) < 800);
    }
}
