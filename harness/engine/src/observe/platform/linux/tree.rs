//! Finding the processes of a step.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::parse::{self, Stat};
use super::process::Process;
use super::source::Buffer;
use crate::observe::platform::Subject;

/// The cheap listing (the cgroup, or the children of main threads) is made at most this often,
const LIST_EVERY_NS: u64 = 10_000_000;
/// and this often while there has been only one process
const LIST_ONE_EVERY_NS: u64 = 50_000_000;
/// for so long.
const ALONE_NS: u64 = 1_000_000_000;
/// The thorough one (the children of all threads, or all processes of the machine) at most this
/// often,
const THOROUGH_EVERY_NS: u64 = 100_000_000;
/// and not before this many times as long as it took last time.
const THOROUGH_SHARE: u64 = 100;

/// Where the pids of a step are listed.
#[derive(Debug)]
enum Listing {
    /// In this file of the step's own cgroup. It is opened each time: one of version 1 that stays open, and is read more
    /// often than every second, says for ever what it said first.
    Cgroup(PathBuf),
    /// With the threads that forked them.
    Children,
    /// Nowhere; the parents of all processes of the machine tell (a kernel without `children`).
    Parents,
}

/// Finds the processes of a step.
#[derive(Debug)]
pub(crate) struct Tree {
    subject: Subject,
    listing: Listing,
    main_start: Option<u64>,
    next: u64,
    next_thorough: u64,
    /// When there was no longer, or not yet, more than one process.
    alone_since: Option<u64>,
}

impl Tree {
    pub(crate) fn new(proc: &Path, subject: Subject) -> Self {
        let readable = |path: &&PathBuf| File::open(path).is_ok();
        let listing = match subject.cgroup_procs.as_ref().filter(readable) {
            Some(path) => Listing::Cgroup(path.clone()),
            None if proc.join("thread-self/children").exists() => Listing::Children,
            None => Listing::Parents,
        };
        Self {
            subject,
            listing,
            main_start: None,
            next: 0,
            next_thorough: 0,
            alone_since: None,
        }
    }

    /// Whether a listing is due at `now_ns`.
    pub(crate) fn due(&self, now_ns: u64) -> bool {
        now_ns >= self.next
    }

    /// Lists pids into `into`, without duplicates; those of `known` processes may be among them.
    /// `clock` gives the monotonic time again, for what the listing itself takes.
    pub(crate) fn list(
        &mut self,
        now_ns: u64,
        clock: fn() -> u64,
        proc: &Path,
        known: &mut [Process],
        buffer: &mut Buffer,
        into: &mut Vec<i32>,
    ) {
        into.clear();
        into.push(self.subject.main);
        if known.len() > 1 {
            self.alone_since = None;
        } else {
            self.alone_since.get_or_insert(now_ns);
        }
        let alone = self
            .alone_since
            .is_some_and(|since| now_ns.saturating_sub(since) > ALONE_NS);
        self.next = now_ns
            + if alone {
                LIST_ONE_EVERY_NS
            } else {
                LIST_EVERY_NS
            };
        let thorough = now_ns >= self.next_thorough;
        match &self.listing {
            Listing::Cgroup(path) => {
                if let Ok(file) = File::open(path)
                    && let Ok(text) = buffer.fill(&file)
                {
                    parse::pids(text, |pid| into.push(pid));
                }
            }
            Listing::Children => {
                for process in known {
                    process.children(thorough, buffer, into);
                }
                if thorough && let Some(reaper) = self.subject.reaper {
                    let path = proc.join(format!("{reaper}/task/{reaper}/children"));
                    if let Ok(text) = std::fs::read(path) {
                        parse::pids(&text, |pid| into.push(pid));
                    }
                }
            }
            Listing::Parents if thorough => descendants(proc, &self.subject, buffer, into),
            Listing::Parents => {}
        }
        if thorough {
            let took = clock().saturating_sub(now_ns);
            self.next_thorough = now_ns + THOROUGH_EVERY_NS.max(THOROUGH_SHARE * took);
        }
        into.sort_unstable();
        into.dedup();
    }

    /// Whether a process opened after a listing is the one that was listed. One that got the pid
    /// afterwards started after `listed_at`; one that has nothing to do with the step may have
    /// started before its main process. Both times in clock ticks since boot.
    pub(crate) fn admits(&mut self, pid: i32, stat: &Stat, listed_at: u64) -> bool {
        if matches!(stat.state, b'Z' | b'X') || stat.start > listed_at {
            return false;
        }
        if pid != self.subject.main {
            return self.main_start.is_none_or(|main| stat.start >= main);
        }
        *self.main_start.get_or_insert(stat.start) == stat.start
    }
}

/// The descendants of the main process, and the reaper's other children, by the parents of all
/// processes of the machine.
fn descendants(proc: &Path, subject: &Subject, buffer: &mut Buffer, into: &mut Vec<i32>) {
    let Ok(entries) = std::fs::read_dir(proc) else {
        return;
    };
    let mut parents = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) =
            parse::number(name.as_encoded_bytes()).and_then(|pid| i32::try_from(pid).ok())
        else {
            continue;
        };
        let stat = File::open(entry.path().join("stat"));
        if let Some(stat) = stat
            .ok()
            .and_then(|file| parse::stat(buffer.fill(&file).ok()?))
        {
            parents.push((pid, stat.parent));
        }
    }
    below(&parents, subject.main, into);
    if let Some(reaper) = subject.reaper {
        below(&parents, reaper, into);
    }
}

/// All that descend from `root`, of pairs of pid and parent.
fn below(parents: &[(i32, i32)], root: i32, into: &mut Vec<i32>) {
    let first = into.len();
    let children = |of: i32| {
        parents
            .iter()
            .filter(move |(pid, parent)| *parent == of && *pid != of)
            .map(|(pid, _)| *pid)
    };
    into.extend(children(root));
    let mut at = first;
    // A cycle cannot be among processes, but may be among figures read one after the other.
    while at < into.len() && into.len() - first <= parents.len() {
        into.extend(children(into[at]));
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let subject = Subject {
            main: 10,
            reaper: None,
            cgroup_procs: None,
        };
        Tree::new(Path::new("/proc"), subject)
    }

    fn started(start: u64) -> Stat {
        Stat {
            state: b'R',
            parent: 1,
            major_faults: 0,
            cpu_ticks: 0,
            start,
            resident_pages: 0,
        }
    }

    #[test]
    fn a_pid_used_again_is_not_taken_for_the_process_that_had_it() {
        let mut tree = tree();
        assert!(tree.admits(10, &started(500), 500));
        assert!(
            tree.admits(10, &started(500), 900),
            "the same process again"
        );
        assert!(!tree.admits(10, &started(600), 900), "another with its pid");
        assert!(tree.admits(11, &started(510), 510), "a child");
        assert!(!tree.admits(11, &started(499), 510), "older than the step");
        assert!(
            !tree.admits(11, &started(511), 510),
            "started after the listing"
        );
    }

    #[test]
    fn zombies_are_not_watched() {
        let zombie = Stat {
            state: b'Z',
            ..started(5)
        };
        assert!(!tree().admits(10, &zombie, 5));
    }

    #[test]
    fn descendants_are_found_through_their_parents() {
        let parents = [
            (1, 0),
            (10, 1),
            (11, 10),
            (12, 11),
            (13, 1),
            (14, 12),
            (15, 13),
        ];
        let mut found = Vec::new();
        below(&parents, 10, &mut found);
        found.sort_unstable();
        assert_eq!(found, [11, 12, 14]);
    }

    #[test]
    fn figures_that_form_a_cycle_end_the_search() {
        let mut found = Vec::new();
        below(&[(1, 2), (2, 1), (3, 3)], 1, &mut found);
        assert!(found.len() <= 6);
    }
}
