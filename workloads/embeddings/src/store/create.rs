//! Creating a store: aside, without a name, until it is whole.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::{Builder, NamedTempFile, TempPath};

use super::appender::{Appender, Parts};
use super::error::StoreError;
use super::header::Header;
use super::ids::{IdsPen, SumsPen, beside, sums_beside};
use super::inner::Inner;
use super::medium::{Medium, Part, failed};
use super::open::{Use, lock, locked};
use super::options::CreateOptions;
use super::shape::{PAGE, Shape};
use crate::codec::Codec;

/// Files of a store that has no name yet. They are gone when this is dropped.
#[derive(Debug)]
pub(super) struct Unnamed {
    records: TempPath,
    /// What lies beside the records, and its names to be.
    beside: Vec<(TempPath, PathBuf)>,
    replace: bool,
}

/// The directory that a file is in.
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Waits until the names in a directory are on the disk.
fn sync_directory(path: &Path) -> Result<(), StoreError> {
    let synced = File::open(directory(path)).and_then(|directory| directory.sync_all());
    synced.map_err(failed("syncing the directory of", path))
}

/// What the names of files begin with that are to be at `path`.
fn aside_name(path: &Path) -> OsString {
    let mut prefix = path.file_name().unwrap_or_default().to_owned();
    prefix.push(".new-");
    prefix
}

/// A file without its name, beside `path`, locked.
fn aside(path: &Path) -> Result<NamedTempFile, StoreError> {
    sweep(path);
    let prefix = aside_name(path);
    let mut builder = Builder::new();
    builder.prefix(&prefix);
    builder.permissions(Permissions::from_mode(0o666));
    let file = builder.tempfile_in(directory(path));
    let file = file.map_err(failed("creating a file beside", path))?;
    lock(file.as_file(), path, Use::Write)?;
    Ok(file)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("removing", path)(error))
        }
        _ => Ok(()),
    }
}

impl Unnamed {
    /// Gives the files their names, those of the store at `path`: first what lies beside the records, which counts for
    /// nothing without them.
    pub(super) fn publish(self, path: &Path) -> Result<(), StoreError> {
        if self.replace {
            let former = match locked(path, Use::Write) {
                Ok(file) => Some(file),
                Err(StoreError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                    None
                }
                Err(error) => return Err(error),
            };
            remove(path)?;
            drop(former);
        } else if path.exists() {
            return Err(exists(path));
        }
        for orphan in [beside(path), sums_beside(path)] {
            remove_orphan(&orphan, path)?;
        }
        for (file, name_to_be) in self.beside {
            name(file, &name_to_be)?;
        }
        sync_directory(path)?;
        name(self.records, path)?;
        sync_directory(path)
    }
}

/// Gives a file its name, unless there is one of that name.
fn name(file: TempPath, path: &Path) -> Result<(), StoreError> {
    let named = if cfg!(miri) {
        // It does not know the call that leaves a file of that name as it is.
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    named.map_err(|error| {
        if error.error.kind() == io::ErrorKind::AlreadyExists {
            exists(path)
        } else {
            failed("naming", path)(error.error)
        }
    })
}

/// Removes ids that a store at `path` left which is no more, and not those of one that is getting its name just now: these are
/// locked.
fn remove_orphan(ids_path: &Path, path: &Path) -> Result<(), StoreError> {
    let orphan = match File::open(ids_path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("opening", ids_path)(error)),
    };
    lock(&orphan, path, Use::Write)?;
    if path.exists() {
        return Err(exists(path));
    }
    remove(ids_path)
}

/// Removes what others left that were stopped while they created the file at `path`. Those who are at it hold locks.
fn sweep(path: &Path) {
    let prefix = aside_name(path);
    let Ok(entries) = fs::read_dir(directory(path)) else {
        return;
    };
    for entry in entries.flatten() {
        let begins = entry.file_name().as_bytes().starts_with(prefix.as_bytes());
        let unused = |file: &File| lock(file, path, Use::Write).is_ok();
        if begins && File::open(entry.path()).as_ref().is_ok_and(unused) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn exists(path: &Path) -> StoreError {
    StoreError::AlreadyExists {
        path: path.to_owned(),
    }
}

/// Sixteen bytes that no other store has, by the random keys that the system gives each process.
fn random_id() -> [u8; 16] {
    let mut id = [0; 16];
    for (at, half) in id.chunks_exact_mut(8).enumerate() {
        half.copy_from_slice(&RandomState::new().hash_one(at).to_le_bytes());
    }
    id
}

impl Appender {
    /// Creates an empty store at `path` for rows that this codec encodes, and locks it against all others.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn create(
        path: &Path,
        codec: Arc<dyn Codec>,
        options: &CreateOptions,
    ) -> Result<Self, StoreError> {
        let mut appender = Self::build(path, codec, options)?;
        appender.commit()?;
        Ok(appender)
    }

    /// Begins a store that is at `path` from its first commit on, with all that was appended until then. It is written
    /// aside, under another name in the same directory; dropped before that commit, it leaves nothing.
    ///
    /// # Errors
    /// A store that is there already, unless the options ask to replace it, and it is not in use; a codec that no store has
    /// records of; a disk without room for the capacity.
    pub fn build(
        path: &Path,
        codec: Arc<dyn Codec>,
        options: &CreateOptions,
    ) -> Result<Self, StoreError> {
        let shape = Shape::of(&*codec, options.checksums).ok_or_else(|| StoreError::Shape {
            encoding: codec.encoding(),
            dimension: codec.dimension(),
            payload: codec.payload(),
        })?;
        let parameters = codec.parameters().into_owned();
        if parameters.len() as u64 != shape.parameters() {
            return Err(StoreError::ParametersMismatch {
                path: path.to_owned(),
            });
        }
        let capacity = options.capacity;
        let length = shape.end(shape.data_at(), capacity);
        let length = length.filter(|_| !options.ids || capacity <= u32::MAX.into());
        let length = length.ok_or_else(|| StoreError::TooMany {
            path: path.to_owned(),
            records: capacity,
        })?;
        if path.exists() {
            if !options.replace {
                return Err(exists(path));
            }
            drop(locked(path, Use::Write)?);
        }
        let header = Header {
            shape,
            generation: 0,
            count: 0,
            capacity,
            parameters_crc: crc32fast::hash(&parameters),
            data_at: shape.data_at(),
            store_id: options.store_id.unwrap_or_else(random_id),
        };
        let watch = &options.append.watch;
        let (file, records_name) = aside(path)?.into_parts();
        // There must be bytes before they can be sealed up to.
        let lengthened = file.set_len(header.data_at);
        lengthened.map_err(failed("lengthening", path))?;
        let file = Arc::new(file);
        let sealed = header.data_at..header.data_at;
        let mut records = Medium::new(
            Part::Records,
            file.clone(),
            path,
            sealed,
            length,
            watch.clone(),
        )?;
        if !parameters.is_empty() {
            records.write(PAGE, &parameters)?;
        }
        let mut names = Vec::new();
        let (ids, column) = if options.ids {
            let ids_path = beside(path);
            let (file, name) = aside(&ids_path)?.into_parts();
            let watch = watch.clone();
            let id = header.store_id;
            let (pen, column) = IdsPen::create(file, &ids_path, Part::Ids, id, capacity, watch)?;
            names.push((name, ids_path));
            (Some(pen), Some(column))
        } else {
            (None, None)
        };
        let (sums, block_sums) = if options.checksums {
            (None, None)
        } else {
            let sums_path = sums_beside(path);
            let (file, name) = aside(&sums_path)?.into_parts();
            let (pen, sums) = SumsPen::create(file, &sums_path, &header, watch.clone())?;
            names.push((name, sums_path));
            (Some(pen), Some(sums))
        };
        let mapping = records.mapping.clone();
        let checks = options.append.checks;
        let store = Inner::new(
            file,
            path,
            mapping,
            &header,
            parameters,
            checks,
            (column, block_sums),
        );
        Ok(Self::new(Parts {
            store,
            records,
            ids,
            sums,
            codec,
            header,
            // So that the first header goes into the first slot.
            slot: 1,
            unnamed: Some(Unnamed {
                records: records_name,
                beside: names,
                replace: options.replace,
            }),
            commits: options.append.commits,
        }))
    }
}
