//! The journal: every trial as a JSON line, written as soon as it ends.
//!
//! It is kept beside the report as the raw evidence. Until the report is written it lives in a
//! hidden file of the reports directory, so that a session that is killed loses nothing it
//! measured.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::evidence::Trial;

const PREFIX: &str = ".session-";
const SUFFIX: &str = ".jsonl";

/// A journal being written; removed when dropped, because by then the report has its copy.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    trials: u32,
}

impl Journal {
    /// Begins the journal of a scenario at a size below `out`, which is made where it is missing.
    pub(super) fn begin(out: &Path, scenario: &str, size: &str) -> io::Result<Self> {
        fs::create_dir_all(out)?;
        let name = format!("{PREFIX}{scenario}.{size}.{}{SUFFIX}", std::process::id());
        let path = out.join(name);
        let file = File::create(&path)?;
        // Held as long as this session lives: an unlocked journal is a dead session's.
        file.lock()?;
        Ok(Self { path, file, trials: 0 })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one trial.
    pub(super) fn write(&mut self, trial: &Trial) -> io::Result<()> {
        let mut line = serde_json::to_vec(trial)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.trials += 1;
        Ok(())
    }

    /// Leaves the journal where it is, for when the report cannot be written, and says where.
    pub(super) fn leave(self) -> PathBuf {
        let path = self.path.clone();
        std::mem::forget(self);
        path
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Journals below `out` whose session is dead.
pub(super) fn abandoned(out: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(out) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(PREFIX) && name.ends_with(SUFFIX)
        })
        .map(|entry| entry.path())
        .filter(|path| File::open(path).is_ok_and(|file| file.try_lock().is_ok()))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_sessions_journal_is_not_abandoned_and_a_dead_ones_is() {
        let dir = tempfile::tempdir().unwrap();
        let living = Journal::begin(dir.path(), "a", "smoke").unwrap();
        assert_eq!(abandoned(dir.path()), Vec::<PathBuf>::new());
        let dead = dir.path().join(".session-a.full.1.jsonl");
        fs::write(&dead, "{}\n").unwrap();
        assert_eq!(abandoned(dir.path()), [dead.clone()]);
        drop(living);
        assert_eq!(abandoned(dir.path()), [dead]);
    }
}
