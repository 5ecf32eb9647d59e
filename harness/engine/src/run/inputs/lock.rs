//! Who may use and who may change an entry of the cache, over all processes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::error::{InputsError, io};

/// A held lock. The kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct EntryLock {
    _file: File,
    path: PathBuf,
}

/// What a lock is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Using the entry, with others.
    Shared,
    /// Making or removing it, alone.
    Alone,
}

impl EntryLock {
    /// Waits for a lock. `waiting` is called once if that takes longer than an instant, and the
    /// wait ends once `cancelled`.
    pub(super) fn wait(
        path: &Path,
        hold: Hold,
        cancelled: &dyn Fn() -> bool,
        waiting: &mut dyn FnMut(),
    ) -> Result<Self, InputsError> {
        let mut told = false;
        loop {
            if let Some(lock) = Self::attempt(path, hold).map_err(io("locking", path))? {
                return Ok(lock);
            }
            if cancelled() {
                return Err(InputsError::Interrupted);
            }
            if !told {
                waiting();
                told = true;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The lock, unless somebody else holds it.
    pub(super) fn attempt(path: &Path, hold: Hold) -> io::Result<Option<Self>> {
        loop {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(path)?;
            let locked = match hold {
                Hold::Shared => file.try_lock_shared(),
                Hold::Alone => file.try_lock(),
            };
            match locked {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Whoever removed the entry removed this file with it, maybe after we had opened it:
            // then it is no longer the one that others lock.
            let ours = file.metadata()?;
            match fs::metadata(path) {
                Ok(theirs) if (theirs.dev(), theirs.ino()) == (ours.dev(), ours.ino()) => {
                    let path = path.to_path_buf();
                    return Ok(Some(Self { _file: file, path }));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Lets go of a lock that was held alone, and removes its file.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_share_and_makers_are_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let get = |hold| EntryLock::attempt(&path, hold).unwrap();
        let first = get(Hold::Shared).unwrap();
        let second = get(Hold::Shared).unwrap();
        assert!(get(Hold::Alone).is_none());
        drop((first, second));
        let alone = get(Hold::Alone).unwrap();
        assert!(get(Hold::Shared).is_none());
        alone.remove().unwrap();
        assert!(!path.exists());
        assert!(get(Hold::Shared).is_some(), "a new file, a new lock");
    }

    #[test]
    fn waiting_is_told_once_and_ends_when_cancelled() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let _held = EntryLock::attempt(&path, Hold::Alone).unwrap();
        let (mut told, polls) = (0, std::cell::Cell::new(0));
        let cancelled = || {
            polls.set(polls.get() + 1);
            polls.get() > 3
        };
        let ended = EntryLock::wait(&path, Hold::Alone, &cancelled, &mut || told += 1);
        assert!(matches!(ended, Err(InputsError::Interrupted)));
        assert_eq!(told, 1);
    }
}
