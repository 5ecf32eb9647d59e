//! The segments that rows point into.

use std::sync::Arc;

use super::row::Spot;
use crate::bam::{LENGTH, length_at};
use crate::pipeline::Segment;

/// Segments in a row, shared by all who need them.
#[derive(Debug, Clone, Default)]
pub(super) struct Segments {
    first: u32,
    list: Vec<Arc<Segment>>,
}

impl Segments {
    /// Appends the next segment, and gives its number.
    pub(super) fn push(&mut self, segment: Arc<Segment>) -> u32 {
        self.list.push(segment);
        self.first + (self.list.len() - 1) as u32
    }

    /// Lets go of all before this one.
    pub(super) fn drop_before(&mut self, number: u32) {
        let gone = (number.saturating_sub(self.first) as usize).min(self.list.len());
        self.list.drain(..gone);
        self.first += gone as u32;
    }

    /// A record without its length; it was seen to be whole.
    #[inline]
    pub(super) fn record(&self, spot: Spot) -> &[u8] {
        let segment = &self.list[(spot.segment() - self.first) as usize];
        record_at(segment.bytes(), spot.at())
    }
}

/// A record without its length, which lies before it.
#[inline]
pub(super) fn record_at(bytes: &[u8], at: usize) -> &[u8] {
    let bytes = &bytes[at..];
    let length = length_at(bytes).unwrap_or(0) as usize;
    &bytes[LENGTH..LENGTH + length]
}
