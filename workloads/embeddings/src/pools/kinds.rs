//! Where blocks come from.

use std::sync::{Mutex, PoisonError};

use plimsoll_workload::Failure;

use crate::pool::{Chunk, Pool, PoolOptions, PoolStats};

/// Gives blocks of one size, and takes them back.
pub(super) trait Kind: Sync + Sized {
    /// A block; its first 64 bytes may be written.
    type Block: Send;

    /// For blocks of so many bytes, 64 at least.
    fn of(size: usize) -> Result<Self, Failure>;

    /// A block, with `word` at its beginning.
    fn take(&self, word: u64) -> Result<Self::Block, Failure>;

    /// The word at its beginning.
    fn word(block: &Self::Block) -> u64;

    /// Takes a block back.
    fn give(&self, block: Self::Block);

    /// Writes to every page of a block.
    fn touch(&self, block: &mut Self::Block);

    /// Gives back to the system what is not in use, and tells what there is, where there is an account of it.
    fn settle(&self) -> Option<PoolStats> {
        None
    }
}

/// Bytes that lie at a multiple of 64.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Line([u64; 8]);

/// Aligned blocks of the system's allocator.
pub(super) struct Aligned {
    lines: usize,
}

/// An aligned block, of which the first line is written.
pub(super) struct Lines(Vec<Line>);

impl Kind for Aligned {
    type Block = Lines;

    fn of(size: usize) -> Result<Self, Failure> {
        let lines = size.div_ceil(size_of::<Line>());
        Ok(Self { lines })
    }

    #[inline]
    fn take(&self, word: u64) -> Result<Lines, Failure> {
        let mut lines = Vec::with_capacity(self.lines);
        lines.push(Line([word; 8]));
        Ok(Lines(lines))
    }

    #[inline]
    fn word(block: &Lines) -> u64 {
        block.0.first().map_or(0, |line| line.0[0])
    }

    #[inline]
    fn give(&self, block: Lines) {
        drop(block);
    }

    fn touch(&self, block: &mut Lines) {
        let word = Self::word(block);
        block.0.resize(self.lines, Line([word; 8]));
    }
}

/// Blocks of the system's allocator.
pub(super) struct Plain {
    words: usize,
}

impl Kind for Plain {
    type Block = Vec<u64>;

    fn of(size: usize) -> Result<Self, Failure> {
        let words = size.div_ceil(size_of::<u64>());
        Ok(Self { words })
    }

    #[inline]
    fn take(&self, word: u64) -> Result<Vec<u64>, Failure> {
        let mut words = Vec::with_capacity(self.words);
        words.extend([word; 8]);
        Ok(words)
    }

    #[inline]
    fn word(block: &Vec<u64>) -> u64 {
        block.first().copied().unwrap_or_default()
    }

    #[inline]
    fn give(&self, block: Vec<u64>) {
        drop(block);
    }

    fn touch(&self, block: &mut Vec<u64>) {
        let word = Self::word(block);
        block.resize(self.words, word);
    }
}

/// One list of aligned blocks that nobody uses.
pub(super) struct Locked {
    blocks: Aligned,
    free: Mutex<Vec<Lines>>,
}

impl Kind for Locked {
    type Block = Lines;

    fn of(size: usize) -> Result<Self, Failure> {
        Ok(Self {
            blocks: Aligned::of(size)?,
            free: Mutex::default(),
        })
    }

    #[inline]
    fn take(&self, word: u64) -> Result<Lines, Failure> {
        let free = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let Some(mut block) = free else {
            return self.blocks.take(word);
        };
        if let Some(line) = block.0.first_mut() {
            *line = Line([word; 8]);
        }
        Ok(block)
    }

    #[inline]
    fn word(block: &Lines) -> u64 {
        Aligned::word(block)
    }

    #[inline]
    fn give(&self, block: Lines) {
        self.free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(block);
    }

    fn touch(&self, block: &mut Lines) {
        self.blocks.touch(block);
    }
}

/// Chunks of a pool.
pub(super) struct Pooled(Pool);

impl Kind for Pooled {
    type Block = Chunk;

    fn of(size: usize) -> Result<Self, Failure> {
        let pool = Pool::new(PoolOptions::of(size));
        pool.map(Self)
            .map_err(|error| Failure::Other(error.to_string()))
    }

    #[inline]
    fn take(&self, word: u64) -> Result<Chunk, Failure> {
        let mut chunk = self
            .0
            .try_alloc()
            .map_err(|error| Failure::Other(error.to_string()))?;
        for bytes in chunk[..64].as_chunks_mut::<8>().0 {
            *bytes = word.to_le_bytes();
        }
        Ok(chunk)
    }

    #[inline]
    fn word(block: &Chunk) -> u64 {
        block
            .first_chunk()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    #[inline]
    fn give(&self, block: Chunk) {
        drop(block);
    }

    fn touch(&self, block: &mut Chunk) {
        block[64..].fill(1);
    }

    fn settle(&self) -> Option<PoolStats> {
        self.0.trim();
        Some(self.0.stats())
    }
}
