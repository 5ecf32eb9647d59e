//! A file of `/proc/PID`, read again and again into one buffer.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// Where reads go; it grows to the largest file read through it and stays.
#[derive(Debug)]
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    pub(crate) fn new() -> Self {
        Self(vec![0; 4096])
    }

    /// Everything in `file` from its beginning, up to a mebibyte.
    ///
    /// A file of `/proc` that stays open shows its process and no other, even when the pid is used
    /// again: reading it fails once the process is gone.
    pub(crate) fn fill(&mut self, file: &File) -> io::Result<&[u8]> {
        let mut length = 0;
        loop {
            if length == self.0.len() {
                if length >= 1 << 20 {
                    break;
                }
                self.0.resize(2 * length, 0);
            }
            let read = match file.read_at(&mut self.0[length..], length as u64) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            length += read;
            // These files come whole in one read where the buffer has room for them, so a second
            // one, which would only say "end", is spared.
            if read == 0 || length < self.0.len() {
                break;
            }
        }
        Ok(&self.0[..length])
    }
}

/// Opens a directory to open files below it by name: all of them are of the same process then.
pub(crate) fn directory(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Opens a file below a directory for reading.
pub(crate) fn open(directory: &OwnedFd, name: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(directory, name, flags, Mode::empty())?.into())
}

/// A file below a process's directory: kept open, or opened for each read where many processes
/// are watched and descriptors are dear.
#[derive(Debug)]
pub(crate) struct Source {
    name: Cow<'static, str>,
    file: Option<File>,
}

impl Source {
    pub(crate) fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            file: None,
        }
    }

    pub(crate) fn read<'b>(
        &mut self,
        directory: &OwnedFd,
        keep: bool,
        buffer: &'b mut Buffer,
    ) -> io::Result<&'b [u8]> {
        if let Some(file) = &self.file {
            return buffer.fill(file);
        }
        let file = open(directory, &self.name)?;
        if keep {
            buffer.fill(self.file.insert(file))
        } else {
            buffer.fill(&file)
        }
    }
}
