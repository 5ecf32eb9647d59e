//! Reading a file in runs of whole blocks, still compressed, so that runs can be inflated by several threads.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::block::{BlockProblem, FIXED_HEADER, MOST_BYTES, TRAILER, block_size, word};
use crate::account::heap_bytes;
use crate::error::Error;

/// Inflated bytes of a run: so many blocks are taken until it has at least that many, so that it has at most a block
/// more.
const RUN_TARGET: usize = 512 << 10;
/// Inflated bytes of a run at most.
pub(crate) const RUN_BYTES: usize = RUN_TARGET + MOST_BYTES;
const BUFFER: usize = 256 << 10;

/// Blocks that follow one another, compressed.
#[derive(Debug, Default)]
pub(crate) struct Compressed {
    /// Where in the file they begin.
    pub(crate) at: u64,
    pub(crate) bytes: Vec<u8>,
    /// Where each block begins in `bytes`, and where its deflated bytes do.
    pub(crate) blocks: Vec<(usize, usize)>,
    /// Bytes of all blocks together when inflated, by their own account.
    pub(crate) inflated: usize,
}

impl Compressed {
    /// Bytes that it has room for.
    pub(crate) fn heap_bytes(&self) -> u64 {
        heap_bytes(&self.bytes) + heap_bytes(&self.blocks)
    }
}

/// A BGZF file from front to back.
#[derive(Debug)]
pub(crate) struct Runs {
    path: PathBuf,
    file: BufReader<File>,
    at: u64,
    /// Whether the last block was empty, as the last one of a file is.
    ended: bool,
}

impl Runs {
    /// Bytes of its buffer.
    pub(crate) const HEAP_BYTES: u64 = BUFFER as u64;

    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| Error::read(path, error))?;
        Ok(Self {
            path: path.into(),
            file: BufReader::with_capacity(BUFFER, file),
            at: 0,
            ended: false,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces `run` by the next one; false at the end of the file.
    pub(crate) fn next(&mut self, run: &mut Compressed) -> Result<bool, Error> {
        run.at = self.at;
        run.bytes.clear();
        run.blocks.clear();
        run.inflated = 0;
        while run.inflated < RUN_TARGET && run.bytes.len() < RUN_TARGET && !self.at_end()? {
            self.block(run)?;
        }
        Ok(!run.blocks.is_empty())
    }

    fn at_end(&mut self) -> Result<bool, Error> {
        let buffered = loop {
            match self.file.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other.map_err(|error| Error::read(&self.path, error))?,
            }
        };
        match (buffered.is_empty(), self.ended) {
            (true, false) => Err(self.damaged(BlockProblem::NoEnd)),
            (empty, _) => Ok(empty),
        }
    }

    /// Appends the next block.
    fn block(&mut self, run: &mut Compressed) -> Result<(), Error> {
        let begin = run.bytes.len();
        self.append(run, FIXED_HEADER)?;
        let header = &run.bytes[begin..];
        if header[..3] != [0x1f, 0x8b, 8] || header[3] & 4 == 0 {
            return Err(self.damaged(BlockProblem::NotBgzf));
        }
        let extra = usize::from(u16::from_le_bytes([header[10], header[11]]));
        self.append(run, extra)?;
        let size = block_size(&run.bytes[begin + FIXED_HEADER..])
            .ok_or_else(|| self.damaged(BlockProblem::NoSize))?;
        let frame = FIXED_HEADER + extra;
        let rest = size
            .checked_sub(frame)
            .filter(|rest| *rest > TRAILER)
            .ok_or_else(|| self.damaged(BlockProblem::WrongSize))?;
        self.append(run, rest)?;
        let inflated = word(&run.bytes, run.bytes.len() - 4) as usize;
        if inflated > MOST_BYTES {
            return Err(self.damaged(BlockProblem::WrongSize));
        }
        run.blocks.push((begin, begin + frame));
        run.inflated += inflated;
        self.ended = inflated == 0;
        self.at += size as u64;
        Ok(())
    }

    fn append(&mut self, run: &mut Compressed, count: usize) -> Result<(), Error> {
        let begin = run.bytes.len();
        run.bytes.resize(begin + count, 0);
        match self.file.read_exact(&mut run.bytes[begin..]) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.damaged(BlockProblem::Truncated))
            }
            Err(error) => Err(Error::read(&self.path, error)),
        }
    }

    fn damaged(&self, problem: BlockProblem) -> Error {
        Error::block(&self.path, self.at, problem)
    }
}
