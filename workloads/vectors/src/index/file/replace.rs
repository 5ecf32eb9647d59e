//! Putting a file in the place of another: whole, or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::index::IndexError;

pub(super) fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> IndexError {
    move |error| IndexError::Io {
        doing,
        path: path.to_owned(),
        error,
    }
}

/// The directory that `path` is in.
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Says no before anything is written to a disk that is too full for it.
fn enough(path: &Path, needed: u64, available: u64) -> Result<(), IndexError> {
    if needed <= available {
        return Ok(());
    }
    Err(IndexError::DiskFull {
        path: path.to_owned(),
        needed,
        available,
    })
}

/// Puts a file of `needed` bytes that `fill` writes in the place of `path`, or leaves what is there.
///
/// It is written to a file `NAME.tmp.PID.…` beside it, which takes its place when all of it is on the disk. What a writer
/// that was killed has left there is removed.
pub(super) fn replace(
    path: &Path,
    needed: u64,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), IndexError> {
    let directory = directory(path);
    remove_stale(path);
    let available = available(directory);
    let available = available.map_err(failed("asking for the free space for", path))?;
    enough(path, needed, available)?;
    let mut file = unfinished(directory, path).map_err(failed("making a file beside", path))?;
    fill(file.as_file_mut()).map_err(failed("writing", path))?;
    let synced = file.as_file().sync_all();
    synced.map_err(failed("writing to the disk", path))?;
    let persisted = file.persist(path);
    persisted.map_err(|error| failed("renaming a file to", path)(error.error))?;
    // The new name itself has to reach the disk.
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(failed("writing to the disk the directory of", path))
}

/// A new file beside `path`, with the permissions that the user's files have, which is gone unless it is given a name.
///
/// It is locked as long as somebody writes it: that is how others know.
fn unfinished(directory: &Path, path: &Path) -> io::Result<NamedTempFile> {
    let mut prefix = unfinished_prefix(path);
    prefix.push(format!("{}.", std::process::id()));
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    loop {
        let file = builder.tempfile_in(directory)?;
        let locked = match file.as_file().lock() {
            Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
            _ => Ok(()),
        };
        locked?;
        // Whoever looked for stale ones may have had the lock first, and removed it.
        if file.path().exists() {
            return Ok(file);
        }
    }
}

/// What the names of files begin with that are to take the place of `path`; the id of who writes follows.
fn unfinished_prefix(path: &Path) -> OsString {
    let mut prefix = path.file_name().unwrap_or_default().to_owned();
    prefix.push(".tmp.");
    prefix
}

/// Removes what writers of `path` have left that are gone: the system has taken their locks off. Where that cannot be
/// told, or done, it stays.
pub(super) fn remove_stale(path: &Path) {
    let prefix = unfinished_prefix(path);
    let Ok(entries) = fs::read_dir(directory(path)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let rest = name.strip_prefix(prefix.as_encoded_bytes());
        let ours = rest.is_some_and(|rest| {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            digits > 0 && rest.get(digits) == Some(&b'.')
        });
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let stale = File::options().write(true).open(entry.path());
        // Locked until it is removed, so that nobody begins to write it in between.
        if let Ok(file) = stale
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Bytes that the disk of `directory` has left for us.
#[cfg(unix)]
pub(in crate::index) fn available(directory: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(directory)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Not known: writing tells.
#[cfg(not(unix))]
pub(in crate::index) fn available(_: &Path) -> io::Result<u64> {
    Ok(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_disk_without_room_is_refused_with_figures() {
        let path = Path::new("index");
        assert!(enough(path, 10, 10).is_ok());
        let message = enough(path, 11, 10).unwrap_err().to_string();
        assert!(
            message.contains("11 bytes") && message.contains("10 left"),
            "{message}"
        );
    }

    #[test]
    fn what_dead_writers_left_is_removed_and_what_others_write_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for stale in ["index.tmp.1.x", "index.tmp.999999999."] {
            fs::write(at(stale), "half").unwrap();
        }
        for others in ["index", "index2.tmp.1.x", "index.tmp.mine", "index.old"] {
            fs::write(at(others), "whole").unwrap();
        }
        fs::create_dir(at("index.tmp.2.directory")).unwrap();
        let path = at("index");
        let written = unfinished(directory.path(), &path).unwrap();
        replace(&path, 3, |file| file.write_all(b"new")).unwrap();
        let names = fs::read_dir(directory.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        let own = written.path().file_name().unwrap().to_str().unwrap();
        let mut expected = vec![
            "index",
            "index.old",
            "index.tmp.2.directory",
            own,
            "index.tmp.mine",
            "index2.tmp.1.x",
        ];
        expected.sort();
        assert_eq!(names, expected);
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
}
