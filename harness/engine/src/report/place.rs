//! Files and directories that are put in place whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::NamedTempFile;

use super::text;

/// How the names of unfinished directories and files begin.
pub(super) const WRITING: &str = ".writing-";

/// How deep below the reports directory files are written: `baselines/NAME/<report>/`.
const DEPTH: usize = 3;

/// A file in `directory` that is not finished yet. It is locked as long as whoever writes it lives.
pub(super) fn begin(directory: &Path) -> io::Result<NamedTempFile> {
    let file = tempfile::Builder::new()
        .prefix(WRITING)
        .permissions(shared_file())
        .tempfile_in(directory)?;
    file.as_file().lock()?;
    Ok(file)
}

/// Removes files below the reports directory that whoever wrote them did not live to finish; how many.
pub fn sweep_unfinished(out: &Path) -> usize {
    sweep(out, DEPTH)
}

fn sweep(directory: &Path, depth: usize) -> usize {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    let mut swept = 0;
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        match entry.file_type() {
            Ok(kind) if kind.is_file() && name.starts_with(WRITING) => {
                let dead = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
                swept += usize::from(dead && fs::remove_file(path).is_ok());
            }
            // Hidden directories are those of sessions.
            Ok(kind) if kind.is_dir() && depth > 0 && !name.starts_with('.') => {
                swept += sweep(&path, depth - 1);
            }
            _ => {}
        }
    }
    swept
}

/// Exchanges a finished directory with the one in place, or renames it where there is none.
pub(super) fn exchange(finished: &Path, place: &Path) -> io::Result<()> {
    // Between the two calls another session may put its report in place, or take it away.
    for _ in 0..100 {
        match renameat_with(CWD, finished, CWD, place, RenameFlags::NOREPLACE) {
            Err(rustix::io::Errno::EXIST) => {}
            done => return done.map_err(Into::into),
        }
        match renameat_with(CWD, finished, CWD, place, RenameFlags::EXCHANGE) {
            Err(rustix::io::Errno::NOENT) => {}
            done => return done.map_err(Into::into),
        }
    }
    Err(io::Error::other("other sessions keep replacing it"))
}

/// Puts every file of `from` into `to` as well: as another name of the same file where the file
/// system can, as a copy otherwise.
pub(super) fn keep(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !entry.file_type()?.is_file() {
            continue;
        }
        let target = to.join(entry.file_name());
        match fs::hard_link(entry.path(), &target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) => fs::copy(entry.path(), &target).map(|_| ())?,
        }
        File::open(&target)?.sync_all()?;
    }
    Ok(())
}

/// Writes a new file, down to the disk.
pub(super) fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes the names in a directory last.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Temporary directories are made for their owner alone; a report is for everyone.
pub(super) fn share(directory: &Path) -> io::Result<()> {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755))
}

/// What a report's files may be read by: everyone.
pub(super) fn shared_file() -> fs::Permissions {
    fs::Permissions::from_mode(0o644)
}

/// A name that is one file name on every system, and no hidden one.
pub(super) fn file_name(name: &str) -> String {
    let name = text::line(name, 100);
    let safe: String = name
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => c,
            c if c.is_alphanumeric() => c,
            _ => '_',
        })
        .collect();
    let mut safe = safe.trim_start_matches('.').to_owned();
    while safe.len() > 120 {
        safe.pop();
    }
    if safe.is_empty() { "_".into() } else { safe }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn names_stay_in_their_directory() {
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name(".."), "_");
        assert_eq!(file_name("größe 1"), "größe_1");
        assert!(file_name(&sample::attack()).len() <= 120);
    }
}
