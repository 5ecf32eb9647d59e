//! Opening a store: every check, in its order.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use super::error::StoreError;
use super::header::{Damage, Header};
use super::ids::{Column, Sums, beside};
use super::inner::{Inner, Store};
use super::mapping::Mapping;
use super::medium::{Part, failed};
use super::options::OpenOptions;
use super::shape::PAGE;
use crate::encoding::Encoding;

/// How a file is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

/// What a file says of itself, checked.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) header: Header,
    /// Which slot of the header is in force.
    pub(super) slot: usize,
    pub(super) parameters: Vec<u8>,
}

/// The first page of a file, and how long the file is.
pub(super) struct Beginning {
    pub(super) page: [u8; PAGE as usize],
    length: u64,
}

impl Beginning {
    /// Reads it.
    pub(super) fn of(file: &File, path: &Path) -> Result<Self, StoreError> {
        let metadata = file.metadata();
        let length = metadata
            .map_err(failed("reading the length of", path))?
            .len();
        let mut beginning = Self {
            page: [0; PAGE as usize],
            length,
        };
        beginning.need(PAGE, path)?;
        file.read_exact_at(&mut beginning.page, 0)
            .map_err(failed("reading", path))?;
        Ok(beginning)
    }

    /// Refuses a file that ends before.
    pub(super) fn need(&self, expected: u64, path: &Path) -> Result<(), StoreError> {
        if expected <= self.length {
            return Ok(());
        }
        Err(StoreError::Truncated {
            path: path.to_owned(),
            expected,
            found: self.length,
        })
    }
}

/// Locks a file that is opened, without waiting.
pub(super) fn lock(file: &File, path: &Path, how: Use) -> Result<(), StoreError> {
    let locked = match how {
        Use::Read => file.try_lock_shared(),
        Use::Write => file.try_lock(),
    };
    locked.map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::Locked {
            path: path.to_owned(),
        },
        TryLockError::Error(error) => failed("locking", path)(error),
    })
}

/// Opens and locks the file at `path`. One that was replaced in between is let go: its path is no longer its own.
pub(super) fn locked(path: &Path, how: Use) -> Result<File, StoreError> {
    loop {
        let writable = how == Use::Write;
        let file = File::options().read(true).write(writable).open(path);
        let file = file.map_err(failed("opening", path))?;
        lock(&file, path, how)?;
        let own = file.metadata().map_err(failed("opening", path))?;
        match path.metadata() {
            Ok(there) if (there.dev(), there.ino()) == (own.dev(), own.ino()) => return Ok(file),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed("opening", path)(error)),
        }
    }
}

impl Opened {
    /// Opens the file at `path`, and checks what its header says.
    pub(super) fn open(
        path: &Path,
        how: Use,
        dimension: Option<usize>,
        encoding: Option<Encoding>,
    ) -> Result<Self, StoreError> {
        let file = locked(path, how)?;
        let beginning = Beginning::of(&file, path)?;
        let (header, slot) = Header::of_page(&beginning.page).map_err(|damage| damage.at(path))?;
        let shape = header.shape;
        let end = shape.end(header.data_at, header.count);
        beginning.need(end.unwrap_or(u64::MAX), path)?;
        // The file holds them, since records come after; a file with holes may hold more than memory does.
        let length = usize::try_from(shape.parameters()).unwrap_or(usize::MAX);
        let mut parameters = Vec::new();
        let room = parameters.try_reserve_exact(length);
        room.map_err(|_| {
            failed("reading the parameters of", path)(io::ErrorKind::OutOfMemory.into())
        })?;
        parameters.resize(length, 0);
        let read = file.read_exact_at(&mut parameters, shape.parameters_at());
        read.map_err(failed("reading the parameters of", path))?;
        if crc32fast::hash(&parameters) != header.parameters_crc {
            return Err(StoreError::ParamsChecksum {
                path: path.to_owned(),
            });
        }
        let has = shape.dimension as usize;
        if let Some(expected) = dimension.filter(|&expected| expected != has) {
            return Err(StoreError::DimensionMismatch {
                path: path.to_owned(),
                expected,
                found: has,
            });
        }
        if let Some(expected) = encoding.filter(|&expected| expected != shape.encoding) {
            return Err(StoreError::EncodingMismatch {
                path: path.to_owned(),
                expected,
                found: shape.encoding,
            });
        }
        Ok(Self {
            file,
            header,
            slot,
            parameters,
        })
    }

    /// Where the committed records begin and end.
    pub(super) fn records(&self) -> std::ops::Range<u64> {
        let Header {
            shape,
            data_at,
            count,
            ..
        } = self.header;
        // That they end within the file was checked.
        data_at..data_at + count * shape.stride()
    }
}

impl Damage {
    fn at(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        match self {
            Self::Magic => StoreError::BadMagic { path },
            Self::Version(found) => StoreError::UnsupportedVersion { path, found },
            Self::Checksum => StoreError::HeaderChecksum { path },
            Self::Field(field, found) => StoreError::InvalidHeader { path, field, found },
        }
    }
}

impl Store {
    /// Opens the store at `path` to be read, and locks it against writers. Two pages and the parameters are read, however
    /// many records there are.
    ///
    /// # Errors
    /// In this order: a file that cannot be opened, or is in use by a writer; one that is too short, of another kind or
    /// version, damaged, or impossible; one of another dimension or encoding than the options ask for; ids that are damaged
    /// or another store's.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        let opened = Opened::open(path, Use::Read, options.dimension, options.encoding)?;
        let ids = if options.without_ids {
            None
        } else {
            Column::open(&beside(path), Part::Ids, Inner::ids_at(&opened.header))?
        };
        let sums = if opened.header.shape.checksums {
            None
        } else {
            Sums::open(path, &opened.header)?
        };
        let mapping = Mapping::to_read(&opened.file, opened.records());
        let mapping = mapping.map_err(failed("mapping", path))?;
        let inner = Inner::new(
            Arc::new(opened.file),
            path,
            mapping,
            &opened.header,
            opened.parameters,
            options.checks,
            (ids, sums),
        );
        Ok(Self {
            inner: Arc::new(inner),
        })
    }
}
