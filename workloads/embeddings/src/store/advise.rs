//! Many records: in the order they lie, or those of a list; and what the system is told beforehand.

use std::ops::Range;

use memmap2::Advice;

use super::error::StoreError;
use super::inner::Store;
use super::read::Records;
use super::shape::PAGE;

/// How records will be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As the system thinks fit: it reads ahead a little.
    Normal,
    /// Here and there: nothing is read but what is asked for.
    Random,
    /// From the first to the last: much is read ahead.
    Sequential,
}

impl Store {
    /// Tells the system how records will be read from the mapping; a hint, for all records.
    pub fn advise(&self, access: Access) {
        self.inner.mapping.advise_all(match access {
            Access::Normal => Advice::Normal,
            Access::Random => Advice::Random,
            Access::Sequential => Advice::Sequential,
        });
    }

    /// Tells the system that these records will be read soon, so that it reads them from the disk all at once; a hint.
    pub fn will_need(&self, indices: &[usize]) {
        let inner = &*self.inner;
        let len = self.len();
        let record = |&index: &usize| {
            let at = inner.at(index as u64);
            at / PAGE * PAGE..(at + inner.shape.stride()).next_multiple_of(PAGE)
        };
        let known = indices.iter().filter(|&&index| index < len);
        for pages in merged(known.map(record).collect()) {
            inner.mapping.advise(pages, Advice::WillNeed);
        }
    }

    /// Takes these records out of the process's memory; read again, they come from the page cache or the file.
    pub fn release(&self, records: Range<usize>) {
        let inner = &*self.inner;
        let end = (records.end as u64).min(inner.count());
        let start = (records.start as u64).min(end);
        // Only whole pages: their neighbours stay.
        let from = inner.at(start).next_multiple_of(PAGE);
        let to = inner.at(end) / PAGE * PAGE;
        inner.mapping.release(from..to);
    }

    /// Calls `each` with the place in the list and the payload of each of these records, which the system reads all at once.
    ///
    /// # Errors
    /// At the first record that [`get`](Self::get) fails for.
    pub fn get_many(
        &self,
        indices: &[usize],
        mut each: impl FnMut(usize, &[u8]),
    ) -> Result<(), StoreError> {
        self.will_need(indices);
        for (place, &index) in indices.iter().enumerate() {
            each(place, self.get(index)?);
        }
        Ok(())
    }

    /// All records that are committed now, in chunks of at most so many bytes, or of one record; each chunk held against its
    /// checksums as the options have it.
    pub fn chunks(&self, bytes: usize) -> impl Iterator<Item = Result<Records<'_>, StoreError>> {
        let Records {
            bytes: all, stride, ..
        } = self.records();
        let per_chunk = (bytes / stride).max(1);
        let chunks = all.chunks(per_chunk.saturating_mul(stride)).enumerate();
        chunks.map(move |(chunk, bytes)| {
            let first = chunk * per_chunk;
            for (index, record) in (first..).zip(bytes.chunks_exact(stride)) {
                self.check(index, record)?;
            }
            Ok(Records {
                first,
                bytes,
                stride,
            })
        })
    }
}

/// Ranges in order, those that touch one another as one.
fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|later, earlier| {
        let touch = later.start <= earlier.end;
        if touch {
            earlier.end = earlier.end.max(later.end);
        }
        touch
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_one() {
        let ranges = vec![8..12, 0..4, 4..8, 20..24, 0..2, 21..22, 30..34];
        assert_eq!(merged(ranges), [0..12, 20..24, 30..34]);
        assert_eq!(merged(Vec::new()), []);
    }
}
