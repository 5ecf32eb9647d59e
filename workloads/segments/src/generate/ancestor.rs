//! The genome that all others descend from: drawn bases with repeats laid over them.

use super::random::Random;
use super::shape::Shape;
use super::strand::{random_strand, sprinkle, turned};

/// Chromosomes of at least so many bases carry mobile elements, subtelomeres and the tandem array.
const BIG: usize = 60_000;
/// Mobile elements come in so many families.
const FAMILIES: usize = 3;
const SHORT_REPEATS: usize = 20;

/// Mobile elements: families of long repeats that insert copies of themselves anywhere.
#[derive(Debug)]
pub(super) struct Families([Vec<u8>; FAMILIES]);

impl Families {
    pub(super) fn new(seed: u64) -> Self {
        Self(std::array::from_fn(|family| {
            random_strand(Random::stream(seed, &[10, family as u64]), 5900)
        }))
    }

    /// A copy of a family's element, 1 % diverged, in either direction.
    pub(super) fn copy(&self, random: &mut Random) -> Vec<u8> {
        let mut copy = self.0[random.below(FAMILIES)].clone();
        sprinkle(&mut copy, random, 100);
        if random.coin() { turned(&copy) } else { copy }
    }
}

/// The ancestor's chromosomes.
pub(super) fn ancestor(seed: u64, shape: &Shape, families: &Families) -> Vec<Vec<u8>> {
    let mut genome: Vec<_> = (0..)
        .zip(&shape.chromosomes)
        .map(|(chromosome, bases)| random_strand(Random::stream(seed, &[20, chromosome]), *bases))
        .collect();
    let total: usize = shape.chromosomes.iter().sum();
    let mut random = Random::stream(seed, &[21]);
    let big: Vec<_> = (0..genome.len())
        .filter(|chromosome| genome[*chromosome].len() >= BIG)
        .collect();
    if !big.is_empty() {
        for _ in 0..total / 300_000 {
            let chromosome = &mut genome[big[random.below(big.len())]];
            let element = families.copy(&mut random);
            lay_anywhere(chromosome, &element, &mut random);
        }
        let subtelomere = random_strand(Random::stream(seed, &[11]), 6500);
        for chromosome in big.iter().filter(|chromosome| **chromosome % 2 == 0) {
            lay_ends(&mut genome[*chromosome], &subtelomere, &mut random);
        }
        lay_tandem(
            &mut genome,
            &random_strand(Random::stream(seed, &[13]), 9100),
        );
    }
    lay_short_repeats(&mut genome, seed, total / 45_000, &mut random);
    genome
}

/// Puts a repeat over what is there, at a place drawn.
fn lay_anywhere(chromosome: &mut [u8], repeat: &[u8], random: &mut Random) {
    let at = random.below(chromosome.len() - repeat.len());
    chromosome[at..at + repeat.len()].copy_from_slice(repeat);
}

/// Two diverged copies, which mirror each other, at the ends.
fn lay_ends(chromosome: &mut [u8], subtelomere: &[u8], random: &mut Random) {
    let mut copy = subtelomere.to_vec();
    sprinkle(&mut copy, random, 200);
    chromosome[..copy.len()].copy_from_slice(&copy);
    copy.copy_from_slice(subtelomere);
    sprinkle(&mut copy, random, 200);
    let start = chromosome.len() - copy.len();
    chromosome[start..].copy_from_slice(&turned(&copy));
}

/// Two equal units in a row, on the longest chromosome (the first of equals).
fn lay_tandem(genome: &mut [Vec<u8>], unit: &[u8]) {
    let longest = genome
        .iter_mut()
        .rev()
        .max_by_key(|chromosome| chromosome.len());
    if let Some(chromosome) = longest {
        let at = chromosome.len() / 3;
        let units = [unit, unit].concat();
        chromosome[at..at + units.len()].copy_from_slice(&units);
    }
}

/// Exact copies of a few short repeats, on all chromosomes and in both directions.
fn lay_short_repeats(genome: &mut [Vec<u8>], seed: u64, count: usize, random: &mut Random) {
    let kinds: [_; SHORT_REPEATS] =
        std::array::from_fn(|kind| random_strand(Random::stream(seed, &[12, kind as u64]), 80));
    for _ in 0..count {
        let chromosome = random.below(genome.len());
        let mut repeat = kinds[random.below(SHORT_REPEATS)].clone();
        if random.coin() {
            repeat = turned(&repeat);
        }
        lay_anywhere(&mut genome[chromosome], &repeat, random);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Preset;

    #[test]
    fn repeats_lie_over_the_drawn_bases() {
        let shape = Shape::of(Preset::Small);
        let genome = ancestor(5, &shape, &Families::new(5));
        let lengths: Vec<_> = genome.iter().map(Vec::len).collect();
        assert_eq!(lengths, shape.chromosomes);
        let longest = &genome[3];
        let at = longest.len() / 3;
        let (first, second) = longest[at..at + 18_200].split_at(9100);
        let differing = first.iter().zip(second).filter(|(a, b)| a != b).count();
        // Short repeats may lie over either unit.
        assert!(differing <= 4 * 80, "{differing}");
        // Chromosome XV, the only big one of even index besides VII, has mirrored ends.
        let ends = &genome[14];
        let tail = turned(&ends[ends.len() - 6500..]);
        let differing = ends.iter().zip(&tail).filter(|(a, b)| a != b).count();
        assert!((30..500).contains(&differing), "{differing}");
    }
}
