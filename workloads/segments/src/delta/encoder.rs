//! The encoder that keeps no index: it builds one in scratch memory when the diagonal fails for the first time.

use super::Columns;
use super::extend;
use super::index::Index;
use super::rule::{self, Method};

/// Encodes texts against references, and uses its memory again from one to the next.
#[derive(Debug)]
pub struct Encoder {
    min_match: usize,
    index: Index,
}

impl Encoder {
    /// An encoder of matches of at least `min_match` codes.
    ///
    /// # Panics
    /// If `min_match` is not from 16 to 32.
    #[must_use]
    pub fn new(min_match: u32) -> Self {
        Self {
            min_match: min_match as usize,
            index: Index::new(rule::width(min_match)),
        }
    }

    /// Writes the delta of `text` against `reference`, in place of what `out` held.
    pub fn encode(&mut self, text: &[u8], reference: &[u8], out: &mut Columns) {
        self.against(reference).encode(text, out);
    }

    /// For several texts against one reference: they share its index.
    #[must_use]
    pub fn against<'a>(&'a mut self, reference: &'a [u8]) -> Against<'a> {
        Against {
            encoder: self,
            reference,
            indexed: false,
        }
    }

    /// Bytes of scratch memory.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.index.heap_bytes()
    }
}

/// See [`Encoder::against`].
#[derive(Debug)]
pub struct Against<'a> {
    encoder: &'a mut Encoder,
    reference: &'a [u8],
    indexed: bool,
}

impl Against<'_> {
    /// Writes the delta of `text`, in place of what `out` held.
    pub fn encode(&mut self, text: &[u8], out: &mut Columns) {
        let (reference, min_match) = (self.reference, self.encoder.min_match);
        self.encoder.index.begin_text();
        rule::encode(text, reference, min_match, self, out);
    }
}

impl Method for Against<'_> {
    #[inline]
    fn common_prefix(a: &[u8], b: &[u8]) -> usize {
        extend::common_prefix(a, b)
    }

    #[inline]
    fn candidates(
        &mut self,
        text: &[u8],
        at: usize,
        reference: &[u8],
    ) -> impl Iterator<Item = usize> {
        if !self.indexed {
            self.encoder.index.build(reference);
            self.indexed = true;
        }
        self.encoder.index.candidates(text, at)
    }
}
