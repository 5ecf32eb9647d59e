//! What every kind of cap offers, and what the two cgroup versions share.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;

use crate::evidence::{CapEvidence, CapsKind};
use crate::run::processes::{self, Processes};
use crate::run::thrash::Pressure;

/// A cap that can't be made or read.
#[derive(Debug, thiserror::Error)]
#[error("{doing} {path}: {source}")]
pub struct CapsError {
    /// What was being done.
    pub doing: &'static str,
    /// The control file or the cgroup.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

/// A way of capping memory.
pub(crate) trait Backend: std::fmt::Debug {
    /// Which.
    fn kind(&self) -> CapsKind;

    /// A cap of `limit` bytes for one step.
    ///
    /// # Errors
    /// The cgroup can't be made, or the kernel refuses the limit.
    fn leaf(&self, name: &str, limit: u64) -> Result<Box<dyn Leaf>, CapsError>;

    /// Removes what dead sessions left behind, processes included; how many cgroups those were.
    fn sweep(&self) -> usize;
}

/// One step's cap.
pub(crate) trait Leaf: std::fmt::Debug {
    /// The file to enter it by; none where the cap is only watched over.
    fn procs(&self) -> Option<PathBuf>;

    /// Kills that the kernel made in it so far.
    fn oom_kills(&self) -> u64;

    /// What it says about want of memory.
    fn pressure(&self) -> Pressure;

    /// What it saw.
    fn evidence(&self) -> CapEvidence;
}

/// A cgroup's directory, removed when dropped. It is empty by then: the fork server has reported
/// that no process is left.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn create(path: PathBuf) -> Result<Self, CapsError> {
        match fs::create_dir(&path) {
            Ok(()) => Ok(Directory(path)),
            Err(source) => Err(CapsError {
                doing: "making the cgroup",
                path,
                source,
            }),
        }
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn write(&self, name: &str, value: &str) -> Result<(), CapsError> {
        let path = self.file(name);
        fs::write(&path, value).map_err(|source| CapsError {
            doing: "writing",
            path,
            source,
        })
    }

    /// Writes a file that not every kernel has, where it is there.
    pub(super) fn write_if_there(&self, name: &str, value: &str) -> Result<(), CapsError> {
        if self.file(name).exists() {
            self.write(name, value)
        } else {
            Ok(())
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        fs::read_to_string(self.file(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// The number after a word, in a file of lines `word number`.
    pub(super) fn keyed(&self, name: &str, key: &str) -> Option<u64> {
        keyed(&fs::read_to_string(self.file(name)).ok()?, key)
    }
}

impl Directory {
    /// Pages that were wanted again soon after they had been taken, as `memory.stat` counts them: since
    /// Linux 5.9 those of files apart from the program's own.
    pub(super) fn refaults(&self) -> Option<u64> {
        let text = fs::read_to_string(self.file("memory.stat")).ok()?;
        let kinds =
            ["", "_anon", "_file"].map(|kind| keyed(&text, &format!("workingset_refault{kind}")));
        kinds.into_iter().flatten().reduce(|a, b| a + b)
    }
}

/// Microseconds in which every task waited for memory, from a file of pressure stall information.
pub(super) fn stalled(file: &Path) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let full = text.lines().find_map(|line| line.strip_prefix("full "))?;
    let total = full
        .split(' ')
        .find_map(|word| word.strip_prefix("total="))?;
    total.parse().ok()
}

/// The same of the whole machine, where a cap has no such file of its own.
pub(super) fn machine_stalled() -> Option<u64> {
    stalled(Path::new("/proc/pressure/memory"))
}

impl Drop for Directory {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// The number after a word, in lines of `word number`.
pub(super) fn keyed(text: &str, key: &str) -> Option<u64> {
    let mut pairs = text
        .lines()
        .filter_map(|line| line.split_once(char::is_whitespace));
    pairs
        .find(|(name, _)| name.trim_end_matches(':') == key)?
        .1
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

/// Removes a cgroup, killing whoever is still in it. The kernel may hold it for a moment longer
/// than its last process.
pub(super) fn remove(directory: &Path) {
    for _ in 0..500 {
        match fs::remove_dir(directory) {
            Ok(()) => return,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(_) => {
                let left = processes::members(&[directory.join("cgroup.procs")]);
                processes::signal_all(&left, Signal::KILL);
                sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Removes the cgroups below `parent` whose session is dead; how many.
pub(super) fn sweep(parent: &Path) -> usize {
    let Ok(entries) = fs::read_dir(parent) else {
        return 0;
    };
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let dead =
        names.filter(|name| SessionName::parse(name).is_some_and(|session| !session.is_alive()));
    dead.map(|name| remove(&parent.join(name))).count()
}

/// How directories and cgroups of a session are called: `plimsoll-PID-START...`. Process numbers
/// come around again; with the time of its start, a process is who it is for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionName {
    pid: i32,
    start: u64,
}

impl SessionName {
    /// This process's.
    pub(crate) fn own() -> Self {
        let pid = std::process::id() as i32;
        SessionName {
            pid,
            start: Processes::new().start_time(pid).unwrap_or(0),
        }
    }

    /// The session of a name; none where it is not one of ours.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix("plimsoll-")?.splitn(3, '-');
        Some(SessionName {
            pid: parts.next()?.parse().ok()?,
            start: parts.next()?.parse().ok()?,
        })
    }

    /// Whether the session's process lives.
    pub(crate) fn is_alive(self) -> bool {
        Processes::new().start_time(self.pid) == Some(self.start)
    }
}

impl std::fmt::Display for SessionName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "plimsoll-{}-{}", self.pid, self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyed_files_are_read_by_whole_words() {
        let text = "low 1\noom 2\noom_kill 3\nTotal: 7 kB\n";
        assert_eq!(keyed(text, "oom_kill"), Some(3));
        assert_eq!(keyed(text, "oom"), Some(2));
        assert_eq!(keyed(text, "Total"), Some(7));
        assert_eq!(keyed(text, "kill"), None);
    }

    #[test]
    fn refaults_are_those_of_files_and_of_the_programs_own_together() {
        let dir = tempfile::tempdir().unwrap();
        let cgroup = Directory::create(dir.path().join("one")).unwrap();
        assert_eq!(cgroup.refaults(), None);
        let count = |text: &str| {
            fs::write(cgroup.file("memory.stat"), text).unwrap();
            cgroup.refaults()
        };
        assert_eq!(
            count("cache 1\nworkingset_refault_anon 2\nworkingset_refault_file 30\n"),
            Some(32)
        );
        assert_eq!(
            count("workingset_refault 7\nworkingset_activate 100\n"),
            Some(7)
        );
        assert_eq!(count("cache 1\n"), None);
        fs::remove_file(cgroup.file("memory.stat")).unwrap();
    }

    #[test]
    fn the_time_in_which_everything_waits_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("memory");
        assert_eq!(stalled(&file), None);
        fs::write(
            &file,
            "some avg10=1.00 avg60=0.00 avg300=0.00 total=900\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=400\n",
        )
        .unwrap();
        assert_eq!(stalled(&file), Some(400));
    }

    #[test]
    fn a_session_knows_whether_it_lives() {
        let own = SessionName::own();
        let name = format!("{own}-4");
        assert_eq!(SessionName::parse(&name), Some(own));
        assert!(own.is_alive());
        assert!(
            !SessionName {
                start: own.start + 1,
                ..own
            }
            .is_alive()
        );
        assert_eq!(SessionName::parse("plimsoll-x-1"), None);
        assert_eq!(SessionName::parse("other-1-1"), None);
    }
}
