//! Words as numbers, and which word may follow which word sequence.

mod rows;
mod trie;
mod vocabulary;

pub use trie::{Node, Trie};
pub use vocabulary::Vocabulary;

use plimsoll_workload::Failure;

use crate::text;

/// A word in the inner loops: its index plus one, as in the digest; 0 is an empty cell.
pub type Token = u32;

/// Everything learned from the texts read so far.
#[derive(Debug, Default)]
pub struct Interner {
    vocabulary: Vocabulary,
    trie: Trie,
}

impl Interner {
    /// Learns one more text; word indices already given never change.
    ///
    /// # Errors
    /// More text than word positions of 32 bits can surely tell apart: 4 GiB.
    pub fn add(&mut self, text: &str) -> Result<(), Failure> {
        if self.trie.corpus().len() + text.len() >= u32::MAX as usize {
            return Err(Failure::Input(
                "the texts together are larger than 4 GiB; search them in parts".into(),
            ));
        }
        let mut corpus = std::mem::take(&mut self.trie).into_corpus();
        let first = corpus.len();
        let mut newcomers = self.vocabulary.newcomers();
        for sentence in text::sentences(text) {
            let start = corpus.len();
            corpus.extend(text::words(sentence).map(|word| newcomers.provisional(word)));
            match corpus.len() - start {
                0 => {}
                // A single word has no completion and nothing completes with it.
                1 => corpus.truncate(start),
                _ => corpus.push(0),
            }
        }
        let (words, ranks) = newcomers.sorted();
        self.vocabulary.extend(words);
        for token in &mut corpus[first..] {
            *token = ranks.token(*token);
        }
        self.trie = Trie::new(corpus, self.vocabulary.len());
        Ok(())
    }

    /// A copy of the completions, to be held against those after the next text.
    pub fn trie_copy(&self) -> Trie {
        Trie::new(self.trie.corpus().to_vec(), self.vocabulary.len())
    }

    /// All words known.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The completions of all sequences.
    pub fn trie(&self) -> &Trie {
        &self.trie
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(interner: &Interner, sequence: &[Token]) -> Vec<Token> {
        let trie = interner.trie();
        match trie.node(sequence.iter().copied()) {
            Some(node) => trie.children(node).to_vec(),
            None => Vec::new(),
        }
    }

    #[test]
    fn completions_are_those_of_every_sentence_suffix() {
        let mut interner = Interner::default();
        interner.add("a b c. b c a. b d. z").unwrap();
        // a=1 b=2 c=3 d=4 z=5
        assert_eq!(interner.vocabulary().len(), 5);
        assert_eq!(children(&interner, &[1]), [2]);
        assert_eq!(children(&interner, &[2]), [3, 4]);
        assert_eq!(children(&interner, &[1, 2]), [3]);
        assert_eq!(children(&interner, &[2, 3]), [1]);
        assert_eq!(children(&interner, &[1, 2, 3]), [0; 0]);
        assert_eq!(children(&interner, &[2, 2]), [0; 0]);
        assert_eq!(children(&interner, &[5]), [0; 0]);
    }

    #[test]
    fn later_texts_append_words_and_add_completions() {
        let mut interner = Interner::default();
        interner.add("b d").unwrap();
        interner.add("c b a. b d").unwrap();
        let words: Vec<_> = (1..=4)
            .map(|token| interner.vocabulary().word(token))
            .collect();
        assert_eq!(words, ["b", "d", "a", "c"]);
        assert_eq!(children(&interner, &[1]), [2, 3]);
        assert_eq!(children(&interner, &[4, 1]), [3]);
    }
}
