//! Words that may be few differences from a given one.
//!
//! Two words with at most `e` differences, cut into `e` + 1 parts at the same places, agree in at least one part. So the words of
//! each part are sorted into buckets by what they have there, and only those of a word's own buckets are looked at. Few
//! words are looked at all together; of many short ones those that can be near are tried out ([`map`](super::map)).

use super::map::Map;
use crate::account::{Account, Held, heap_bytes};

/// Words by their numbers.
pub(crate) trait Words {
    /// How many.
    fn count(&self) -> usize;

    /// How many letters of two words differ; `u32::MAX` for two that cannot be compared.
    fn differences(&self, one: usize, other: usize) -> u32;

    /// The letters of each word, where all have a code of two bits a letter.
    fn letters(&self) -> Option<u32>;

    /// That code.
    fn code(&self, word: usize) -> u64;

    /// What a word has in one of so many parts: equal for equal parts.
    fn part(&self, word: usize, part: u32, parts: u32) -> u64;
}

/// So many words are compared with one another.
const FEW: usize = 64;

/// The words that are not yet claimed, to be found from words that may be near.
#[derive(Debug)]
pub(super) enum Neighbours {
    All(Vec<u32>),
    Map(Map),
    Parts(Vec<Buckets>),
}

/// The words by one of their parts.
#[derive(Debug)]
pub(super) struct Buckets {
    /// The bucket of each word.
    of: Vec<u32>,
    /// Where each bucket begins in `words`, and where those not yet claimed end.
    bounds: Vec<(u32, u32)>,
    words: Vec<u32>,
    _held: Held,
}

impl Neighbours {
    /// Of words that may have so many differences.
    pub(super) fn new(words: &impl Words, edits: u32, account: &Account) -> Self {
        // Words are fewer than templates, whose number fits into 32 bits.
        if words.count() <= FEW {
            return Self::All((0..words.count() as u32).collect());
        }
        if let Some(map) = Map::new(words, edits, account) {
            return Self::Map(map);
        }
        let parts = edits + 1;
        Self::Parts(
            (0..parts)
                .map(|part| Buckets::new(words, part, parts, account))
                .collect(),
        )
    }

    /// Calls `claim` with every word that may be near a word and is not claimed; those that it claims, or says are claimed
    /// already, are never looked at again.
    pub(super) fn visit(&mut self, word: usize, mut claim: impl FnMut(usize) -> bool) {
        match self {
            Self::All(words) => words.retain(|other| !claim(*other as usize)),
            Self::Map(map) => map.visit(word, &mut claim),
            Self::Parts(parts) => {
                for buckets in parts {
                    buckets.visit(word, &mut claim);
                }
            }
        }
    }
}

impl Buckets {
    fn new(words: &impl Words, part: u32, parts: u32, account: &Account) -> Self {
        let mut keys: Vec<(u64, u32)> = (0..words.count() as u32)
            .map(|word| (words.part(word as usize, part, parts), word))
            .collect();
        let mut held = account.hold(heap_bytes(&keys));
        keys.sort_unstable();
        let mut of = vec![0; keys.len()];
        let mut bounds = Vec::new();
        let mut begin = 0_u32;
        for bucket in keys.chunk_by(|one, next| one.0 == next.0) {
            for (_, word) in bucket {
                of[*word as usize] = bounds.len() as u32;
            }
            let end = begin + bucket.len() as u32;
            bounds.push((begin, end));
            begin = end;
        }
        let words: Vec<u32> = keys.into_iter().map(|(_, word)| word).collect();
        held.set(heap_bytes(&of) + heap_bytes(&bounds) + heap_bytes(&words));
        Self {
            of,
            bounds,
            words,
            _held: held,
        }
    }

    fn visit(&mut self, word: usize, claim: &mut impl FnMut(usize) -> bool) {
        let (begin, end) = &mut self.bounds[self.of[word] as usize];
        let mut at = *begin;
        while at < *end {
            if claim(self.words[at as usize] as usize) {
                *end -= 1;
                self.words.swap(at as usize, *end as usize);
            } else {
                at += 1;
            }
        }
    }
}
