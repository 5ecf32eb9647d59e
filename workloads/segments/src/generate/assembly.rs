//! What an assembler reports of a chromosome: scaffold gaps, turned contigs, broken contigs.

use super::random::Random;
use super::strand::turned;

/// Stands for a gap of unknown length.
const GAP: [u8; 100] = [b'N'; 100];

/// Gives `chromosome` the flaws that are drawn; the places at which it is broken, ascending and within it.
pub(super) fn flaw(chromosome: &mut Vec<u8>, random: &mut Random) -> Vec<usize> {
    let [gap, backward, broken] = [10, 10, 66].map(|percent| random.below(100) < percent);
    if gap {
        let at = random.below(chromosome.len());
        chromosome.splice(at..at, GAP);
    }
    if backward {
        *chromosome = turned(chromosome);
    }
    let mut breaks = Vec::new();
    if broken {
        let count = 1 + random.below(2);
        breaks.extend((0..count).map(|_| 1 + random.below(chromosome.len() - 1)));
        breaks.sort_unstable();
        breaks.dedup();
    }
    breaks
}

/// The contigs between the breaks, each with what tells it from the others in its name.
pub(super) fn contigs<'a>(
    chromosome: &'a [u8],
    breaks: &'a [usize],
) -> impl Iterator<Item = (&'static str, &'a [u8])> {
    let names = match breaks {
        [] => &[""][..],
        _ => &["_a", "_b", "_c"],
    };
    let starts = std::iter::once(0).chain(breaks.iter().copied());
    let ends = breaks.iter().copied().chain([chromosome.len()]);
    names
        .iter()
        .zip(starts.zip(ends))
        .map(|(name, (start, end))| (*name, &chromosome[start..end]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generate::strand::random_strand;

    proptest! {
        #[test]
        fn contigs_make_up_the_chromosome_and_its_gap(seed: u64, bases in 50_usize..500) {
            let original = random_strand(Random::stream(seed, &[1]), bases);
            let mut chromosome = original.clone();
            let breaks = flaw(&mut chromosome, &mut Random::stream(seed, &[2]));
            let parts: Vec<_> = contigs(&chromosome, &breaks).collect();
            prop_assert_eq!(parts.len(), breaks.len() + 1);
            prop_assert!(parts.iter().all(|(_, contig)| !contig.is_empty()));
            let joined: Vec<u8> = parts.iter().flat_map(|(_, contig)| *contig).copied().collect();
            prop_assert_eq!(&joined, &chromosome);
            let gap = joined.iter().filter(|base| **base == b'N').count();
            prop_assert!(gap == 0 || gap == 100);
            let bases: Vec<u8> = joined.into_iter().filter(|base| *base != b'N').collect();
            prop_assert!(bases == original || turned(&bases) == original);
        }
    }

    #[test]
    fn broken_contigs_are_lettered() {
        let named = |breaks: &[usize]| -> Vec<_> {
            contigs(b"ACGTA", breaks).map(|(name, _)| name).collect()
        };
        assert_eq!(named(&[]), [""]);
        assert_eq!(named(&[2]), ["_a", "_b"]);
        assert_eq!(named(&[2, 3]), ["_a", "_b", "_c"]);
    }
}
