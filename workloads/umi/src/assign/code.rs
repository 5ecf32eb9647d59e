//! UMIs as codes: two bits a letter, A, C, G, T ascending, the first letter in the highest bits. Codes of the same number
//! of letters compare as their texts do.

/// Letters of a code at most.
pub(crate) const MOST_LETTERS: usize = 32;

/// What of a UMI its code leaves out: how many letters there are, and before which of them there are dashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) letters: u8,
    /// Bit n: byte n is a dash.
    dashes: u64,
}

/// The bits of each letter; [`NONE`] of all others. Letters are as good as random, so that a table is faster than branches.
const BITS: [u8; 256] = {
    let mut bits = [NONE; 256];
    bits[b'A' as usize] = 0;
    bits[b'C' as usize] = 1;
    bits[b'G' as usize] = 2;
    bits[b'T' as usize] = 3;
    bits
};
const NONE: u8 = 4;

/// The bits of an upper-case letter.
#[inline]
fn bits(letter: u8) -> Option<u64> {
    let bits = BITS[usize::from(letter)];
    (bits != NONE).then_some(u64::from(bits))
}

/// The code and form of an upper-case UMI; nothing for one that has other letters, too many, or dashes far behind.
#[inline]
pub(crate) fn encode(umi: &[u8]) -> Option<(u64, Form)> {
    let mut form = Form {
        letters: 0,
        dashes: 0,
    };
    if umi.len() > 64 {
        return None;
    }
    let mut code = 0;
    for (at, &letter) in umi.iter().enumerate() {
        if letter == b'-' {
            form.dashes |= 1 << at;
            continue;
        }
        code = code << 2 | bits(letter)?;
        form.letters += 1;
    }
    (usize::from(form.letters) <= MOST_LETTERS).then_some((code, form))
}

/// The same for a UMI of two halves of equal length with a dash between them, the second half first where `turned`.
#[inline]
pub(crate) fn encode_halves(umi: &[u8], turned: bool) -> Option<(u64, Form)> {
    let (code, form) = encode(umi)?;
    let half = usize::from(form.letters / 2);
    let even = form.letters % 2 == 0 && form.dashes == 1 << half;
    even.then(|| {
        (
            if turned {
                turn(code, form.letters)
            } else {
                code
            },
            form,
        )
    })
}

/// Exchanges the halves of a code.
pub(crate) fn turn(code: u64, letters: u8) -> u64 {
    // Letters are even in number: each half has as many bits as there are letters.
    let bits = u32::from(letters);
    let low = code & ((1_u64 << bits) - 1);
    (code >> bits) | (low << bits)
}

/// How many letters of two codes differ.
#[inline]
pub(crate) fn differences(one: u64, other: u64) -> u32 {
    let differ = one ^ other;
    ((differ | differ >> 1) & 0x5555_5555_5555_5555).count_ones()
}

/// Whether a text counts as a valid UMI, dashes aside.
pub(crate) fn is_encodable(umi: &[u8]) -> bool {
    let letters = umi.iter().filter(|letter| **letter != b'-');
    let mut count = 0;
    for letter in letters {
        count += 1;
        if bits(*letter).is_none() {
            return false;
        }
    }
    count <= MOST_LETTERS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_at_the_edge_of_a_word_are_told() {
        for letters in [0, 1, 31, 32] {
            let (code, form) = encode(&vec![b'T'; letters]).unwrap();
            assert_eq!(usize::from(form.letters), letters);
            assert_eq!(code.count_ones() as usize, 2 * letters);
        }
        assert_eq!(encode(&[b'A'; 33]), None);
        assert_ne!(encode(b"A").unwrap().1, encode(b"AA").unwrap().1);
        assert_ne!(encode(b"AC-GT").unwrap().1, encode(b"ACG-T").unwrap().1);
        assert!(is_encodable(b"") && is_encodable(b"--A-C") && !is_encodable(b"AN"));
        assert!(is_encodable(&[b'A'; 32]) && !is_encodable(&[b'A'; 33]));
    }

    #[test]
    fn halves_are_turned() {
        let code = |umi: &[u8], turned| encode_halves(umi, turned).map(|found| found.0);
        assert_eq!(code(b"AC-GT", true), code(b"GT-AC", false));
        assert_eq!(code(b"-", true), Some(0));
        let long: Vec<u8> = [&[b'T'; 16][..], b"-", &[b'A'; 16]].concat();
        assert_eq!(code(&long, true), Some(u64::from(u32::MAX)));
        for uneven in [&b"A-CG"[..], b"ACGT", b"A--C", b"-AC", b"AC-G-T"] {
            assert_eq!(code(uneven, false), None);
        }
    }

    proptest! {
        #[test]
        fn codes_compare_and_differ_as_texts_do(pair in (0_usize..=32).prop_flat_map(|length| {
            let umi = || proptest::collection::vec(proptest::sample::select(b"ACGT".to_vec()), length);
            (umi(), umi())
        })) {
            let (one, other) = pair;
            let code = |umi: &[u8]| encode(umi).unwrap().0;
            prop_assert_eq!(code(&one).cmp(&code(&other)), one.cmp(&other));
            let apart = one.iter().zip(&other).filter(|(a, b)| a != b).count();
            prop_assert_eq!(differences(code(&one), code(&other)) as usize, apart);
        }
    }
}
