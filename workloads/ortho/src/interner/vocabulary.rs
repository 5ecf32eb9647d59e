//! The words, by index, in one string.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Token;

/// All words known: those of a text in byte order, after those of the texts before.
#[derive(Debug, Default)]
pub struct Vocabulary {
    text: String,
    ends: Vec<usize>,
}

impl Vocabulary {
    /// How many words there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word of a token, which is its index plus one.
    pub fn word(&self, token: Token) -> &str {
        let index = token as usize - 1;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        (self.text.capacity() + self.ends.capacity() * size_of::<usize>()) as u64
    }

    /// Starts the reading of a text, whose new words get their final tokens at its end only.
    pub(super) fn newcomers<'a>(&'a self) -> Newcomers<'a> {
        Newcomers {
            known: self.len(),
            tokens: (1..=self.len() as Token)
                .map(|token| (Cow::Borrowed(self.word(token)), token))
                .collect(),
        }
    }

    pub(super) fn extend(&mut self, words: Vec<String>) {
        for word in words {
            self.text.push_str(&word);
            self.ends.push(self.text.len());
        }
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// The words of a text being read, numbered by first appearance after the known ones.
pub(super) struct Newcomers<'a> {
    known: usize,
    tokens: HashMap<Cow<'a, str>, Token>,
}

impl<'a> Newcomers<'a> {
    /// The final token of a known word, a provisional one of a new word.
    pub(super) fn provisional(&mut self, word: Cow<'a, str>) -> Token {
        let next = self.tokens.len() as Token + 1;
        *self.tokens.entry(word).or_insert(next)
    }

    /// The new words in byte order, and the way from provisional to final tokens.
    pub(super) fn sorted(self) -> (Vec<String>, Ranks) {
        let known = self.known;
        let mut new: Vec<_> = self
            .tokens
            .into_iter()
            .filter(|&(_, token)| token as usize > known)
            .collect();
        new.sort_unstable();
        let mut finals = vec![0; new.len()];
        for (rank, &(_, token)) in new.iter().enumerate() {
            finals[token as usize - 1 - known] = (known + rank + 1) as Token;
        }
        let words = new.into_iter().map(|(word, _)| word.into_owned()).collect();
        (words, Ranks { known, finals })
    }
}

/// Final tokens of the new words of a text.
pub(super) struct Ranks {
    known: usize,
    finals: Vec<Token>,
}

impl Ranks {
    /// The final token of a provisional one; known words and sentence ends stay as they are.
    pub(super) fn token(&self, provisional: Token) -> Token {
        match (provisional as usize).checked_sub(self.known + 1) {
            Some(index) => self.finals[index],
            None => provisional,
        }
    }
}
