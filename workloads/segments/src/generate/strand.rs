//! Strands of DNA as letters: drawn, turned, and changed in place.

use super::random::Random;

/// 38 % of the bases are C or G.
const BASES: [u8; 256] = {
    let mut bases = [b'T'; 256];
    let mut byte = 0;
    while byte < 177 {
        bases[byte] = match byte {
            0..79 => b'A',
            79..128 => b'C',
            _ => b'G',
        };
        byte += 1;
    }
    bases
};

/// The complement of each letter; what has none is its own.
const COMPLEMENTS: [u8; 256] = {
    let mut complements = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        complements[byte] = match byte as u8 {
            b'A' => b'T',
            b'C' => b'G',
            b'G' => b'C',
            b'T' => b'A',
            other => other,
        };
        byte += 1;
    }
    complements
};

/// What `base` may change into, transitions as often as both transversions together.
fn substitutes(base: u8) -> Option<&'static [u8; 4]> {
    match base {
        b'A' => Some(b"GGCT"),
        b'C' => Some(b"TTAG"),
        b'G' => Some(b"AACT"),
        b'T' => Some(b"CCAG"),
        _ => None,
    }
}

/// Another base in place of `base`; what is no base stays, and takes no draw.
pub(super) fn substitute(base: u8, random: &mut Random) -> u8 {
    substitutes(base).map_or(base, |others| others[random.below(4)])
}

/// Appends `count` bases, eight from a draw.
pub(super) fn push_random(out: &mut Vec<u8>, random: &mut Random, count: usize) {
    let end = out.len() + count;
    out.reserve(count.next_multiple_of(8));
    while out.len() < end {
        let drawn = random.bits().to_le_bytes();
        out.extend_from_slice(&drawn.map(|byte| BASES[byte as usize]));
    }
    out.truncate(end);
}

/// `count` bases.
pub(super) fn random_strand(mut random: Random, count: usize) -> Vec<u8> {
    let mut strand = Vec::new();
    push_random(&mut strand, &mut random, count);
    strand
}

/// Appends the reverse complement.
pub(super) fn push_turned(out: &mut Vec<u8>, strand: &[u8]) {
    out.extend(strand.iter().rev().map(|base| COMPLEMENTS[*base as usize]));
}

/// The reverse complement.
pub(super) fn turned(strand: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(strand.len());
    push_turned(&mut out, strand);
    out
}

/// Substitutes single bases, `gap` apart in the mean.
pub(super) fn sprinkle(strand: &mut [u8], random: &mut Random, gap: usize) {
    let mut at = random.step(gap);
    while let Some(base) = strand.get_mut(at) {
        *base = substitute(*base, random);
        at += 1 + random.step(gap);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bases_are_drawn_in_their_shares_and_cut_to_length() {
        let strand = random_strand(Random::stream(3, &[]), 100_003);
        assert_eq!(strand.len(), 100_003);
        let gc = strand.iter().filter(|base| b"CG".contains(base)).count();
        // 98 of 256; a standard deviation is 154.
        assert!(gc.abs_diff(38_282) < 800, "{gc}");
        let longer = random_strand(Random::stream(3, &[]), 100_010);
        assert_eq!(longer[..strand.len()], strand);
    }

    proptest! {
        #[test]
        fn turning_twice_changes_nothing(strand in "[ACGTN]{0,50}") {
            prop_assert_eq!(turned(&turned(strand.as_bytes())), strand.as_bytes());
        }

        #[test]
        fn sprinkling_changes_some_bases_and_nothing_else(
            strand in "[ACGTN]{0,300}",
            seed: u64,
            gap in 1_usize..40,
        ) {
            let mut changed = strand.clone().into_bytes();
            sprinkle(&mut changed, &mut Random::stream(seed, &[]), gap);
            prop_assert_eq!(changed.len(), strand.len());
            for (old, new) in strand.bytes().zip(changed) {
                prop_assert!(b"ACGTN".contains(&new));
                prop_assert!(old != b'N' || new == b'N');
            }
        }
    }

    #[test]
    fn a_gap_of_one_substitutes_every_base() {
        let mut strand = b"ACGTACGTNACGT".to_vec();
        sprinkle(&mut strand, &mut Random::stream(1, &[]), 1);
        for (old, new) in b"ACGTACGTNACGT".iter().zip(strand) {
            assert_eq!(*old == new, new == b'N');
        }
    }
}
