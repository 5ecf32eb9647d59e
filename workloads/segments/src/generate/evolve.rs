//! How a child's chromosome descends from its parent's: substitutions, insertions, deletions and rearrangements.

use super::ancestor::Families;
use super::random::Random;
use super::strand::{push_random, push_turned, substitute};

/// Writes the child of `parent` over `child`; changes are `gap` bases apart in the mean.
pub(super) fn evolve(
    parent: &[u8],
    gap: usize,
    families: &Families,
    mut random: Random,
    child: &mut Vec<u8>,
) {
    let random = &mut random;
    child.clear();
    child.reserve(parent.len() + parent.len() / 64);
    // What lies before `done` is already in the child, or deleted.
    let mut done = 0;
    let mut at = random.step(gap);
    while at < parent.len() {
        child.extend_from_slice(&parent[done..at]);
        let ahead = |bases: usize| parent.len().min(at + bases);
        done = at;
        match random.below(10_000) {
            0..8800 => {
                child.push(substitute(parent[at], random));
                done = at + 1;
            }
            8800..9370 => {
                let bases = random.short_length();
                push_random(child, random, bases);
            }
            9370..9940 => done = ahead(random.short_length()),
            9940..9965 => {
                let bases = 20 + random.below(500);
                push_random(child, random, bases);
            }
            9965..9990 => done = ahead(20 + random.below(500)),
            9990..9992 => {
                let bases = 500 + random.below(7500);
                push_random(child, random, bases);
            }
            9992..9994 => done = ahead(500 + random.below(7500)),
            // Twice in tandem.
            9994..9996 => {
                done = ahead(300 + random.below(4700));
                child.extend_from_slice(&parent[at..done]);
                child.extend_from_slice(&parent[at..done]);
            }
            // Turned in place.
            9996..9998 => {
                done = ahead(1000 + random.below(29_000));
                push_turned(child, &parent[at..done]);
            }
            _ => child.extend_from_slice(&families.copy(random)),
        }
        at = done.max(at + 1) + random.step(gap);
    }
    child.extend_from_slice(&parent[done..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generate::strand::random_strand;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_child_is_a_strand_however_short_its_parent(
            seed: u64,
            bases in 0_usize..3000,
            gap in 1_usize..50,
        ) {
            let families = Families::new(seed);
            let parent = random_strand(Random::stream(seed, &[1]), bases);
            let mut child = b"of an earlier parent".to_vec();
            evolve(&parent, gap, &families, Random::stream(seed, &[2]), &mut child);
            prop_assert!(child.iter().all(|base| b"ACGT".contains(base)));
            let mut again = Vec::new();
            evolve(&parent, gap, &families, Random::stream(seed, &[2]), &mut again);
            prop_assert_eq!(child, again);
        }
    }

    #[test]
    fn the_gap_decides_how_far_a_child_diverges() {
        let families = Families::new(1);
        let parent = random_strand(Random::stream(1, &[1]), 20_000);
        let unchanged_to = |gap| {
            let mut child = Vec::new();
            let random = Random::stream(1, &[2]);
            evolve(&parent, gap, &families, random, &mut child);
            parent
                .iter()
                .zip(&child)
                .take_while(|(a, b)| a == b)
                .count()
        };
        assert!(unchanged_to(10) < 20);
        assert!(unchanged_to(4000) < 8000);
        assert_eq!(unchanged_to(1 << 30), parent.len());
    }
}
