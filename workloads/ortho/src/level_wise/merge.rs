//! Merging sorted runs of rows into one without equals, less the rows already known.

use std::io::Read;

use super::error::LevelError;
use super::file::{LevelReader, io_error};
use super::rows::Packing;
use super::store::{Source, Store};
use crate::pattern::PatternId;

/// Ascending rows of one pattern.
pub(super) trait Rows {
    /// Replaces `keys` by the keys of the next rows, as many as it likes; none at the end.
    fn fill(&mut self, keys: &mut Vec<u64>) -> Result<(), LevelError>;
}

/// Rows in memory.
pub(super) struct MemoryRun(pub(super) Vec<u64>);

impl Rows for MemoryRun {
    fn fill(&mut self, keys: &mut Vec<u64>) -> Result<(), LevelError> {
        *keys = std::mem::take(&mut self.0);
        Ok(())
    }
}

/// Rows in a temporary file: keys, little-endian.
pub(super) struct FileRun<'s> {
    store: &'s dyn Store,
    name: String,
    file: Box<dyn Source>,
    left: u64,
    bytes: Vec<u8>,
    /// Keys to read at a time: whole rows.
    batch: usize,
}

impl<'s> FileRun<'s> {
    /// Opens a run of `keys` keys, to be read `batch` keys at a time.
    pub(super) fn open(
        store: &'s dyn Store,
        name: &str,
        keys: u64,
        batch: usize,
    ) -> Result<Self, LevelError> {
        let file = store
            .open(name)
            .map_err(|error| io_error(store, name, "open", error))?;
        Ok(Self {
            store,
            name: name.to_owned(),
            file,
            left: keys,
            bytes: Vec::new(),
            batch,
        })
    }
}

impl Rows for FileRun<'_> {
    fn fill(&mut self, keys: &mut Vec<u64>) -> Result<(), LevelError> {
        keys.clear();
        let count = self.left.min(self.batch as u64);
        self.left -= count;
        self.bytes.resize(count as usize * 8, 0);
        self.file
            .read_exact(&mut self.bytes)
            .map_err(|error| io_error(self.store, &self.name, "read", error))?;
        let (words, _) = self.bytes.as_chunks::<8>();
        keys.extend(words.iter().map(|&word| u64::from_le_bytes(word)));
        Ok(())
    }
}

/// The rows of one pattern in the level file of an earlier text, where they ascend.
pub(super) struct KnownRows<'s> {
    reader: LevelReader<'s>,
    pattern: PatternId,
    level: usize,
    packing: Packing,
}

impl<'s> KnownRows<'s> {
    /// The rows of `pattern`, repacked as `packing`.
    pub(super) fn new(
        reader: LevelReader<'s>,
        pattern: PatternId,
        level: u32,
        packing: Packing,
    ) -> Self {
        Self {
            reader,
            pattern,
            level: level as usize,
            packing,
        }
    }
}

impl Rows for KnownRows<'_> {
    fn fill(&mut self, keys: &mut Vec<u64>) -> Result<(), LevelError> {
        keys.clear();
        let written = self.reader.packing();
        if let Some(block) = self.reader.next_of(self.pattern)? {
            for row in block.bytes.chunks_exact(written.bytes(self.level)) {
                let tokens = (0..self.level).map(|i| written.get(row, i));
                self.packing.push_keys(tokens, keys);
            }
        }
        Ok(())
    }
}

/// Merges `fresh` runs, and leaves out rows that `known` ones have.
pub(super) struct Merge<'s> {
    stride: usize,
    cursors: Vec<Cursor<'s>>,
    /// Cursors that have a row, as a binary heap, the least row first.
    heap: Vec<usize>,
    row: Vec<u64>,
}

struct Cursor<'s> {
    rows: Box<dyn Rows + 's>,
    known: bool,
    keys: Vec<u64>,
    at: usize,
}

impl<'s> Merge<'s> {
    pub(super) fn new(
        stride: usize,
        fresh: Vec<Box<dyn Rows + 's>>,
        known: Vec<Box<dyn Rows + 's>>,
    ) -> Result<Self, LevelError> {
        let cursor = |known| {
            move |rows| Cursor {
                rows,
                known,
                keys: Vec::new(),
                at: 0,
            }
        };
        let fresh = fresh.into_iter().map(cursor(false));
        let mut merge = Self {
            stride,
            cursors: fresh.chain(known.into_iter().map(cursor(true))).collect(),
            heap: Vec::new(),
            row: Vec::new(),
        };
        for cursor in 0..merge.cursors.len() {
            if merge.cursors[cursor].load()? {
                merge.heap.push(cursor);
            }
        }
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sink(at);
        }
        Ok(merge)
    }

    /// The next row that no known run has.
    pub(super) fn next(&mut self) -> Result<Option<&[u64]>, LevelError> {
        loop {
            let Some(&top) = self.heap.first() else {
                return Ok(None);
            };
            self.row.clear();
            self.row
                .extend_from_slice(self.cursors[top].head(self.stride));
            let mut known = false;
            while let Some(&top) = self.heap.first() {
                let cursor = &mut self.cursors[top];
                if cursor.head(self.stride) != self.row {
                    break;
                }
                known |= cursor.known;
                cursor.at += self.stride;
                if cursor.at == cursor.keys.len() && !cursor.load()? {
                    self.heap.swap_remove(0);
                }
                self.sink(0);
            }
            if !known {
                return Ok(Some(&self.row));
            }
        }
    }

    /// Restores the heap below `at`.
    fn sink(&mut self, mut at: usize) {
        loop {
            let head = |at: usize| self.cursors[self.heap[at]].head(self.stride);
            let mut least = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if child < self.heap.len() && head(child) < head(least) {
                    least = child;
                }
            }
            if least == at {
                return;
            }
            self.heap.swap(at, least);
            at = least;
        }
    }
}

impl Cursor<'_> {
    fn head(&self, stride: usize) -> &[u64] {
        &self.keys[self.at..self.at + stride]
    }

    fn load(&mut self) -> Result<bool, LevelError> {
        self.at = 0;
        self.rows.fill(&mut self.keys)?;
        Ok(!self.keys.is_empty())
    }
}
