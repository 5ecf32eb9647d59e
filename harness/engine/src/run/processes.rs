//! The processes of a trial, read from /proc: who they are, what they have used.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

use crate::observe::{Stat, stat};

/// A view of /proc; the root is a parameter so that it can be a directory made for a test.
#[derive(Debug, Clone)]
pub(crate) struct Processes {
    root: PathBuf,
}

/// What a set of processes has used so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Activity {
    /// CPU time in clock ticks, that of children already waited for included.
    pub(crate) cpu_ticks: u64,
    /// Page faults that needed I/O, those of children already waited for included.
    pub(crate) major_faults: u64,
    /// Bytes read and written through system calls.
    pub(crate) io_bytes: u64,
    /// Resident bytes, summed.
    pub(crate) resident: u64,
    /// Sum of the process ids: a process that came or went is activity too.
    pub(crate) who: u64,
}

impl Processes {
    /// The machine's own.
    pub(crate) fn new() -> Self {
        Processes {
            root: PathBuf::from("/proc"),
        }
    }

    /// Every descendant of a process, without itself. Processes that come and go meanwhile may
    /// or may not be among them.
    pub(crate) fn descendants(&self, of: i32) -> Vec<i32> {
        let mut found = Vec::new();
        let mut open = vec![of];
        while let Some(pid) = open.pop() {
            let children = self.children(pid);
            open.extend(&children);
            found.extend(children);
        }
        found
    }

    fn children(&self, pid: i32) -> Vec<i32> {
        let Ok(threads) = fs::read_dir(self.root.join(pid.to_string()).join("task")) else {
            return Vec::new();
        };
        let lists = threads.flatten().map(|thread| {
            match fs::read_to_string(thread.path().join("children")) {
                Ok(list) => list.split_whitespace().flat_map(str::parse).collect(),
                // A kernel built without these lists says who everyone's parent is.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.by_parent(pid),
                Err(_) => Vec::new(),
            }
        });
        let mut children: Vec<i32> = lists.flatten().collect();
        children.sort_unstable();
        children.dedup();
        children
    }

    fn by_parent(&self, parent: i32) -> Vec<i32> {
        let Ok(all) = fs::read_dir(&self.root) else {
            return Vec::new();
        };
        let pids = all
            .flatten()
            .filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
        pids.filter(|pid| self.stat(*pid).is_some_and(|stat| stat.parent == parent))
            .collect()
    }

    /// What these processes have used so far; those that are gone count for nothing.
    pub(crate) fn activity(&self, pids: &[i32]) -> Activity {
        let mut sum = Activity::default();
        for pid in pids {
            let Some(stat) = self.stat(*pid) else {
                continue;
            };
            sum.cpu_ticks += stat.cpu_ticks;
            sum.major_faults += stat.major_faults;
            sum.resident += stat.resident_pages * rustix::param::page_size() as u64;
            sum.io_bytes += self.io_bytes(*pid).unwrap_or(0);
            sum.who += pid.unsigned_abs() as u64;
        }
        sum
    }

    fn io_bytes(&self, pid: i32) -> Option<u64> {
        let text = fs::read_to_string(self.root.join(pid.to_string()).join("io")).ok()?;
        let fields = text
            .lines()
            .take(2)
            .filter_map(|line| line.split(' ').nth(1)?.parse::<u64>().ok());
        Some(fields.sum())
    }

    fn stat(&self, pid: i32) -> Option<Stat> {
        let text = fs::read(self.root.join(pid.to_string()).join("stat")).ok()?;
        stat(&text)
    }

    /// The start time of a process in clock ticks since boot: with its number, who it is for good.
    pub(crate) fn start_time(&self, pid: i32) -> Option<u64> {
        self.stat(pid).map(|stat| stat.start)
    }
}

/// Sends a signal to each process; one that is gone or not ours to signal is passed over.
pub(crate) fn signal_all(pids: &[i32], signal: Signal) {
    for pid in pids.iter().filter_map(|pid| Pid::from_raw(*pid)) {
        let _ = kill_process(pid, signal);
    }
}

/// The processes listed in `cgroup.procs` files; a file that is gone lists none.
pub(crate) fn members(cgroups: &[PathBuf]) -> Vec<i32> {
    cgroups.iter().flat_map(|file| listed(file)).collect()
}

fn listed(file: &Path) -> Vec<i32> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .flat_map(str::parse)
        .filter(|pid| *pid > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(root: &Path, pid: i32, name: &str, children: &str) {
        let dir = root.join(pid.to_string());
        fs::create_dir_all(dir.join(format!("task/{pid}"))).unwrap();
        fs::write(dir.join(format!("task/{pid}/children")), children).unwrap();
        let stat = format!(
            "{pid} ({name}) S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 900 1000 3 18446744073709551615 1\n"
        );
        fs::write(dir.join("stat"), stat).unwrap();
        fs::write(dir.join("io"), "rchar: 10\nwchar: 5\nsyscr: 99\n").unwrap();
    }

    #[test]
    fn descendants_are_found_however_deep() {
        let root = tempfile::tempdir().unwrap();
        process(root.path(), 2, "a", "3 4 ");
        process(root.path(), 3, "b", "5 ");
        process(root.path(), 4, "c", "");
        process(root.path(), 5, "d", "");
        process(root.path(), 6, "stranger", "");
        let view = Processes {
            root: root.path().into(),
        };
        let mut found = view.descendants(2);
        found.sort_unstable();
        assert_eq!(found, [3, 4, 5]);
    }

    #[test]
    fn activity_sums_what_is_there_and_survives_odd_names() {
        let root = tempfile::tempdir().unwrap();
        process(root.path(), 2, "a) S 9 (b", "");
        process(root.path(), 3, "plain", "");
        let view = Processes {
            root: root.path().into(),
        };
        let activity = view.activity(&[2, 3, 4]);
        assert_eq!(activity.cpu_ticks, 2 * (5 + 6 + 7 + 8));
        assert_eq!(activity.io_bytes, 30);
        assert_eq!(activity.resident, 6 * rustix::param::page_size() as u64);
        assert_eq!(activity.who, 5);
        assert_eq!(view.start_time(2), Some(900));
    }

    #[test]
    fn this_process_has_itself_as_the_parent_of_its_child() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let own = std::process::id() as i32;
        let view = Processes::new();
        assert!(view.descendants(own).contains(&(child.id() as i32)));
        assert!(view.by_parent(own).contains(&(child.id() as i32)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
