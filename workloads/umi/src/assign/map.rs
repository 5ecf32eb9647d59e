//! Words of few letters as bits: all that may be near one are tried out.

use super::neighbours::Words;
use crate::account::{Account, Held, heap_bytes};

/// Letters of such words at most: two bits each are the number of a bit, in maps of 2 MiB.
const MOST_LETTERS: u32 = 12;
/// To try out a word takes as long as this many comparisons of words that lie side by side.
const COMPARISONS: u64 = 2;
/// Bits of a part of a map.
const PART: u32 = u64::BITS;

/// The words that are not yet claimed, by their codes.
#[derive(Debug)]
pub(super) struct Map {
    letters: u32,
    edits: u32,
    /// The code of each word.
    codes: Vec<u32>,
    /// A bit for each code: whether it is a word, and whether that is not yet claimed.
    is_word: Vec<u64>,
    is_left: Vec<u64>,
    /// How many words there are before each part.
    before: Vec<u32>,
    /// By ascending codes.
    words: Vec<u32>,
    held: Held,
}

/// How many words of so many letters have 1 to so many differences from one.
fn near(letters: u32, edits: u32) -> u64 {
    let (mut all, mut ways) = (0, 1);
    for edit in 0..edits.min(letters) {
        ways = ways * 3 * u64::from(letters - edit) / u64::from(edit + 1);
        all += ways;
    }
    all
}

impl Map {
    /// Of words that may have so many differences; nothing where these have no codes, too many letters, or are too few:
    /// to look at those that agree in one of so many parts takes less time then.
    pub(super) fn new(words: &impl Words, edits: u32, account: &Account) -> Option<Self> {
        let letters = words.letters().filter(|letters| *letters <= MOST_LETTERS)?;
        let parts = edits + 1;
        let compared = (0..parts).map(|part| {
            let of_part = letters * (part + 1) / parts - letters * part / parts;
            words.count() as u64 >> (2 * of_part)
        });
        if near(letters, edits) * COMPARISONS > compared.sum() {
            return None;
        }
        // Of at most 24 bits.
        let codes: Vec<u32> = (0..words.count())
            .map(|word| words.code(word) as u32)
            .collect();
        let parts = (1_usize << (2 * letters)).div_ceil(PART as usize);
        let mut is_word = vec![0_u64; parts];
        for code in &codes {
            is_word[(code / PART) as usize] |= 1 << (code % PART);
        }
        let mut count = 0;
        let before = (is_word.iter())
            .map(|part| {
                let before = count;
                count += part.count_ones();
                before
            })
            .collect();
        let mut map = Self {
            letters,
            edits,
            words: vec![0; codes.len()],
            codes,
            is_left: is_word.clone(),
            is_word,
            before,
            held: account.hold(0),
        };
        for word in 0..map.codes.len() {
            let at = map.place(map.codes[word]);
            map.words[at] = word as u32;
        }
        let bits = heap_bytes(&map.is_word) + heap_bytes(&map.is_left);
        let lists = heap_bytes(&map.codes) + heap_bytes(&map.before) + heap_bytes(&map.words);
        map.held.set(bits + lists);
        Some(map)
    }

    /// How many words have lower codes.
    fn place(&self, code: u32) -> usize {
        let part = (code / PART) as usize;
        let lower = self.is_word[part] & ((1 << (code % PART)) - 1);
        (self.before[part] + lower.count_ones()) as usize
    }

    /// Calls `claim` with every word that is near a word and is not claimed; those that it claims, or says are claimed
    /// already, are never looked at again.
    pub(super) fn visit(&mut self, word: usize, claim: &mut impl FnMut(usize) -> bool) {
        let code = self.codes[word];
        self.is_left[(code / PART) as usize] &= !(1 << (code % PART));
        self.others(code, 0, self.edits, claim);
    }

    /// Those that differ in so many letters from one on.
    fn others(&mut self, code: u32, from: u32, edits: u32, claim: &mut impl FnMut(usize) -> bool) {
        for letter in from..self.letters {
            for differ in 1..4 {
                let other = code ^ differ << (2 * letter);
                let (part, bit) = ((other / PART) as usize, 1 << (other % PART));
                if self.is_left[part] & bit != 0 && claim(self.words[self.place(other)] as usize) {
                    self.is_left[part] &= !bit;
                }
                if edits > 1 {
                    self.others(other, letter + 1, edits - 1, claim);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_words_are_near_as_can_be_counted() {
        for (letters, edits, count) in [(12, 1, 36), (12, 2, 630), (1, 3, 3), (4, 3, 12 + 54 + 108)]
        {
            assert_eq!(near(letters, edits), count);
        }
    }
}
