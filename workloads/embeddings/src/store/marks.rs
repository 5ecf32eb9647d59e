//! Which records were found whole: a bit each, set by any thread.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bits of the first segment, as a power of two; each further one has twice as many as the one before.
const FIRST: u32 = 15;

/// Segments that there can be.
const SEGMENTS: usize = usize::BITS as usize - FIRST as usize;

/// Bits that begin as zero, for any number of records; a segment of them takes memory once one of its bits is set.
#[derive(Debug)]
pub(super) struct Marks {
    segments: [OnceLock<Box<[AtomicU64]>>; SEGMENTS],
}

/// Segment, word and bit of a number.
fn place(index: usize) -> (usize, usize, u64) {
    // Beyond the end of all memory two records would share a bit; there are none.
    let shifted = index.saturating_add(1 << FIRST);
    let segment = shifted.ilog2();
    let within = shifted - (1 << segment);
    let segment = (segment - FIRST) as usize;
    (segment, within / 64, 1 << (within % 64))
}

impl Marks {
    pub(super) fn new() -> Self {
        Self {
            segments: [const { OnceLock::new() }; SEGMENTS],
        }
    }

    pub(super) fn is_set(&self, index: usize) -> bool {
        let (segment, word, bit) = place(index);
        // A mark tells nothing of other memory: the bytes it speaks of never change.
        let words = self.segments[segment].get();
        words.is_some_and(|words| words[word].load(Ordering::Relaxed) & bit != 0)
    }

    pub(super) fn set(&self, index: usize) {
        let (segment, word, bit) = place(index);
        let words = self.segments[segment].get_or_init(|| {
            let words = 1 << (segment + FIRST as usize - 6);
            (0..words).map(|_| AtomicU64::new(0)).collect()
        });
        words[word].fetch_or(bit, Ordering::Relaxed);
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        let segments = self.segments.iter().filter_map(OnceLock::get);
        segments
            .map(|words| words.len() * size_of::<AtomicU64>())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_bit_of_its_own() {
        let marks = Marks::new();
        assert_eq!(marks.bytes(), 0);
        let numbers = [0, 1, 63, 64, 32_767, 32_768, 98_303, 98_304, 1 << 22];
        for number in numbers {
            assert!(!marks.is_set(number), "{number}");
            marks.set(number);
        }
        let found: Vec<usize> = (0..=1 << 22)
            .filter(|&number| marks.is_set(number))
            .collect();
        assert_eq!(found, numbers);
        assert!(!marks.is_set(usize::MAX));
    }

    #[test]
    fn memory_is_a_bit_a_record_or_two() {
        let marks = Marks::new();
        (0..10_000_000)
            .step_by(1 << 14)
            .for_each(|number| marks.set(number));
        assert!(marks.bytes() <= 2 * 10_000_000 / 8, "{}", marks.bytes());
    }
}
