//! Packed templates in a file, one after another as they came.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::super::files::{Files, Scratch};
use super::packed::LENGTH;
use super::pattern::SLACK;
use crate::account::{Account, Held};
use crate::error::Error;

/// Bytes that are written at once, and read.
const WRITTEN: usize = 1 << 20;
pub(super) const READ: usize = 256 << 10;
/// Of so many templates the first one's place is known.
const MARKED: u64 = 1 << 12;

/// A file that grows.
#[derive(Debug)]
pub(in super::super) struct Spool {
    pub(super) scratch: Arc<Scratch>,
    buffer: Vec<u8>,
    /// Bytes and templates so far, with those in the buffer.
    pub(super) bytes: u64,
    templates: u64,
    marks: Vec<u64>,
    pub(super) account: Account,
    _held: Held,
}

impl Spool {
    pub(in super::super) fn create(files: &Arc<Files>, account: Account) -> Result<Self, Error> {
        Ok(Self {
            scratch: Arc::new(files.take()?),
            buffer: Vec::with_capacity(WRITTEN),
            bytes: 0,
            templates: 0,
            marks: Vec::new(),
            _held: account.hold(WRITTEN as u64),
            account,
        })
    }

    /// Keeps a packed template, and tells how many there were before it.
    pub(super) fn push(&mut self, packed: &[u8]) -> Result<u64, Error> {
        if self.templates.is_multiple_of(MARKED) {
            self.marks.push(self.bytes);
        }
        if self.buffer.len() + packed.len() > WRITTEN {
            self.flush()?;
        }
        if packed.len() > WRITTEN {
            let written = self.scratch.file().write_all(packed);
            written.map_err(self.scratch.failed())?;
        } else {
            self.buffer.extend_from_slice(packed);
        }
        self.bytes += packed.len() as u64;
        self.templates += 1;
        Ok(self.templates - 1)
    }

    pub(super) fn flush(&mut self) -> Result<(), Error> {
        let written = self.scratch.file().write_all(&self.buffer);
        written.map_err(self.scratch.failed())?;
        self.buffer.clear();
        Ok(())
    }

    /// All templates, once they are written.
    pub(super) fn all(&self) -> Stretch {
        Stretch {
            templates: 0..self.templates,
            bytes: 0..self.bytes,
        }
    }

    /// All templates in about so many stretches.
    pub(super) fn stretches(&self, count: usize) -> Vec<Stretch> {
        let each = self.marks.len().div_ceil(count.max(1)).max(1);
        let all = self.all();
        let mut stretches = Vec::new();
        for first in (0..self.marks.len()).step_by(each) {
            let last = first + each;
            let end = (self.marks.get(last)).map_or((all.templates.end, all.bytes.end), |bytes| {
                (last as u64 * MARKED, *bytes)
            });
            stretches.push(Stretch {
                templates: first as u64 * MARKED..end.0,
                bytes: self.marks[first]..end.1,
            });
        }
        stretches
    }

    /// Templates from the first of a stretch on.
    pub(super) fn read(&self, stretch: &Stretch) -> Reader<'_> {
        let part = Part {
            file: self.scratch.file(),
            at: stretch.bytes.start,
            end: stretch.bytes.end,
        };
        Reader {
            part: BufReader::with_capacity(READ, part),
            scratch: &self.scratch,
            _held: self.account.hold(READ as u64),
        }
    }
}

/// Templates that follow one another: their numbers, and where in the file they are.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub(super) templates: std::ops::Range<u64>,
    pub(super) bytes: std::ops::Range<u64>,
}

/// Reads a stretch, template by template.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    part: BufReader<Part<'a>>,
    scratch: &'a Scratch,
    _held: Held,
}

impl Reader<'_> {
    /// Appends the next template, behind its length.
    #[inline]
    pub(super) fn append(&mut self, to: &mut Vec<u8>) -> Result<(), Error> {
        self.read(to).map_err(self.scratch.failed())
    }

    /// The next template, and what may be looked at behind it, in place of what was there.
    pub(super) fn next<'b>(&mut self, to: &'b mut Vec<u8>) -> Result<&'b [u8], Error> {
        to.clear();
        self.append(to)?;
        to.extend([0; SLACK]);
        Ok(&to[LENGTH..])
    }

    fn read(&mut self, to: &mut Vec<u8>) -> io::Result<()> {
        let buffered = self.part.fill_buf()?;
        let length = buffered
            .first_chunk()
            .map(|length| u32::from_le_bytes(*length) as usize);
        if let Some(whole) = length.and_then(|length| buffered.get(..LENGTH + length)) {
            to.extend_from_slice(whole);
            let read = whole.len();
            self.part.consume(read);
            return Ok(());
        }
        let mut length = [0; LENGTH];
        self.part.read_exact(&mut length)?;
        to.extend(length);
        let begin = to.len();
        to.resize(begin + u32::from_le_bytes(length) as usize, 0);
        self.part.read_exact(&mut to[begin..])
    }
}

/// A part of a file, which others read too.
#[derive(Debug)]
struct Part<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let read = self.file.read_at(&mut buffer[..most], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
