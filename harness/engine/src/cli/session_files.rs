//! The files of a session that is not yet reported: its trials as JSON lines, and heap profiles.
//!
//! They are kept beside the report as the raw evidence. Until the report is written they live in a
//! hidden directory of the reports directory, so that a session that is killed loses nothing it
//! measured.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::evidence::Trial;

const PREFIX: &str = ".session-";
/// Every trial as a JSON line, written as soon as it ends.
const JOURNAL: &str = "trials.jsonl";

/// The directory of a living session; removed when dropped, because by then the report has the files.
#[derive(Debug)]
pub(super) struct SessionFiles {
    directory: PathBuf,
    journal: File,
}

impl SessionFiles {
    /// Makes the directory for a scenario at a size below `out`, which is made where it is missing.
    pub(super) fn create(out: &Path, scenario: &str, size: &str) -> io::Result<Self> {
        fs::create_dir_all(out)?;
        let directory = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{scenario}.{size}."))
            .tempdir_in(out)?
            .keep();
        let journal = File::create(directory.join(JOURNAL))?;
        // Held as long as this session lives: an unlocked journal is a dead session's.
        journal.lock()?;
        Ok(Self { directory, journal })
    }

    /// Where they are.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Writes one trial down.
    pub(super) fn write(&mut self, trial: &Trial) -> io::Result<()> {
        let mut line = serde_json::to_vec(trial)?;
        line.push(b'\n');
        self.journal.write_all(&line)
    }

    /// Keeps an output of `variant` that differs from another's, as far as the disk has room.
    pub(super) fn keep_output(&self, variant: &str, name: &str, output: &Path) -> io::Result<()> {
        let target = self.directory.join(format!("{variant}.{name}.output"));
        if target.exists() || fs::hard_link(output, &target).is_ok() {
            return Ok(());
        }
        fs::copy(output, target).map(|_| ())
    }

    /// Leaves them where they are, for when the report cannot be written, and says where.
    pub(super) fn leave(mut self) -> PathBuf {
        // An empty path is never removed.
        std::mem::take(&mut self.directory)
    }
}

impl Drop for SessionFiles {
    fn drop(&mut self) {
        if !self.directory.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}

/// Directories below `out` whose session is dead.
pub(super) fn abandoned(out: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(out) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path())
        .filter(|path| match File::open(path.join(JOURNAL)) {
            Ok(journal) => journal.try_lock().is_ok(),
            // Killed before it had a journal; or born just now.
            Err(_) => fs::metadata(path).is_ok_and(|found| old(&found)),
        })
        .collect();
    found.sort();
    found
}

/// Whether a directory was not touched for a minute.
fn old(directory: &fs::Metadata) -> bool {
    let age = directory
        .modified()
        .map(|modified| modified.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age > Duration::from_secs(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_sessions_files_are_not_abandoned_and_a_dead_ones_are() {
        let out = tempfile::tempdir().unwrap();
        let living = SessionFiles::create(out.path(), "a", "smoke").unwrap();
        assert_eq!(abandoned(out.path()), Vec::<PathBuf>::new());
        let dead = SessionFiles::create(out.path(), "b", "full")
            .unwrap()
            .leave();
        let dead = vec![dead];
        assert_eq!(abandoned(out.path()), dead);
        drop(living);
        assert_eq!(abandoned(out.path()), dead);
    }
}
