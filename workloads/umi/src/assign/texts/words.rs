//! Distinct texts, and comparing them.

use super::super::neighbours::Words;

/// A template, and the text that stands for its UMI.
pub(super) type Member<T> = (usize, T);

/// A distinct text: its templates, in their order.
pub(super) type Family<T> = Vec<Member<T>>;

/// Distinct texts in ascending order.
pub(super) fn families<T: Ord + Clone>(members: Vec<Member<T>>) -> Vec<Family<T>> {
    let mut members = members;
    members.sort_by(|one, other| (&one.1, one.0).cmp(&(&other.1, other.0)));
    members
        .chunk_by(|one, next| one.1 == next.1)
        .map(<[_]>::to_vec)
        .collect()
}

pub(super) fn letters(umi: &[u8]) -> Vec<u8> {
    umi.iter()
        .copied()
        .filter(|letter| *letter != b'-')
        .collect()
}

/// Distinct texts, each with a place that must be the same for two to be compared.
pub(super) struct Texts<'a>(pub(super) Vec<(&'a [u8], usize)>);

impl<'a> Texts<'a> {
    pub(super) fn of<T>(
        families: &'a [Family<T>],
        text: impl Fn(&'a T) -> (&'a Vec<u8>, usize),
    ) -> Self {
        let text = |family: &'a Family<T>| {
            let (text, place) = text(&family[0].1);
            (&text[..], place)
        };
        Self(families.iter().map(text).collect())
    }
}

impl Words for Texts<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn differences(&self, one: usize, other: usize) -> u32 {
        let ((one, place), (other, other_place)) = (self.0[one], self.0[other]);
        if one.len() != other.len() || place != other_place {
            return u32::MAX;
        }
        one.iter().zip(other).filter(|(a, b)| a != b).count() as u32
    }

    fn letters(&self) -> Option<u32> {
        None
    }

    fn code(&self, _: usize) -> u64 {
        0
    }

    fn part(&self, word: usize, part: u32, parts: u32) -> u64 {
        let text = self.0[word].0;
        let bound = |part: u32| text.len() * part as usize / parts as usize;
        // FNV-1a: parts of equal texts have equal hashes, and that is all that is asked.
        text[bound(part)..bound(part + 1)]
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash, letter| {
                (hash ^ u64::from(*letter)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    }
}
