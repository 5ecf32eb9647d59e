//! Directories of a session and its trials: on disk, and gone afterwards.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::caps::SessionName;

/// `f_type` of file systems that are memory (statfs(2)): tmpfs and ramfs.
const IN_MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];

/// A scratch directory that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// It is on a file system in memory.
    #[error(
        "the scratch directory {path} is on tmpfs: what is written there is memory that no process is charged for; name a directory on disk (`--scratch DIR`)"
    )]
    InMemory {
        /// The directory.
        path: PathBuf,
    },
    /// It can't be made, read or written.
    #[error("{doing} {path}: {source}; name another scratch directory (`--scratch DIR`)")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ScratchError {
    let path = path.to_owned();
    move |source| ScratchError::Io {
        doing,
        path,
        source,
    }
}

/// The session's directory below the scratch root; removed with all in it when dropped.
#[derive(Debug)]
pub(crate) struct SessionDirectory {
    path: PathBuf,
    /// Left-overs of dead sessions that were removed.
    pub(crate) swept: usize,
}

impl SessionDirectory {
    /// Makes it, and removes those of dead sessions.
    pub(crate) fn create(root: &Path) -> Result<Self, ScratchError> {
        static SESSIONS: AtomicU32 = AtomicU32::new(0);
        refuse_memory(root)?;
        fs::create_dir_all(root).map_err(failed("making the scratch directory", root))?;
        let root = root
            .canonicalize()
            .map_err(failed("finding the scratch directory", root))?;
        let swept = sweep(&root);
        let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
        let path = root.join(format!("{}-{number}", SessionName::own()));
        fs::create_dir(&path).map_err(failed("making the scratch directory", &path))?;
        Ok(SessionDirectory { path, swept })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where a plain command may put its events. Not in its trial's directory, which it may do
    /// without.
    pub(crate) fn events(&self, number: u32) -> PathBuf {
        self.path.join(format!("events-{number}.jsonl"))
    }

    /// A trial's directory, not made yet.
    pub(crate) fn trial(&self, number: u32) -> TrialDirectory {
        TrialDirectory {
            path: self.path.join(format!("trial-{number}")),
            made: false,
        }
    }
}

impl Drop for SessionDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Refuses a directory on a file system in memory, whether it exists already or is yet to be made.
fn refuse_memory(root: &Path) -> Result<(), ScratchError> {
    let there = root
        .ancestors()
        .find(|part| part.exists())
        .unwrap_or(Path::new("."));
    let kind = rustix::fs::statfs(there)
        .map_err(io::Error::from)
        .map_err(failed("asking for the file system of", there))?;
    if IN_MEMORY.contains(&kind.f_type) {
        return Err(ScratchError::InMemory {
            path: root.to_owned(),
        });
    }
    Ok(())
}

/// Removes the directories of dead sessions below `root`, and files that they did not finish, and
/// counts them.
pub(crate) fn sweep(root: &Path) -> usize {
    let Ok(entries) = fs::read_dir(root) else {
        return 0;
    };
    let dead = entries.flatten().filter(|entry| {
        let session = entry.file_name().to_str().and_then(SessionName::parse);
        session.is_some_and(|session| !session.is_alive())
    });
    dead.filter(|entry| match entry.path() {
        path if path.is_dir() => fs::remove_dir_all(path).is_ok(),
        path => fs::remove_file(path).is_ok(),
    })
    .count()
}

/// A trial's directory; made when something is put there, removed with all in it when dropped.
#[derive(Debug)]
pub(crate) struct TrialDirectory {
    path: PathBuf,
    made: bool,
}

impl TrialDirectory {
    /// The path of a file in it; the directory exists afterwards.
    pub(crate) fn file(&mut self, name: &str) -> Result<PathBuf, ScratchError> {
        if !self.made {
            fs::create_dir(&self.path)
                .map_err(failed("making the scratch directory", &self.path))?;
            self.made = true;
        }
        Ok(self.path.join(name))
    }

    /// The path of a directory in it, which exists afterwards.
    pub(crate) fn directory(&mut self, name: &str) -> Result<PathBuf, ScratchError> {
        let path = self.file(name)?;
        match fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(failed("making the scratch directory", &path)(error))
            }
            _ => Ok(path),
        }
    }
}

impl Drop for TrialDirectory {
    fn drop(&mut self) {
        if self.made {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_a_session() {
        let root = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let session = SessionDirectory::create(root.path()).unwrap();
        let mut trial = session.trial(3);
        assert_eq!(
            fs::read_dir(session.path()).unwrap().count(),
            0,
            "made only when used"
        );
        let scratch = trial.directory("scratch").unwrap();
        fs::write(scratch.join("x"), "x").unwrap();
        assert_eq!(
            trial.directory("scratch").unwrap(),
            scratch,
            "steps share it"
        );
        drop(trial);
        assert_eq!(fs::read_dir(session.path()).unwrap().count(), 0);
        drop(session);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn dead_sessions_are_swept_and_nothing_else() {
        let root = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        fs::create_dir_all(root.path().join("plimsoll-1-99999999999-0/trial-1")).unwrap();
        fs::create_dir(root.path().join("cache")).unwrap();
        let other = SessionDirectory::create(root.path()).unwrap();
        assert_eq!(other.swept, 1);
        let session = SessionDirectory::create(root.path()).unwrap();
        assert_eq!(session.swept, 0, "a living session's stays");
        assert!(other.path().exists() && root.path().join("cache").exists());
    }

    #[test]
    fn memory_is_no_place_for_scratch() {
        let shm = Path::new("/dev/shm");
        if !shm.is_dir() {
            eprintln!("SKIPPED: there is no /dev/shm here");
            return;
        }
        let error = SessionDirectory::create(shm).unwrap_err();
        assert!(matches!(error, ScratchError::InMemory { .. }), "{error}");
        assert!(error.to_string().contains("--scratch"));
    }
}
