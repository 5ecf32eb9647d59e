//! The file that an archive is read from, and errors that name it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use super::error::ReadError;
use crate::damage::Damage;

/// A file of known size, read from any place.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        let io = |error| ReadError::io(path, error);
        // Asked before opening, which waits where the path is a pipe.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(ReadError::not_an_archive(path, "it is not a file"));
        }
        let file = File::open(path).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        Ok(Self {
            path: path.to_owned(),
            file,
            size,
        })
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Fills `bytes` from `at` on.
    pub(super) fn read(&self, bytes: &mut [u8], at: u64) -> Result<(), ReadError> {
        self.file
            .read_exact_at(bytes, at)
            .map_err(|error| self.io(error))
    }

    /// XXH3-64 of the file's first `bytes` bytes.
    pub(super) fn checksum(&self, bytes: u64) -> Result<u64, ReadError> {
        let mut checksum = Xxh3Default::new();
        let mut buffer = vec![0; bytes.min(256 * 1024) as usize];
        let mut at = 0;
        while at < bytes {
            let count = (bytes - at).min(buffer.len() as u64) as usize;
            self.read(&mut buffer[..count], at)?;
            checksum.update(&buffer[..count]);
            at += count as u64;
        }
        Ok(checksum.digest())
    }

    pub(super) fn io(&self, error: io::Error) -> ReadError {
        ReadError::io(&self.path, error)
    }

    pub(super) fn damaged(&self, damage: Damage) -> ReadError {
        ReadError::damaged(&self.path, damage)
    }

    pub(super) fn not_an_archive(&self, found: impl Into<String>) -> ReadError {
        ReadError::not_an_archive(&self.path, found)
    }
}
