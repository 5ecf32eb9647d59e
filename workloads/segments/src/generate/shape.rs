//! What each preset is made of.

use crate::params::Preset;

/// Chromosomes I to XVI and the mitochondrion of baker's yeast, strain S288C, in bases.
const YEAST: [usize; 17] = [
    230_218, 813_184, 316_620, 1_531_933, 576_874, 270_161, 1_090_940, 562_643, 439_888, 745_751,
    666_816, 1_078_177, 924_431, 784_333, 1_091_291, 948_066, 85_779,
];

const ROMAN: [&str; 17] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV",
    "XVI", "XVII",
];

/// A pangenome's measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// Bases of each chromosome of the ancestor; 17 at most.
    pub(super) chromosomes: Vec<usize>,
    /// The first of them is the reference, which is always haploid.
    pub(super) samples: u64,
    /// Whether the other samples have two haplotypes.
    pub(super) diploid: bool,
}

impl Shape {
    pub(super) fn of(preset: Preset) -> Self {
        let (chromosomes, samples, diploid) = match preset {
            Preset::Tiny => (vec![40_000, 25_000, 9_000, 3_000], 4, true),
            Preset::Small => (YEAST.map(|bases| bases / 10).to_vec(), 6, true),
            Preset::Yeast10 => (YEAST.to_vec(), 10, true),
            Preset::Yeast40 => (YEAST.to_vec(), 40, true),
            Preset::Bigref => (vec![12_500_000; 8], 5, false),
        };
        Self {
            chromosomes,
            samples,
            diploid,
        }
    }

    /// Haplotypes of a sample.
    pub(super) fn haplotypes(&self, sample: u64) -> u64 {
        if self.diploid && sample > 0 { 2 } else { 1 }
    }

    /// A chromosome's name; the seventeenth is the mitochondrion.
    pub(super) fn chromosome_name(&self, chromosome: usize) -> String {
        let number = match chromosome {
            16 => "MT",
            other => ROMAN[other],
        };
        format!("chr{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_have_the_bases_that_they_promise() {
        let bases = |preset| {
            let shape = Shape::of(preset);
            let haplotypes: u64 = (0..shape.samples).map(|s| shape.haplotypes(s)).sum();
            let genome: usize = shape.chromosomes.iter().sum();
            (haplotypes, genome)
        };
        assert_eq!(bases(Preset::Tiny), (7, 77_000));
        assert_eq!(bases(Preset::Small), (11, 1_215_704));
        assert_eq!(bases(Preset::Yeast10), (19, 12_157_105));
        assert_eq!(bases(Preset::Yeast40), (79, 12_157_105));
        assert_eq!(bases(Preset::Bigref), (5, 100_000_000));
    }

    #[test]
    fn the_last_chromosome_of_yeast_is_its_mitochondrion() {
        let shape = Shape::of(Preset::Small);
        assert_eq!(shape.chromosome_name(15), "chrXVI");
        assert_eq!(shape.chromosome_name(16), "chrMT");
    }
}
