//! Files for what does not fit into memory. They are used again for the next group: to write over what the system still
//! has in its cache costs far less than to write anew.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;

/// The files of a run that nobody uses now. They have no names, and are gone with the run.
#[derive(Debug)]
pub(super) struct Files {
    directory: PathBuf,
    free: Mutex<Vec<Arc<File>>>,
}

/// A file that is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    file: Arc<File>,
    files: Arc<Files>,
}

impl Files {
    pub(super) fn new(directory: &Path) -> Arc<Self> {
        Arc::new(Self {
            directory: directory.into(),
            free: Mutex::default(),
        })
    }

    /// A file, to be written from its beginning; behind what is written there may be anything.
    pub(super) fn take(self: &Arc<Self>) -> Result<Scratch, Error> {
        let free = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let file = match free {
            Some(file) => (&*file).seek(SeekFrom::Start(0)).map(|_| file),
            None => tempfile::tempfile_in(&self.directory).map(Arc::new),
        };
        Ok(Scratch {
            file: file.map_err(|error| Error::spill(&self.directory, error))?,
            files: Arc::clone(self),
        })
    }
}

impl Scratch {
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// What an error of the file is told as.
    pub(super) fn failed(&self) -> impl Fn(io::Error) -> Error + use<> {
        let files = Arc::clone(&self.files);
        move |error| Error::spill(&files.directory, error)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let free = self.files.free.lock();
        let mut free = free.unwrap_or_else(PoisonError::into_inner);
        free.push(Arc::clone(&self.file));
    }
}
