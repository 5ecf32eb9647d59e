//! Random numbers by counter: every stream begins at a place computed from the seed, its number and an index.

/// Step of the counter, 2^64 over the golden ratio (Steele, Lea and Flood 2014, SplitMix64).
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
/// Spreads indices over the states; odd, unrelated to the step.
const INDEX: u64 = 0xD1B5_4A32_D192_ED03;

/// A random sequence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rng(u64);

impl Rng {
    /// The sequence of an index in a stream.
    pub(crate) fn new(seed: u64, stream: u64, index: u64) -> Self {
        let place = stream
            .wrapping_mul(STEP)
            .wrapping_add(index.wrapping_mul(INDEX));
        Self(mix(mix(seed.wrapping_add(STEP)) ^ mix(place)))
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// Uniform in [0, 1), in steps of 2^-24.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 * (1.0 / 16_777_216.0)
    }

    /// Nearly normal: the sum of four uniforms, mean 0, variance 1, nothing beyond 3.46.
    pub(crate) fn normal(&mut self) -> f32 {
        let bits = self.next();
        let quarters = [bits, bits >> 16, bits >> 32, bits >> 48];
        let sum: i32 = quarters.iter().map(|bits| i32::from(*bits as u16)).sum();
        (sum - 131_070) as f32 * 2.6429e-5
    }
}

/// Finisher of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z ^= z >> 30;
    z = z.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^= z >> 27;
    z = z.wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
