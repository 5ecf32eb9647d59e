//! A file for what is not to be held in memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_workload::Failure;
use tempfile::NamedTempFile;

/// Where bytes are in a [`Spill`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    offset: u64,
    length: u32,
}

/// Bytes moved out of memory, in a file of the scratch directory that is made for the first of them and removed with
/// the last hand on it.
#[derive(Debug)]
pub(crate) struct Spill {
    directory: PathBuf,
    file: Option<Arc<SpillFile>>,
    end: u64,
}

/// What was spilled, to be read.
#[derive(Debug)]
pub(crate) struct SpillFile(NamedTempFile<File>);

impl Spill {
    /// Nothing spilled yet; `directory` is for the file.
    pub(crate) fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            file: None,
            end: 0,
        }
    }

    /// Moves bytes out.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(Arc<SpillFile>, Extent), Failure> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => {
                let made = tempfile::Builder::new()
                    .prefix("spill.")
                    .tempfile_in(&self.directory)
                    .map_err(|error| Failure::io("making a file in", &self.directory, error))?;
                Arc::clone(self.file.insert(Arc::new(SpillFile(made))))
            }
        };
        let extent = Extent {
            offset: self.end,
            length: bytes.len() as u32,
        };
        file.0
            .as_file()
            .write_all_at(bytes, extent.offset)
            .map_err(|error| Failure::io("writing", file.0.path(), error))?;
        self.end += bytes.len() as u64;
        Ok((file, extent))
    }

    /// Appends spilled bytes to `out`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn read(&self, extent: Extent, out: &mut Vec<u8>) -> Result<(), Failure> {
        match &self.file {
            Some(file) => file.read(extent, out),
            None => Err(Failure::Other("nothing was spilled".to_owned())),
        }
    }
}

impl SpillFile {
    /// Appends spilled bytes to `out`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn read(&self, extent: Extent, out: &mut Vec<u8>) -> Result<(), Failure> {
        let start = out.len();
        out.resize(start + extent.length as usize, 0);
        self.0
            .as_file()
            .read_exact_at(&mut out[start..], extent.offset)
            .map_err(|error: io::Error| Failure::io("reading", self.0.path(), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spilled_comes_back_and_the_file_goes() {
        let directory = tempfile::tempdir().unwrap();
        let files = || std::fs::read_dir(directory.path()).unwrap().count();
        let mut spill = Spill::new(directory.path());
        assert_eq!(files(), 0);
        let (file, first) = spill.append(b"first").unwrap();
        let (_, second) = spill.append(b"second one").unwrap();
        let mut out = b"> ".to_vec();
        spill.read(second, &mut out).unwrap();
        file.read(first, &mut out).unwrap();
        assert_eq!(out, b"> second onefirst");
        drop(spill);
        assert_eq!(files(), 1);
        drop(file);
        assert_eq!(files(), 0);
    }

    #[test]
    fn a_directory_that_is_gone_is_named() {
        let mut spill = Spill::new(Path::new("gone/with/the/wind"));
        let failure = spill.append(b"x").unwrap_err().to_string();
        assert!(failure.contains("gone/with/the/wind"), "{failure}");
    }
}
