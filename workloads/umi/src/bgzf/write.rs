//! Deflating bytes into blocks.

use libdeflater::{CompressionLvl, Compressor, crc32};

use super::block::{HEADER, MOST_BYTES, TRAILER};
use crate::account::heap_bytes;
use crate::error::Error;

/// Bytes of a block before compression, at most: with them even bytes that cannot be compressed fit into a block.
const PLAIN_BYTES: usize = 0xff00;

/// A thread's compressor, and the block that it fills.
pub struct Deflater {
    compressor: Compressor,
    /// Bytes of the compressor, which is in C's heap.
    compressor_bytes: u64,
    plain: Vec<u8>,
    /// Where a block is made: its size is known only when it is there.
    block: Vec<u8>,
    out: Vec<u8>,
}

impl Deflater {
    /// With a level of libdeflate, 1 to 12.
    pub fn new(level: u32) -> Result<Self, Error> {
        // What libdeflate 1.26 asks for: it does not tell.
        let compressor_bytes = match level {
            0 | 1 => 202_759,
            2..=9 => 668_295,
            _ => 9_011_751,
        };
        let level = i32::try_from(level).unwrap_or(i32::MAX);
        let level = CompressionLvl::new(level)
            .map_err(|_| Error::Settings(format!("level is {level}; it must be from 1 to 12")))?;
        let mut compressor = Compressor::new(level);
        let bound = compressor.deflate_compress_bound(PLAIN_BYTES);
        Ok(Self {
            block: vec![0; HEADER + bound + TRAILER],
            compressor,
            compressor_bytes,
            plain: Vec::with_capacity(PLAIN_BYTES),
            out: Vec::new(),
        })
    }

    /// Bytes that it holds.
    pub(crate) fn heap_bytes(&self) -> u64 {
        self.compressor_bytes
            + heap_bytes(&self.plain)
            + heap_bytes(&self.block)
            + heap_bytes(&self.out)
    }

    /// Uses `out` for the blocks to come; what was in it is gone.
    pub fn begin(&mut self, mut out: Vec<u8>) {
        out.clear();
        self.out = out;
    }

    /// Appends bytes.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        loop {
            let room = PLAIN_BYTES - self.plain.len();
            if bytes.len() < room {
                self.plain.extend_from_slice(bytes);
                return Ok(());
            }
            let (now, later) = bytes.split_at(room);
            self.plain.extend_from_slice(now);
            self.end_block()?;
            bytes = later;
        }
    }

    /// Ends the last block, and gives all that were made since `begin`.
    pub fn finish(&mut self) -> Result<Vec<u8>, Error> {
        if !self.plain.is_empty() {
            self.end_block()?;
        }
        Ok(std::mem::take(&mut self.out))
    }

    fn end_block(&mut self) -> Result<(), Error> {
        let deflated = self
            .compressor
            .deflate_compress(&self.plain, &mut self.block[HEADER..])
            .ok()
            .filter(|deflated| HEADER + deflated + TRAILER <= MOST_BYTES)
            .ok_or(Error::Incompressible)?;
        let size = HEADER + deflated + TRAILER;
        // Within 16 bits, by the filter above.
        let told = ((size - 1) as u16).to_le_bytes();
        let header = [
            0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, told[0], told[1],
        ];
        self.block[..HEADER].copy_from_slice(&header);
        self.out.extend_from_slice(&self.block[..size - TRAILER]);
        self.out.extend(crc32(&self.plain).to_le_bytes());
        self.out.extend((self.plain.len() as u32).to_le_bytes());
        self.plain.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{EOF_BLOCK, inflate_all};
    use super::*;

    fn comes_back(bytes: &[u8], cut: usize, level: u32) {
        let mut deflater = Deflater::new(level).unwrap();
        deflater.begin(Vec::new());
        for piece in bytes.chunks(cut) {
            deflater.push(piece).unwrap();
        }
        let mut written = deflater.finish().unwrap();
        written.extend(EOF_BLOCK);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), written).unwrap();
        let mut back = Vec::new();
        inflate_all(file.path(), |piece| {
            back.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
        assert!(back == bytes);
    }

    #[test]
    fn bytes_that_cannot_be_compressed_fit_into_blocks_at_every_level() {
        let mut state = 1_u64;
        let mut bytes = Vec::new();
        while bytes.len() < 3 * PLAIN_BYTES {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            bytes.push((state >> 56) as u8);
        }
        for level in 1..=12 {
            comes_back(&bytes, 70_000, level);
        }
        assert!(Deflater::new(13).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(0_u8..4, 0..200_000), cut in 1_usize..70_000) {
            comes_back(&bytes, cut, 1);
        }
    }
}
