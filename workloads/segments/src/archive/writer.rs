//! Writing blocks one after another, with the running checksum.

use std::io::{self, Write};

use xxhash_rust::xxh3::Xxh3Default;

use super::format::{BLOCK_HEADER_BYTES, BlockKind, END_MAGIC, Format};
use crate::params::Settings;
use crate::varint::put;

/// Writes an archive's header, blocks and trailer. It holds no block: what it is given goes straight to `out`.
pub struct BlockWriter<W> {
    out: W,
    checksum: Xxh3Default,
    offset: u64,
    header: Vec<u8>,
}

impl<W: Write> BlockWriter<W> {
    /// Writes the header of a plain archive.
    ///
    /// # Errors
    /// `out` fails.
    pub fn new(out: W, settings: &Settings) -> io::Result<Self> {
        Self::with_format(out, Format::Plain, settings)
    }

    /// Writes the header of an archive in this format.
    ///
    /// # Errors
    /// `out` fails.
    pub fn with_format(out: W, format: Format, settings: &Settings) -> io::Result<Self> {
        let mut writer = Self {
            out,
            checksum: Xxh3Default::new(),
            offset: 0,
            header: Vec::with_capacity(BLOCK_HEADER_BYTES),
        };
        writer.write(&format.header(settings))?;
        Ok(writer)
    }

    /// Writes a block: what is stored of a payload of `payload_len` bytes. `group` is that of references and packs,
    /// 0 for all else.
    ///
    /// # Errors
    /// `out` fails.
    pub fn block(
        &mut self,
        kind: BlockKind,
        group: u32,
        payload_len: usize,
        stored: &[u8],
    ) -> io::Result<()> {
        let mut header = std::mem::take(&mut self.header);
        header.clear();
        header.push(kind as u8);
        put(&mut header, group.into());
        put(&mut header, payload_len as u64);
        put(&mut header, stored.len() as u64);
        let written = self.write(&header).and_then(|()| self.write(stored));
        self.header = header;
        written
    }

    /// Writes the meta block and the trailer; gives back what was written to, and the archive's size in bytes.
    ///
    /// # Errors
    /// `out` fails.
    pub fn finish(mut self, payload_len: usize, stored: &[u8]) -> io::Result<(W, u64)> {
        let meta = self.offset;
        self.block(BlockKind::Meta, 0, payload_len, stored)?;
        self.write(&meta.to_le_bytes())?;
        let checksum = self.checksum.digest();
        self.write(&checksum.to_le_bytes())?;
        self.write(&END_MAGIC)?;
        self.out.flush()?;
        Ok((self.out, self.offset))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.checksum.update(bytes);
        self.offset += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;
    use crate::params::{Levels, Params};

    #[test]
    fn an_archive_is_header_blocks_and_trailer() {
        let settings = Params::default().settings(Levels::AsFound).unwrap();
        let mut writer = BlockWriter::new(Vec::new(), &settings).unwrap();
        writer.block(BlockKind::Reference, 300, 5, b"abc").unwrap();
        let (bytes, size) = writer.finish(2, b"mm").unwrap();
        assert_eq!(bytes.len() as u64, size);

        let mut expected = b"SEGW0001".to_vec();
        for field in [21_u32, 10_000, 20, 50] {
            expected.extend(field.to_le_bytes());
        }
        expected.extend(b"\x00\xac\x02\x05\x03abc");
        let meta = expected.len() as u64;
        expected.extend(b"\x03\x00\x02\x02mm");
        expected.extend(meta.to_le_bytes());
        expected.extend(xxh3_64(&expected).to_le_bytes());
        expected.extend(b"SEGWEND1");
        assert_eq!(bytes, expected);
    }

    #[test]
    fn cross_referenced_archives_begin_otherwise() {
        let settings = Params::default().settings(Levels::AsFound).unwrap();
        let writer = BlockWriter::with_format(Vec::new(), Format::CrossReferenced, &settings);
        let (bytes, _) = writer.unwrap().finish(0, b"").unwrap();
        assert_eq!(bytes[..8], *b"SEGX0001");
    }

    #[test]
    fn a_full_device_is_an_error() {
        let settings = Params::default().settings(Levels::AsFound).unwrap();
        let mut room = [0; 40];
        let mut writer = BlockWriter::new(&mut room[..], &settings).unwrap();
        assert!(writer.block(BlockKind::Pack, 1, 20, &[0; 20]).is_err());
    }
}
