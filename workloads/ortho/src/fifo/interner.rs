//! The words, and which may follow which sequence: one bitset for each stored sequence.

use std::collections::{BTreeSet, HashMap};

use super::word_set::WordSet;

/// Vocabulary and completions of all texts so far.
#[derive(Debug, Default)]
pub(super) struct Interner {
    vocabulary: Vec<String>,
    indices: HashMap<String, usize>,
    completions: HashMap<Vec<usize>, WordSet>,
}

impl Interner {
    /// Takes in the sentences of one more text, none of them empty.
    pub(super) fn add(&mut self, sentences: &[Vec<String>]) {
        let unknown: BTreeSet<&String> = sentences
            .iter()
            .flatten()
            .filter(|word| !self.indices.contains_key(*word))
            .collect();
        for word in unknown {
            self.indices.insert(word.clone(), self.vocabulary.len());
            self.vocabulary.push(word.clone());
        }
        let words = self.vocabulary.len();
        for completions in self.completions.values_mut() {
            completions.grow(words);
        }
        for sentence in sentences {
            let sentence: Vec<usize> = sentence.iter().map(|word| self.indices[word]).collect();
            self.add_sentence(&sentence);
        }
    }

    fn add_sentence(&mut self, sentence: &[usize]) {
        let words = self.vocabulary.len();
        for start in 0..sentence.len() {
            for end in start + 1..sentence.len() {
                self.entry(&sentence[start..end], words)
                    .insert(sentence[end]);
            }
        }
        // Each word and each sentence has an entry, whether or not anything follows.
        for word in sentence {
            self.entry(std::slice::from_ref(word), words);
        }
        self.entry(sentence, words);
    }

    fn entry(&mut self, sequence: &[usize], words: usize) -> &mut WordSet {
        self.completions
            .entry(sequence.to_vec())
            .or_insert_with(|| WordSet::new(words))
    }

    /// The words that follow every sequence of `required` and are not `forbidden`, ascending.
    pub(super) fn intersect(&self, required: &[Vec<usize>], forbidden: &[usize]) -> Vec<usize> {
        let mut found = match required.first() {
            None => WordSet::all(self.vocabulary.len()),
            Some(first) => self.completions.get(first).cloned().unwrap_or_default(),
        };
        for sequence in required.iter().skip(1) {
            match self.completions.get(sequence) {
                Some(completions) => found.intersect(completions),
                None => return Vec::new(),
            }
        }
        for &word in forbidden {
            found.remove(word);
        }
        found.iter().collect()
    }

    /// Number of words.
    pub(super) fn vocabulary(&self) -> usize {
        self.vocabulary.len()
    }

    /// The text of a word.
    pub(super) fn word(&self, index: u32) -> String {
        self.vocabulary[index as usize].clone()
    }

    /// Bytes of words, sequences and bitsets, as their owner would count them.
    pub(super) fn bytes(&self) -> u64 {
        let words: usize = self.vocabulary.iter().map(|word| word.len()).sum();
        let sequences: u64 = self
            .completions
            .iter()
            .map(|(sequence, completions)| {
                size_of_val(sequence.as_slice()) as u64 + completions.bytes()
            })
            .sum();
        2 * words as u64 + sequences
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::owned_sentences;

    fn interner(texts: &[&str]) -> Interner {
        let mut interner = Interner::default();
        for text in texts {
            interner.add(&owned_sentences(text));
        }
        interner
    }

    #[test]
    fn later_words_come_after_earlier_ones() {
        let interner = interner(&["d b.", "c b a"]);
        assert_eq!(interner.vocabulary, ["b", "d", "a", "c"]);
    }

    #[test]
    fn completions_are_what_follows_a_sequence_anywhere() {
        let interner = interner(&["a b c. x a b d", "b e"]);
        let index = |word: &str| interner.indices[word];
        let query = |required: &[&str], forbidden: &[&str]| -> String {
            let required: Vec<Vec<usize>> = required
                .iter()
                .map(|sequence| sequence.split(' ').map(index).collect())
                .collect();
            let forbidden: Vec<usize> = forbidden.iter().map(|word| index(word)).collect();
            let found = interner.intersect(&required, &forbidden);
            found
                .iter()
                .map(|&word| interner.word(word as u32))
                .collect()
        };
        assert_eq!(query(&[], &["x"]), "abcde");
        assert_eq!(query(&["b"], &[]), "cde");
        assert_eq!(query(&["a b"], &[]), "cd");
        assert_eq!(query(&["b", "a b"], &["d"]), "c");
        assert_eq!(query(&["a b", "b c"], &[]), "");
        assert_eq!(query(&["c a"], &[]), "");
    }
}
