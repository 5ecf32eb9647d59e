//! Whether an index is what a file holds, to the last byte.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::format::HEADER;
use super::replace::failed;
use crate::index::{Index, IndexError};

/// Read from the file at a time.
const PIECE: usize = 64 << 10;

impl Index {
    /// Whether saving this index would give the bytes of the file at `path`. Nothing is written.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_saved_at(&self, path: &Path) -> Result<bool, IndexError> {
        let reading = failed("reading the index", path);
        let compare = || {
            let file = File::open(path)?;
            let same_length = file.metadata()?.len() == self.file_bytes().unwrap_or(0);
            let mut compared = Compared {
                file,
                at: 0,
                header: [0; HEADER],
                piece: [0; PIECE],
                same: same_length,
            };
            if same_length {
                self.write(&mut compared)?;
                compared.file.seek(SeekFrom::Start(0))?;
                let mut header = [0; HEADER];
                compared.file.read_exact(&mut header)?;
                compared.same &= header == compared.header;
            }
            Ok(compared.same)
        };
        compare().map_err(reading)
    }
}

/// Takes what is written and holds it against a file. The header is kept until all is written, for it is written twice.
struct Compared {
    file: File,
    /// Where the next byte is written.
    at: usize,
    header: [u8; HEADER],
    piece: [u8; PIECE],
    same: bool,
}

impl Write for Compared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = if self.at < HEADER {
            let room = &mut self.header[self.at..];
            let count = bytes.len().min(room.len());
            room[..count].copy_from_slice(&bytes[..count]);
            count
        } else {
            let piece = &mut self.piece[..bytes.len().min(PIECE)];
            // Written from the header on, in order; so it is read.
            if self.at == HEADER {
                self.file.seek(SeekFrom::Start(HEADER as u64))?;
            }
            self.file.read_exact(piece)?;
            self.same &= *piece == bytes[..piece.len()];
            piece.len()
        };
        self.at += count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Compared {
    /// Only to the beginning: a writer of an index goes nowhere else.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Start(0) => {
                self.at = 0;
                Ok(0)
            }
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}
