//! The files of a session that is not yet reported: its trials as JSON lines, and heap profiles.
//!
//! They are kept beside the report as the raw evidence. Until the report is written they live in a
//! hidden directory of the reports directory, so that a session that is killed loses nothing it
//! measured: the next one puts its trials where they are seen, and removes the rest.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::evidence::Trial;
use crate::run::caps::SessionName;

const PREFIX: &str = ".session-";
/// Every trial as a JSON line, written as soon as it ends.
const JOURNAL: &str = "trials.jsonl";
/// How the names of the journals of killed sessions end.
const KILLED: &str = ".killed.jsonl";

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
            .prefix(&format!(
                "{PREFIX}{scenario}.{size}.{}-",
                SessionName::own()
            ))
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

/// What a dead session left. Nobody else takes it as long as this lives.
#[derive(Debug)]
pub(super) struct Abandoned {
    pub(super) directory: PathBuf,
    /// Scenario and size.
    name: String,
    /// Locked; none where it was killed before it had one.
    journal: Option<File>,
}

/// What was done with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Salvaged {
    /// Trials that had ended.
    pub(super) trials: usize,
    /// Where they are now; none where there were none.
    pub(super) kept: Option<PathBuf>,
}

impl Abandoned {
    /// Puts the trials that had ended beside the reports, in place of those of an earlier killed session
    /// of that scenario at that size, and removes everything else.
    pub(super) fn salvage(self, out: &Path) -> io::Result<Salvaged> {
        let journal = match self.journal {
            Some(_) => fs::read(self.directory.join(JOURNAL))?,
            None => Vec::new(),
        };
        // The last line may be half of one.
        let whole = journal.iter().rposition(|byte| *byte == b'\n');
        let lines = &journal[..whole.map_or(0, |end| end + 1)];
        let trials = lines.iter().filter(|byte| **byte == b'\n').count();
        let kept = out.join(format!("{}{KILLED}", self.name));
        if trials > 0 {
            // Within the directory that goes: should this be killed too, the next one does it all again.
            let partial = self.directory.join(KILLED);
            fs::write(&partial, lines)?;
            fs::rename(&partial, &kept)?;
        }
        fs::remove_dir_all(&self.directory)?;
        Ok(Salvaged {
            trials,
            kept: (trials > 0).then_some(kept),
        })
    }
}

/// What dead sessions left below `out`.
pub(super) fn abandoned(out: &Path) -> Vec<Abandoned> {
    let Ok(entries) = fs::read_dir(out) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .filter_map(|entry| dead(entry.path()))
        .collect();
    found.sort_by(|a, b| a.directory.cmp(&b.directory));
    found
}

/// The session of a directory, where it is one and dead.
fn dead(directory: PathBuf) -> Option<Abandoned> {
    let file_name = directory.file_name()?.to_str()?.to_owned();
    let rest = file_name.strip_prefix(PREFIX)?;
    let (name, session) = match rest.rfind(".plimsoll-") {
        Some(dot) => (&rest[..dot], SessionName::parse(&rest[dot + 1..])),
        // An older version's.
        None => (rest, None),
    };
    let journal = match File::open(directory.join(JOURNAL)) {
        Ok(journal) => {
            journal.try_lock().ok()?;
            Some(journal)
        }
        // It may be about to have one.
        Err(_) if session.is_some_and(SessionName::is_alive) => return None,
        Err(_) => None,
    };
    Some(Abandoned {
        name: name.to_owned(),
        journal,
        directory,
    })
}

/// The journals of killed sessions that were put beside the reports below `out`.
pub(super) fn salvaged(out: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(out) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(KILLED))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::trial;

    fn directories(out: &Path) -> Vec<PathBuf> {
        let found = abandoned(out);
        found.into_iter().map(|one| one.directory).collect()
    }

    #[test]
    fn a_living_sessions_files_are_not_abandoned_and_a_dead_ones_are() {
        let out = tempfile::tempdir().unwrap();
        let living = SessionFiles::create(out.path(), "a", "smoke").unwrap();
        assert_eq!(directories(out.path()), Vec::<PathBuf>::new());
        let dead = SessionFiles::create(out.path(), "b", "full")
            .unwrap()
            .leave();
        let dead = vec![dead];
        assert_eq!(directories(out.path()), dead);
        drop(living);
        assert_eq!(directories(out.path()), dead);
    }

    #[test]
    fn a_session_without_a_journal_is_dead_when_its_process_is() {
        let out = tempfile::tempdir().unwrap();
        let begun = |session: &str| {
            let path = out
                .path()
                .join(format!("{PREFIX}a.plimsoll-x.{session}-XyZ"));
            fs::create_dir(&path).unwrap();
            path
        };
        begun(&SessionName::own().to_string());
        let dead = begun("plimsoll-1-99999999999");
        let mut found = abandoned(out.path());
        assert_eq!(found.len(), 1);
        let found = found.remove(0);
        assert_eq!(
            (&found.directory, found.name.as_str()),
            (&dead, "a.plimsoll-x")
        );
        let none = Salvaged {
            trials: 0,
            kept: None,
        };
        assert_eq!(found.salvage(out.path()).unwrap(), none);
        assert!(!dead.exists());
    }

    #[test]
    fn trials_of_a_killed_session_are_kept_whole_and_nothing_else_is() {
        let out = tempfile::tempdir().unwrap();
        let mut files = SessionFiles::create(out.path(), "b", "full").unwrap();
        for number in 0..2 {
            files.write(&trial("v", number).build()).unwrap();
        }
        files.journal.write_all(b"{\"number\":2,\"var").unwrap();
        let directory = files.leave();
        fs::create_dir(directory.join(".writing-x")).unwrap();
        let dead = abandoned(out.path()).remove(0);
        assert!(abandoned(out.path()).is_empty(), "one takes it");
        let done = dead.salvage(out.path()).unwrap();
        assert_eq!(done.trials, 2);
        let kept = done.kept.unwrap();
        assert_eq!(salvaged(out.path()), std::slice::from_ref(&kept));
        assert!(!directory.exists());
        let text = fs::read_to_string(kept).unwrap();
        let read: Vec<Trial> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(read[1].head.number, 1);
    }
}
