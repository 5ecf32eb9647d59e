//! One entry of the cache: a directory of inputs and a manifest of what is in it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{InputsError, io};

/// Version of the layout; entries of another are made anew.
const VERSION: u32 = 1;
const MANIFEST: &str = "manifest.json";
const DATA: &str = "data";

/// What an entry holds, as it was when it was complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    version: u32,
    /// What the inputs were made from.
    key: Value,
    /// Every file, by its path below the inputs' directory, in order.
    files: Vec<Listed>,
    /// Bytes of all files.
    pub(super) bytes: u64,
}

/// A file and its length.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Listed {
    path: String,
    length: u64,
}

/// An entry's place; it may or may not be there.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    directory: PathBuf,
}

impl Entry {
    pub(super) fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The inputs' directory.
    pub(super) fn data(&self) -> PathBuf {
        self.directory.join(DATA)
    }

    /// Bytes of the inputs, if the entry is for this key, complete and unchanged: the same names
    /// and lengths. Contents are not read.
    pub(super) fn valid(&self, key: &Value) -> Option<u64> {
        let manifest = self.manifest()?;
        let listed = list(&self.data()).ok()?;
        let same = manifest.version == VERSION && manifest.key == *key && manifest.files == listed;
        same.then_some(manifest.bytes)
    }

    pub(super) fn manifest(&self) -> Option<Manifest> {
        serde_json::from_slice(&fs::read(self.directory.join(MANIFEST)).ok()?).ok()
    }

    /// When it was used last.
    pub(super) fn used(&self) -> Option<SystemTime> {
        fs::metadata(self.directory.join(MANIFEST))
            .ok()?
            .modified()
            .ok()
    }

    /// Notes that it is being used. An entry that cannot be marked is only evicted sooner.
    pub(super) fn touch(&self) {
        let manifest = File::options()
            .write(true)
            .open(self.directory.join(MANIFEST));
        let _ = manifest.and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// An empty directory for making the entry in, in place of what is left of earlier attempts.
    pub(super) fn begin(making: &Path) -> Result<Self, InputsError> {
        remove(making)?;
        let entry = Self::at(making.to_path_buf());
        fs::create_dir_all(entry.data()).map_err(io("creating", making))?;
        Ok(entry)
    }

    /// Completes what was made: everything on disk, then in its place under its name at once.
    pub(super) fn complete(self, key: &Value, place: &Path) -> Result<u64, InputsError> {
        let data = self.data();
        let files = list(&data).map_err(io("listing", &data))?;
        settle(&data).map_err(io("writing to disk", &data))?;
        let bytes = files
            .iter()
            .map(|file| file.length)
            .fold(0, u64::saturating_add);
        let manifest = Manifest {
            version: VERSION,
            key: key.clone(),
            files,
            bytes,
        };
        let path = self.directory.join(MANIFEST);
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::from);
        text.and_then(|text| fs::write(&path, text))
            .and_then(|()| File::open(&path)?.sync_all())
            .map_err(io("writing", &path))?;
        remove(place)?;
        let moved = File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .and_then(|()| fs::rename(&self.directory, place));
        moved.map_err(io("moving into place", place))?;
        if let Some(parent) = place.parent() {
            File::open(parent)
                .and_then(|directory| directory.sync_all())
                .map_err(io("writing to disk", parent))?;
        }
        Ok(bytes)
    }
}

/// Removes a directory and all in it, if it is there.
pub(super) fn remove(directory: &Path) -> Result<(), InputsError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io("removing", directory)(error))
        }
        _ => Ok(()),
    }
}

/// Every file below a directory, in order. A link counts as what it points to.
fn list(root: &Path) -> io::Result<Vec<Listed>> {
    let mut files = Vec::new();
    walk(root, &mut |path| {
        let below = path.strip_prefix(root).unwrap_or(path);
        files.push(Listed {
            path: below.to_string_lossy().into_owned(),
            length: fs::metadata(path)?.len(),
        });
        Ok(())
    })?;
    files.sort_unstable();
    Ok(files)
}

/// Calls `each` with every file below a directory; links are not followed. Also lists directories
/// that are empty, so that one that is gone is noticed.
pub(super) fn walk(
    directory: &Path,
    each: &mut impl FnMut(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let mut empty = true;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        empty = false;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), each)?;
        } else {
            each(&entry.path())?;
        }
    }
    if empty { each(directory) } else { Ok(()) }
}

/// Puts files on disk, and makes those that are ours alone read-only: a run that writes to its
/// inputs would alter those of the next.
fn settle(data: &Path) -> io::Result<()> {
    walk(data, &mut |path| {
        let metadata = fs::symlink_metadata(path)?;
        if metadata.is_symlink() {
            return Ok(());
        }
        File::open(path)?.sync_all()?;
        if metadata.is_file() && metadata.nlink() == 1 {
            let mut permissions = metadata.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(path, permissions)?;
        }
        Ok(())
    })
}
