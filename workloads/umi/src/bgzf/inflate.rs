//! Inflating runs of blocks, each held against its checksum.

use std::path::Path;

use libdeflater::{Decompressor, crc32};

use super::block::{BlockProblem, TRAILER, word};
use super::runs::{Compressed, Runs};
use crate::error::Error;

/// A thread's decompressor.
pub(crate) struct Inflater(Decompressor);

impl Inflater {
    /// Bytes of libdeflate's own.
    pub(crate) const HEAP_BYTES: u64 = 11_568;

    pub(crate) fn new() -> Self {
        Self(Decompressor::new())
    }

    /// Inflates a run of the file at `path` into the beginning of `out`, which has room for `run.inflated` bytes.
    pub(crate) fn inflate(
        &mut self,
        path: &Path,
        run: &Compressed,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let ends = run.blocks.iter().skip(1).map(|block| block.0);
        let ends = ends.chain([run.bytes.len()]);
        let mut rest = out;
        for (&(begin, deflated), end) in run.blocks.iter().zip(ends) {
            let damaged = |problem| Error::block(path, run.at + begin as u64, problem);
            let trailer = end - TRAILER;
            let size = word(&run.bytes, trailer + 4) as usize;
            let (block, after) = rest.split_at_mut(size);
            rest = after;
            let inflated = self
                .0
                .deflate_decompress(&run.bytes[deflated..trailer], block);
            if inflated != Ok(size) {
                return Err(damaged(BlockProblem::Deflate));
            }
            if crc32(block) != word(&run.bytes, trailer) {
                return Err(damaged(BlockProblem::Checksum));
            }
        }
        Ok(())
    }
}

/// Inflates a whole file, and hands it on piece by piece.
///
/// # Errors
/// The file cannot be read, is not BGZF, is damaged or ends early; or the error of `take`.
pub fn inflate_all(
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut runs = Runs::open(path)?;
    let mut inflater = Inflater::new();
    let (mut run, mut piece) = (Compressed::default(), Vec::new());
    while runs.next(&mut run)? {
        piece.resize(run.inflated, 0);
        inflater.inflate(path, &run, &mut piece)?;
        take(&piece)?;
    }
    Ok(())
}
