//! The orthos of the level being made, in bounded memory: streamed to the level file where they
//! are distinct by construction, else sorted in runs and merged.

use std::ops::Range;

use super::error::LevelError;
use super::file::{Head, LevelWriter, io_error};
use super::merge::{FileRun, MemoryRun, Merge, Rows};
use super::rows::{Packing, sort_unique};
use super::store::Store;
use crate::interner::Token;
use crate::pattern::{Graph, PatternId};

/// Most run files merged at a time.
const FAN_IN: usize = 64;

/// Most bytes of rows in a block.
const LARGEST_BLOCK: usize = 1 << 20;

/// Takes the orthos of one level.
pub(super) struct Collector<'s> {
    store: &'s dyn Store,
    writer: LevelWriter<'s>,
    packing: Packing,
    level: usize,
    first: PatternId,
    targets: Vec<Target>,
    /// Whether streamed rows are written: those at the cap are never read again.
    keep: bool,
    /// Bytes that the targets' buffers may take, and take.
    budget: usize,
    held: usize,
    /// Bytes of rows in a block.
    block: usize,
    runs: usize,
    rows: u64,
}

/// The rows of one pattern that wait to be written.
#[derive(Default)]
struct Target {
    merges: bool,
    bytes: Vec<u8>,
    keys: Vec<u64>,
    runs: Vec<Run>,
}

impl Target {
    fn held(&self) -> usize {
        self.bytes.capacity() + self.keys.capacity() * 8
    }
}

/// A sorted run on disk.
struct Run {
    name: String,
    keys: u64,
}

impl<'s> Collector<'s> {
    /// Starts the level file `name` for the patterns `patterns` of `graph`, with about `buffer`
    /// bytes of memory.
    pub(super) fn new(
        store: &'s dyn Store,
        name: String,
        head: Head,
        graph: &Graph,
        patterns: Range<PatternId>,
        buffer: usize,
        keep: bool,
    ) -> Result<Self, LevelError> {
        Ok(Self {
            store,
            writer: LevelWriter::create(store, name, head)?,
            packing: head.packing,
            level: head.level as usize,
            first: patterns.start,
            targets: patterns
                .map(|id| Target {
                    merges: graph.merges(id),
                    ..Target::default()
                })
                .collect(),
            keep,
            budget: buffer / 4 * 3,
            held: 0,
            block: (buffer / 16).clamp(1, LARGEST_BLOCK),
            runs: 0,
            rows: 0,
        })
    }

    /// Whether orthos of a pattern have to be [sorted](Self::sort); else they are
    /// [streamed](Self::stream).
    pub(super) fn merges(&self, id: PatternId) -> bool {
        self.targets[(id - self.first) as usize].merges
    }

    /// How the rows are packed.
    pub(super) fn packing(&self) -> Packing {
        self.packing
    }

    /// Bytes held by buffers.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Takes an ortho that cannot come again.
    #[inline]
    pub(super) fn stream(&mut self, id: PatternId, row: &[u8]) -> Result<(), LevelError> {
        self.rows += 1;
        if !self.keep {
            return Ok(());
        }
        let target = &mut self.targets[(id - self.first) as usize];
        if target.bytes.len() + row.len() > target.bytes.capacity() {
            return self.stream_slowly(id, row);
        }
        target.bytes.extend_from_slice(row);
        Ok(())
    }

    #[cold]
    fn stream_slowly(&mut self, id: PatternId, row: &[u8]) -> Result<(), LevelError> {
        let target = &mut self.targets[(id - self.first) as usize];
        if target.bytes.len() + row.len() > self.block {
            self.write_block(id)?;
        }
        let target = &mut self.targets[(id - self.first) as usize];
        let before = target.held();
        target.bytes.extend_from_slice(row);
        self.held += target.held() - before;
        self.relieve()
    }

    /// Takes an ortho that may come again.
    #[inline]
    pub(super) fn sort(
        &mut self,
        id: PatternId,
        tokens: impl Iterator<Item = Token>,
    ) -> Result<(), LevelError> {
        let target = &mut self.targets[(id - self.first) as usize];
        let before = target.keys.capacity();
        self.packing.push_keys(tokens, &mut target.keys);
        if target.keys.capacity() == before {
            return Ok(());
        }
        self.held += (target.keys.capacity() - before) * 8;
        self.relieve()
    }

    /// Empties the largest buffers until all together are within the budget.
    fn relieve(&mut self) -> Result<(), LevelError> {
        while self.held > self.budget {
            let largest = (0..self.targets.len()).max_by_key(|&at| self.targets[at].held());
            let Some(largest) = largest else { break };
            let id = self.first + largest as PatternId;
            let held = self.targets[largest].held();
            if self.targets[largest].merges {
                self.spill(id)?;
            } else {
                self.write_block(id)?;
                self.targets[largest].bytes = Vec::new();
            }
            self.held -= held - self.targets[largest].held();
        }
        Ok(())
    }

    fn write_block(&mut self, id: PatternId) -> Result<(), LevelError> {
        let target = &mut self.targets[(id - self.first) as usize];
        let rows = target.bytes.len() / self.packing.bytes(self.level);
        if rows > 0 {
            self.writer.block(id, rows, &target.bytes)?;
            target.bytes.clear();
        }
        Ok(())
    }

    /// Sorts what a pattern holds and writes it as a run.
    fn spill(&mut self, id: PatternId) -> Result<(), LevelError> {
        let stride = self.packing.keys(self.level);
        let at = (id - self.first) as usize;
        let mut keys = std::mem::take(&mut self.targets[at].keys);
        sort_unique(&mut keys, stride);
        let run = self.write_run(|write| write(&keys))?;
        self.targets[at].runs.push(run);
        Ok(())
    }

    /// Writes a run; `rows` passes its keys on in portions.
    fn write_run(
        &mut self,
        rows: impl FnOnce(&mut dyn FnMut(&[u64]) -> Result<(), LevelError>) -> Result<(), LevelError>,
    ) -> Result<Run, LevelError> {
        let name = format!("run.{}", self.runs);
        self.runs += 1;
        let mut file = self
            .store
            .create(&name)
            .map_err(|error| io_error(self.store, &name, "create", error))?;
        let (mut bytes, mut count) = (Vec::with_capacity(self.block + 8), 0);
        let mut flush = |bytes: &mut Vec<u8>| {
            file.write_all(bytes)
                .map_err(|error| io_error(self.store, &name, "write", error))?;
            bytes.clear();
            Ok(())
        };
        rows(&mut |keys| {
            count += keys.len() as u64;
            for key in keys {
                bytes.extend_from_slice(&key.to_le_bytes());
                if bytes.len() >= self.block {
                    flush(&mut bytes)?;
                }
            }
            Ok(())
        })?;
        flush(&mut bytes)?;
        Ok(Run { name, keys: count })
    }

    /// Writes all that is left. `known` gives the rows of a pattern from earlier texts, `found`
    /// is told every ortho that came out of a merge. Returns how many orthos the level has got.
    pub(super) fn finish(
        mut self,
        mut known: impl FnMut(PatternId) -> Result<Vec<Box<dyn Rows + 's>>, LevelError>,
        mut found: impl FnMut(PatternId, &mut dyn Iterator<Item = Token>),
    ) -> Result<u64, LevelError> {
        for at in 0..self.targets.len() {
            let id = self.first + at as PatternId;
            self.write_block(id)?;
            self.targets[at].bytes = Vec::new();
        }
        for at in 0..self.targets.len() {
            let id = self.first + at as PatternId;
            if !self.targets[at].keys.is_empty() || !self.targets[at].runs.is_empty() {
                self.merge(id, known(id)?, &mut found)?;
            }
        }
        self.writer.finish()?;
        Ok(self.rows)
    }

    fn merge(
        &mut self,
        id: PatternId,
        known: Vec<Box<dyn Rows + 's>>,
        found: &mut impl FnMut(PatternId, &mut dyn Iterator<Item = Token>),
    ) -> Result<(), LevelError> {
        let (packing, level, stride) = (self.packing, self.level, self.packing.keys(self.level));
        let target = &mut self.targets[(id - self.first) as usize];
        let mut keys = std::mem::take(&mut target.keys);
        let mut runs = std::mem::take(&mut target.runs);
        sort_unique(&mut keys, stride);
        while runs.len() > FAN_IN {
            let rest = runs.split_off(FAN_IN);
            let mut merge = Merge::new(stride, self.open(&runs, stride)?, Vec::new())?;
            let merged = self.write_run(|write| {
                while let Some(row) = merge.next()? {
                    write(row)?;
                }
                Ok(())
            })?;
            drop(merge);
            self.remove(&runs)?;
            runs = rest;
            runs.push(merged);
        }
        let mut sources = self.open(&runs, stride)?;
        sources.push(Box::new(MemoryRun(keys)));
        let mut merge = Merge::new(stride, sources, known)?;
        let mut bytes = Vec::new();
        let mut rows = 0;
        while let Some(keys) = merge.next()? {
            found(id, &mut packing.tokens(keys, level));
            packing.push_bytes(packing.tokens(keys, level), &mut bytes);
            rows += 1;
            if bytes.len() >= self.block {
                self.writer.block(id, rows, &bytes)?;
                self.rows += rows as u64;
                bytes.clear();
                rows = 0;
            }
        }
        if rows > 0 {
            self.writer.block(id, rows, &bytes)?;
            self.rows += rows as u64;
        }
        drop(merge);
        self.remove(&runs)
    }

    fn open(&self, runs: &[Run], stride: usize) -> Result<Vec<Box<dyn Rows + 's>>, LevelError> {
        // The runs' read buffers share what the collector's budget has left of the whole.
        let batch = (self.budget / 3 / 16 / runs.len().max(1) / stride).max(1) * stride;
        runs.iter()
            .map(|run| {
                let file = FileRun::open(self.store, &run.name, run.keys, batch)?;
                Ok(Box::new(file) as Box<dyn Rows>)
            })
            .collect()
    }

    fn remove(&self, runs: &[Run]) -> Result<(), LevelError> {
        runs.iter().try_for_each(|run| {
            self.store
                .remove(&run.name)
                .map_err(|error| io_error(self.store, &run.name, "remove", error))
        })
    }
}
