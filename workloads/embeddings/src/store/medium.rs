//! A file of the store as its appender sees it: reserved, written, synced, and each of these told to whoever watches.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FallocateFlags;

use super::error::StoreError;
use super::mapping::{Mapping, Pen};

/// One of the files of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Header, parameters and records.
    Records,
    /// The ids beside them.
    Ids,
    /// The sums of blocks of records that have no checksums of their own.
    Sums,
}

/// Sees all that is done to the files of a store while they are written, in order, and may refuse some of it.
///
/// What is written may reach the disk at any time after; what was written before a sync that covers it, at that sync at the
/// latest. [`Recording`](super::Recording) keeps it all, to see what a crash leaves.
pub trait Watch: Send + Sync + fmt::Debug {
    /// The file is about to be given room up to `length` bytes, new ones reading as zeros.
    ///
    /// # Errors
    /// The growth fails with this error, as if the disk were full.
    fn reserve(&self, part: Part, length: u64) -> io::Result<()>;

    /// The file is cut back to `length` bytes, because a growth failed.
    fn cut(&self, part: Part, length: u64);

    /// These bytes are written from `at` on.
    fn write(&self, part: Part, at: u64, bytes: &[u8]);

    /// These bytes are about to be synced.
    ///
    /// # Errors
    /// The commit fails with this error, as if the disk did.
    fn sync(&self, part: Part, range: Range<u64>) -> io::Result<()>;

    /// The files, so far without a name, got theirs: from here on a crash leaves them to be found.
    fn published(&self) {}
}

/// A file that is written through its mapping.
#[derive(Debug)]
pub(super) struct Medium {
    pub(super) part: Part,
    pub(super) file: Arc<File>,
    pub(super) path: PathBuf,
    pub(super) mapping: Arc<Mapping>,
    pen: Pen,
    watch: Option<Arc<dyn Watch>>,
    /// Whether the file's length has changed since it was last synced.
    lengthened: bool,
}

/// An error of the system, with what was being done.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    move |error| StoreError::Io {
        doing,
        path: path.to_owned(),
        error,
    }
}

/// Gives a file room up to `length` bytes, on the disk.
fn reserve(file: &File, part: Part, length: u64, watch: Option<&Arc<dyn Watch>>) -> io::Result<()> {
    if let Some(watch) = watch {
        watch.reserve(part, length)?;
    }
    if cfg!(miri) {
        // It does not know the call, and has no holes.
        return file.set_len(length.max(file.metadata()?.len()));
    }
    let reserve = || rustix::fs::fallocate(file, FallocateFlags::empty(), 0, length);
    rustix::io::retry_on_intr(reserve)?;
    Ok(())
}

impl Medium {
    /// Takes a file to be written outside of `sealed`, and gives it room up to `length` bytes.
    pub(super) fn new(
        part: Part,
        file: Arc<File>,
        path: &Path,
        sealed: Range<u64>,
        length: u64,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Self, StoreError> {
        let found = file
            .metadata()
            .map_err(failed("reading the length of", path))?
            .len();
        // Also of a file that is long enough: a copy may have holes, and a page of a hole that a full disk cannot give ends
        // the process.
        let reserved = reserve(&file, part, length, watch.as_ref());
        reserved.map_err(|error| {
            // What a full disk gave of it is given back; where that fails, the file is longer, which does no harm.
            let _ = file.set_len(found);
            growth(path, length)(error)
        })?;
        let mapped = Mapping::to_write(&file, sealed);
        let (mapping, pen) = mapped.map_err(failed("mapping", path))?;
        Ok(Self {
            part,
            file,
            path: path.to_owned(),
            mapping,
            pen,
            watch,
            lengthened: found < length,
        })
    }

    /// Bytes that there is room for.
    pub(super) fn held(&self) -> u64 {
        self.pen.held()
    }

    /// Gives the file room up to `length` bytes. Where that fails everything is as it was.
    pub(super) fn grow(&mut self, length: u64) -> Result<(), StoreError> {
        let before = self.held();
        if length <= before {
            return Ok(());
        }
        let reserved = reserve(&self.file, self.part, length, self.watch.as_ref());
        let grown = reserved.and_then(|()| self.pen.extend(&self.file, length));
        grown.map_err(|error| {
            self.cut(before);
            growth(&self.path, length)(error)
        })?;
        self.lengthened = true;
        Ok(())
    }

    /// Takes room back that was given and not used.
    pub(super) fn cut(&mut self, length: u64) {
        self.pen.shrink(length);
        if let Some(watch) = &self.watch {
            watch.cut(self.part, length);
        }
        // Where this fails the file is longer than it says, which does no harm.
        let _ = self.file.set_len(length);
    }

    /// Writes bytes that are not sealed.
    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let written = self.pen.write(at, bytes);
        written.map_err(failed("writing to", &self.path))?;
        if let Some(watch) = &self.watch {
            watch.write(self.part, at, bytes);
        }
        Ok(())
    }

    /// Waits until these bytes are on the disk, and the file's length if it has changed.
    pub(super) fn sync(&mut self, range: Range<u64>) -> Result<(), StoreError> {
        let watched = match &self.watch {
            Some(watch) => watch.sync(self.part, range.clone()),
            None => Ok(()),
        };
        let synced = watched.and_then(|()| {
            self.pen.sync(range)?;
            if self.lengthened {
                self.file.sync_all()?;
            }
            Ok(())
        });
        synced.map_err(failed("syncing", &self.path))?;
        self.lengthened = false;
        Ok(())
    }

    /// Lets readers have what is written up to `end`.
    pub(super) fn seal(&mut self, end: u64) {
        self.pen.seal(end);
    }

    /// The files have their names now.
    pub(super) fn published(&mut self, path: &Path) {
        self.path = path.to_owned();
        if let Some(watch) = self.watch.as_ref().filter(|_| self.part == Part::Records) {
            watch.published();
        }
    }
}

fn growth(path: &Path, bytes: u64) -> impl FnOnce(io::Error) -> StoreError {
    move |error| StoreError::Growth {
        path: path.to_owned(),
        bytes,
        error,
    }
}
