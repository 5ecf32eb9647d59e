//! Batches in a ring within a memory-mapped file.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::disk::own_directory;
use super::mapping::Mapping;
use super::{Batch, QueueError, Store};

/// Size of an empty ring; larger ones have multiples of it.
const GRAIN: usize = 1 << 16;

/// Batches one after another in a ring of bytes that at least doubles when it is full.
#[derive(Debug)]
pub struct MmapStore {
    // Declared before the directory, so that the file is unmapped before it is removed.
    ring: Ring,
    batches: VecDeque<Extent>,
    path: PathBuf,
    _directory: TempDir,
}

/// Size of one batch in the ring.
#[derive(Debug, Clone, Copy)]
struct Extent {
    bytes: usize,
    orthos: u64,
}

impl MmapStore {
    /// A store in a new directory under `scratch`.
    pub fn create(scratch: &Path) -> Result<Self, QueueError> {
        let directory = own_directory(scratch)?;
        let path = directory.path().join("ring.bin");
        let mapping = Mapping::create(&path, GRAIN)
            .map_err(|error| QueueError::io("map", &path, GRAIN as u64, error))?;
        Ok(Self {
            ring: Ring {
                mapping,
                start: 0,
                used: 0,
            },
            batches: VecDeque::new(),
            path,
            _directory: directory,
        })
    }
}

impl Store for MmapStore {
    fn append(&mut self, batch: &Batch) -> Result<(), QueueError> {
        let bytes = batch.bytes();
        let growth = self.ring.growth_for(bytes.len());
        self.ring
            .append(bytes)
            .map_err(|error| QueueError::io("grow", &self.path, growth as u64, error))?;
        self.batches.push_back(Extent {
            bytes: bytes.len(),
            orthos: batch.len(),
        });
        Ok(())
    }

    fn take(&mut self) -> Result<Batch, QueueError> {
        let Some(extent) = self.batches.pop_front() else {
            return Ok(Batch::default());
        };
        let bytes = self
            .ring
            .take(extent.bytes)
            .map_err(|error| QueueError::io("read", &self.path, 0, error))?;
        Ok(Batch::from_bytes(bytes, extent.orthos))
    }

    fn cache(&self) -> u64 {
        0
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

/// A ring of bytes in a mapped file: `used` bytes from `start` on, going on at the front where the
/// file ends. Pages are given back once written and once read, so that little of it is resident.
#[derive(Debug)]
struct Ring {
    mapping: Mapping,
    start: usize,
    used: usize,
}

impl Ring {
    fn capacity(&self) -> usize {
        self.mapping.bytes().len()
    }

    /// Bytes that the file must grow by to take `more`.
    fn growth_for(&self, more: usize) -> usize {
        let capacity = self.capacity();
        let needed = self.used + more;
        if needed <= capacity {
            0
        } else {
            needed.next_multiple_of(GRAIN).max(2 * capacity) - capacity
        }
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let old = self.capacity();
        let growth = self.growth_for(bytes.len());
        if growth > 0 {
            self.mapping.grow(old + growth)?;
            // What went on at the front now follows the old end; at least as much was added.
            let wrapped = (self.start + self.used).saturating_sub(old);
            self.mapping.bytes_mut().copy_within(..wrapped, old);
        }
        let (first, second) = self.parts(self.used, bytes.len());
        let (left, right) = bytes.split_at(first.len());
        self.mapping.bytes_mut()[first.clone()].copy_from_slice(left);
        self.mapping.bytes_mut()[second.clone()].copy_from_slice(right);
        self.used += bytes.len();
        self.release(first, second)
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let (first, second) = self.parts(0, length);
        let bytes = self.mapping.bytes();
        let taken = [&bytes[first.clone()], &bytes[second.clone()]].concat();
        self.start = (self.start + length) % self.capacity();
        self.used -= length;
        self.release(first, second)?;
        Ok(taken)
    }

    /// Where `length` bytes lie that come `offset` bytes after the start: up to the end of the file
    /// and from its front.
    fn parts(&self, offset: usize, length: usize) -> (Range<usize>, Range<usize>) {
        let capacity = self.capacity();
        let at = (self.start + offset) % capacity;
        let first = length.min(capacity - at);
        (at..at + first, 0..length - first)
    }

    fn release(&self, first: Range<usize>, second: Range<usize>) -> io::Result<()> {
        for part in [first, second] {
            if !part.is_empty() {
                self.mapping.release(part)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Positive numbers append as many bytes, 0 takes the oldest bytes.
        #[test]
        fn bytes_leave_the_ring_in_order_while_it_wraps_and_grows(
            steps in proptest::collection::vec(prop_oneof![Just(0_usize), 1..50_000_usize], 1..60),
        ) {
            let scratch = tempfile::tempdir().unwrap();
            let mut store = MmapStore::create(scratch.path()).unwrap();
            let mut plain = VecDeque::new();
            for (fill, length) in steps.into_iter().enumerate() {
                if length > 0 {
                    let bytes: Vec<u8> = (0..length).map(|at| (at * 7 + fill) as u8).collect();
                    store.ring.append(&bytes).unwrap();
                    plain.push_back(bytes);
                } else if let Some(expected) = plain.pop_front() {
                    prop_assert!(store.ring.take(expected.len()).unwrap() == expected);
                }
            }
            for expected in plain {
                prop_assert!(store.ring.take(expected.len()).unwrap() == expected);
            }
            prop_assert_eq!(store.ring.used, 0);
        }
    }

    #[test]
    fn a_file_that_cannot_grow_is_an_error_and_the_ring_stays() {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = MmapStore::create(scratch.path()).unwrap();
        store.ring.append(b"before").unwrap();
        store.ring.mapping.grow(1 << 60).unwrap_err();
        assert_eq!(store.ring.take(6).unwrap(), b"before");
    }
}
