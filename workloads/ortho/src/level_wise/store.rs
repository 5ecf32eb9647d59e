//! Where level files live: a directory, or in tests something that fails.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// A file that is read from start to end, with skips.
pub trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// Named files.
pub trait Store {
    /// Creates a file, or empties it.
    ///
    /// # Errors
    /// Those of the file system; so for the other methods.
    fn create(&self, name: &str) -> io::Result<Box<dyn Write>>;
    /// Opens a file for reading.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    fn open(&self, name: &str) -> io::Result<Box<dyn Source>>;
    /// Gives a file another name, replacing what had it, as one step.
    ///
    /// # Errors
    /// Those of the file system.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file; one that is not there is no error.
    ///
    /// # Errors
    /// Those of the file system.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// What to call the place in messages.
    fn place(&self) -> String;
}

/// A directory of the file system.
#[derive(Debug, Clone)]
pub struct Directory(PathBuf);

impl Directory {
    /// The files in `path`, which exists.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Store for Directory {
    fn create(&self, name: &str) -> io::Result<Box<dyn Write>> {
        Ok(Box::new(File::create(self.0.join(name))?))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Source>> {
        Ok(Box::new(BufReader::with_capacity(
            1 << 10,
            File::open(self.0.join(name))?,
        )))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn place(&self) -> String {
        self.0.display().to_string()
    }
}
