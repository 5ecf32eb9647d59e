//! A segment as it is loaded, with all that is known of it.

use std::borrow::Borrow;
use std::mem;

use crate::segment::Key;

/// A segment that owns everything, the names of its sample and record included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PreparedSegment {
    pub(super) key: Key,
    pub(super) sample: Vec<u8>,
    pub(super) header: Vec<u8>,
    /// One byte a code, turned if it is to be.
    pub(super) data: Vec<u8>,
    /// Its place among all segments, in input order.
    pub(super) ordinal: usize,
    /// Its place in its record.
    pub(super) part: u32,
    pub(super) turned: bool,
}

impl PreparedSegment {
    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.sample.capacity() + self.header.capacity() + self.data.capacity()
    }

    /// Moves everything out; what stays has no names and no data.
    pub(super) fn take(&mut self) -> Self {
        Self {
            sample: mem::take(&mut self.sample),
            header: mem::take(&mut self.header),
            data: mem::take(&mut self.data),
            ..*self
        }
    }
}

/// A segment as a group's writer gets it: its own, or by reference.
pub(super) trait Handed: Borrow<PreparedSegment> {
    /// Bytes that are there because the writer keeps it.
    fn held(&self) -> usize;
}

impl Handed for PreparedSegment {
    fn held(&self) -> usize {
        size_of::<Self>() + self.heap_bytes()
    }
}

impl Handed for &PreparedSegment {
    fn held(&self) -> usize {
        size_of::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_as_large_as_documented() {
        assert_eq!(size_of::<PreparedSegment>(), 104);
    }
}
