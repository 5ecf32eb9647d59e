//! The page cache: inputs read once beforehand, or put out of it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::entry::walk;

/// Reads a file, or every file below a directory, so that the page cache holds it as far as there
/// is memory; the bytes read.
///
/// # Errors
/// A file cannot be read.
pub fn warm(path: &Path) -> io::Result<u64> {
    let mut piece = vec![0; 1 << 20];
    let mut sum = 0;
    files(path, &mut |file| {
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(length) => sum += length as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    })?;
    Ok(sum)
}

/// Puts a file, or every file below a directory, out of the page cache, so that it comes from disk
/// again. Pages that another process has mapped stay.
///
/// # Errors
/// A file cannot be opened or written back, or the system cannot be asked for this.
#[cfg(target_os = "linux")]
pub fn drop_cached(path: &Path) -> io::Result<()> {
    files(path, &mut |file| {
        // Pages that are not on disk yet cannot be dropped.
        file.sync_all()?;
        Ok(rustix::fs::fadvise(
            &*file,
            0,
            None,
            rustix::fs::Advice::DontNeed,
        )?)
    })
}

/// Elsewhere there is no such call that needs no privileges.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn drop_cached(_: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn files(path: &Path, each: &mut impl FnMut(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut open = |path: &Path| {
        if fs::metadata(path)?.is_file() {
            each(&mut File::open(path)?)
        } else {
            Ok(())
        }
    };
    if fs::metadata(path)?.is_dir() {
        walk(path, &mut open)
    } else {
        open(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("below")).unwrap();
        fs::create_dir(directory.path().join("empty")).unwrap();
        fs::write(directory.path().join("below/a"), vec![1; 2_500_000]).unwrap();
        fs::write(directory.path().join("b"), "12345").unwrap();
        assert_eq!(warm(directory.path()).unwrap(), 2_500_005);
        assert_eq!(warm(&directory.path().join("b")).unwrap(), 5);
        assert!(warm(&directory.path().join("c")).is_err());
        drop_cached(directory.path()).unwrap();
        assert_eq!(warm(directory.path()).unwrap(), 2_500_005);
    }
}
