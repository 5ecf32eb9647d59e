//! The file that an archive is written to, which appears under its name only when it is whole.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::whole_file::{directory, unfinished};

/// A new archive under a temporary name beside its final path. [`commit`](Self::commit) makes it durable and puts it
/// in place of what was there; dropped without that, it is removed and what was there stays as it is.
///
/// Its errors say which file, and what was tried.
#[derive(Debug)]
pub struct ArchiveFile {
    out: BufWriter<NamedTempFile>,
    path: PathBuf,
}

/// Blocks are a few kilobytes; this many bytes go to the system at once.
const BUFFER: usize = 64 * 1024;

impl ArchiveFile {
    /// Creates the temporary file.
    ///
    /// # Errors
    /// `path` is a directory or has no name, or its directory cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let refuse = |error| told("creating", path, &error);
        if path.file_name().is_none() {
            let kind = io::ErrorKind::InvalidInput;
            return Err(refuse(io::Error::new(kind, "it has no file name")));
        }
        if path.is_dir() {
            return Err(refuse(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let file = unfinished(path).map_err(refuse)?;
        Ok(Self {
            out: BufWriter::with_capacity(BUFFER, file),
            path: path.to_owned(),
        })
    }

    /// Writes out all that was written, makes it durable, and gives it its name.
    ///
    /// # Errors
    /// The disk is full or fails. Whatever had the name before is untouched, unless only making the new name itself
    /// durable failed.
    pub fn commit(self) -> io::Result<()> {
        let Self { out, path } = self;
        let tell = |error: io::Error| told("writing", &path, &error);
        let file = out.into_inner().map_err(|error| tell(error.into_error()))?;
        file.as_file().sync_all().map_err(tell)?;
        file.persist(&path).map_err(|error| tell(error.error))?;
        File::open(directory(&path))
            .and_then(|directory| directory.sync_all())
            .map_err(tell)
    }
}

/// The error with the file it is about, and what to do.
fn told(doing: &str, path: &Path, error: &io::Error) -> io::Error {
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded => {
            "; free some space or choose another disk, what the file held before is untouched"
        }
        io::ErrorKind::PermissionDenied => "; check the directory's permissions",
        io::ErrorKind::NotFound => "; make its directory first",
        _ => "",
    };
    io::Error::new(
        error.kind(),
        format!("{doing} {}: {error}{remedy}", path.display()),
    )
}

impl Write for ArchiveFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out
            .write(bytes)
            .map_err(|error| told("writing", &self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out
            .flush()
            .map_err(|error| told("writing", &self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn names(directory: &Path) -> Vec<OsString> {
        let entries = std::fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_committed_file_replaces_the_old_one_and_leaves_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pangenome.seg");
        std::fs::write(&path, "old").unwrap();
        let mut file = ArchiveFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(names(directory.path()).len(), 2);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        file.commit().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(directory.path()), ["pangenome.seg"]);
    }

    #[test]
    fn a_dropped_file_leaves_the_old_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pangenome.seg");
        std::fs::write(&path, "old").unwrap();
        let mut file = ArchiveFile::create(&path).unwrap();
        file.write_all(&[0; 3 * BUFFER]).unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(directory.path()), ["pangenome.seg"]);
    }

    #[test]
    fn impossible_paths_are_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let refused = |path: &Path| ArchiveFile::create(path).unwrap_err().to_string();
        let missing = directory.path().join("nowhere/a.seg");
        assert!(refused(&missing).contains("nowhere/a.seg"));
        assert!(refused(&missing).contains("make its directory first"));
        assert!(refused(directory.path()).contains("directory"));
        assert!(refused(Path::new("/")).contains("no file name"));
    }
}
