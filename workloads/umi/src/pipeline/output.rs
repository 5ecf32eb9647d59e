//! The output file, which is there whole or not at all, and the order in which blocks come to it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::account::{Account, Held, heap_bytes};
use crate::bam::Header;
use crate::bgzf::{Deflater, EOF_BLOCK};
use crate::error::Error;

/// A file that gets its name when all of it is written, and is gone otherwise.
#[derive(Debug)]
pub(crate) struct Output {
    path: PathBuf,
    file: NamedTempFile,
    bytes: u64,
}

/// Begins the grouped file at `path` with its header.
pub(crate) fn grouped_file(path: &Path, header: &Header, level: u32) -> Result<Output, Error> {
    let mut output = Output::create(path)?;
    let mut deflater = Deflater::new(level)?;
    deflater.begin(Vec::new());
    deflater.push(&header.grouped())?;
    output.write(&deflater.finish()?)?;
    Ok(output)
}

impl Output {
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let directory = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".unfinished-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(directory);
        Ok(Self {
            path: path.into(),
            file: file.map_err(|error| Error::write(path, error))?,
            bytes: 0,
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let file: &mut File = self.file.as_file_mut();
        file.write_all(bytes)
            .map_err(|error| Error::write(&self.path, error))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Ends the file and gives it its name; how many bytes it has.
    pub(crate) fn commit(mut self) -> Result<u64, Error> {
        self.write(&EOF_BLOCK)?;
        let Self { path, file, bytes } = self;
        file.persist(&path)
            .map_err(|error| Error::write(&path, error.error))?;
        Ok(bytes)
    }
}

/// Brings blocks into their order.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    output: &'a mut Output,
    next: u64,
    waiting: BTreeMap<u64, Vec<u8>>,
    /// Buffers that are used again.
    free: Vec<Vec<u8>>,
    /// What of both is counted.
    held: Option<Held>,
}

impl<'a> Writer<'a> {
    /// A writer whose buffers are counted, or not.
    pub(crate) fn new(output: &'a mut Output, account: Option<&Account>) -> Self {
        Self {
            output,
            next: 0,
            waiting: BTreeMap::new(),
            free: Vec::new(),
            held: account.map(|account| account.hold(0)),
        }
    }

    pub(super) fn buffer(&mut self) -> Vec<u8> {
        let buffer = self.free.pop().unwrap_or_default();
        self.count();
        buffer
    }

    fn count(&mut self) {
        if let Some(held) = &mut self.held {
            let buffers = self.free.iter().chain(self.waiting.values());
            held.set(buffers.map(heap_bytes).sum());
        }
    }

    /// Takes the blocks of a job, and writes what is in order now: how many jobs are written, and the bytes that went.
    pub(crate) fn deliver(&mut self, number: u64, blocks: Vec<u8>) -> Result<(u64, u64), Error> {
        self.waiting.insert(number, blocks);
        let mut gone = 0;
        while let Some(blocks) = self.waiting.remove(&self.next) {
            self.output.write(&blocks)?;
            gone += blocks.len() as u64;
            self.next += 1;
            self.free.push(blocks);
        }
        self.count();
        Ok((self.next, gone))
    }
}
