//! The size of a directory tree, in bounded time.

use std::fs::{self, ReadDir};
use std::path::{Path, PathBuf};

use crate::observe::clock::monotonic_ns;

/// A walk begins at most this often,
const EVERY_NS: u64 = 250_000_000;
/// and not before this many times as long as the last one took.
const REST: u64 = 50;
/// Entries looked at in one turn (about a millisecond); a larger tree takes several turns.
const TURN: usize = 500;

/// Measures a directory again and again, a bounded piece at a time, so that a tree of a million
/// files does not hold up the samples.
///
/// Counted are the blocks that files take on disk, so that a sparse file counts for what is in
/// it. Links are not followed. Files that were unlinked while open are not seen.
#[derive(Debug)]
pub(super) struct ScratchSize {
    root: PathBuf,
    walk: Vec<ReadDir>,
    walking: bool,
    sum: u64,
    took: u64,
    next: u64,
}

impl ScratchSize {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            walk: Vec::new(),
            walking: false,
            sum: 0,
            took: 0,
            next: 0,
        }
    }

    /// Goes on with the walk, or begins one if it is time; the tree's bytes when one is complete.
    pub(super) fn turn(&mut self, now_ns: u64) -> Option<u64> {
        if !self.walking {
            if now_ns < self.next {
                return None;
            }
            self.begin();
        }
        let before = monotonic_ns();
        let complete = self.walk_on(TURN);
        self.took += monotonic_ns().saturating_sub(before);
        complete.then(|| {
            self.walking = false;
            self.next = now_ns + EVERY_NS.max(REST * self.took);
            self.sum
        })
    }

    /// Measures once more from the beginning, giving up after 200 ms.
    pub(super) fn last(&mut self) -> Option<u64> {
        let until = monotonic_ns() + 200_000_000;
        self.begin();
        while monotonic_ns() < until {
            if self.walk_on(TURN) {
                return Some(self.sum);
            }
        }
        None
    }

    fn begin(&mut self) {
        (self.sum, self.took, self.walking) = (0, 0, true);
        self.walk.clear();
        self.walk.extend(fs::read_dir(&self.root).ok());
    }

    /// True once the walk is complete. What vanishes meanwhile is passed over.
    fn walk_on(&mut self, entries: usize) -> bool {
        for _ in 0..entries {
            let Some(directory) = self.walk.last_mut() else {
                return true;
            };
            let Some(entry) = directory.next() else {
                self.walk.pop();
                continue;
            };
            let Ok(entry) = entry else { continue };
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if metadata.is_dir() {
                self.walk.extend(fs::read_dir(entry.path()).ok());
            } else {
                self.sum = self.sum.saturating_add(on_disk(&metadata));
            }
        }
        false
    }
}

/// Bytes that a file takes on disk; of a sparse one, without its holes.
#[cfg(unix)]
pub(crate) fn on_disk(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    metadata.blocks().saturating_mul(512)
}

#[cfg(not(unix))]
pub(crate) fn on_disk(metadata: &fs::Metadata) -> u64 {
    metadata.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_summed_over_as_many_turns_as_it_takes() {
        let root = tempfile::tempdir().unwrap();
        let mut deep = root.path().to_path_buf();
        for level in 0..5 {
            deep.push(format!("level {level}"));
            fs::create_dir(&deep).unwrap();
            fs::write(deep.join("file"), vec![1; 100_000]).unwrap();
        }
        for small in 0..2 * TURN {
            fs::write(root.path().join(format!("{small}")), b"").unwrap();
        }
        let mut size = ScratchSize::new(root.path());
        assert_eq!(size.turn(0), None, "more entries than a turn has");
        let sum = (0..10).find_map(|_| size.turn(0)).unwrap();
        assert!((500_000..600_000).contains(&sum), "{sum}");
        assert_eq!(size.turn(0), None, "not so soon again");
        assert_eq!(size.last(), Some(sum));
    }

    #[test]
    fn a_directory_that_is_not_there_is_empty() {
        let mut size = ScratchSize::new(Path::new("/nonexistent/scratch"));
        assert_eq!(size.turn(0), Some(0));
    }
}
