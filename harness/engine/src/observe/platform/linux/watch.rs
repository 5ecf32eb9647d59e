//! All processes of a step, found and read.

use std::path::PathBuf;

use super::process::{Process, Seen};
use super::source::Buffer;
use super::tree::Tree;
use crate::observe::clock;
use crate::observe::platform::{Look, Subject};

/// The files of this many processes stay open between looks; those of others are opened each time.
const KEPT_OPEN: usize = 32;

/// The processes of a step.
#[derive(Debug)]
pub(crate) struct Watch {
    proc: PathBuf,
    tree: Tree,
    processes: Vec<Process>,
    listed: Vec<i32>,
    buffer: Buffer,
    page_size: u64,
    tick_ns: u64,
}

impl Watch {
    pub(crate) fn new(subject: Subject) -> Self {
        let proc = PathBuf::from("/proc");
        Self {
            tree: Tree::new(&proc, subject),
            proc,
            processes: Vec::new(),
            listed: Vec::new(),
            buffer: Buffer::new(),
            page_size: rustix::param::page_size() as u64,
            tick_ns: 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1),
        }
    }

    /// Memory of all processes now. `now_ns` is the monotonic time.
    pub(crate) fn look(&mut self, now_ns: u64) -> Look {
        if self.tree.due(now_ns) {
            self.relist(now_ns);
        }
        let mut look = Look::default();
        let mut at = 0;
        while let Some(process) = self.processes.get_mut(at) {
            match process.memory(now_ns, self.page_size, &mut self.buffer) {
                Seen::Holds(memory) => {
                    look.rss = look.rss.saturating_add(memory.rss);
                    if memory.rss > look.largest {
                        (look.largest, look.largest_pid) = (memory.rss, process.pid);
                    }
                    look.anon = look.anon.saturating_add(memory.anon);
                    look.file = look.file.saturating_add(memory.file);
                    look.shared = look.shared.saturating_add(memory.shared);
                    look.swap = look.swap.saturating_add(memory.swap);
                    look.processes += 1;
                }
                Seen::Gone => {
                    self.processes.swap_remove(at);
                    continue;
                }
                Seen::Hidden => {}
            }
            at += 1;
        }
        look
    }

    /// Resident bytes of one of the processes now; none when it is not, or no longer, one of them.
    pub(crate) fn resident(&mut self, now_ns: u64, pid: i32) -> Option<u64> {
        let process = self
            .processes
            .iter_mut()
            .find(|process| process.pid == pid)?;
        match process.memory(now_ns, self.page_size, &mut self.buffer) {
            Seen::Holds(memory) => Some(memory.rss),
            Seen::Gone | Seen::Hidden => None,
        }
    }

    fn relist(&mut self, now_ns: u64) {
        // Children of a process just found are found in the next round of the same listing, so
        // that a deep tree is whole at the first look.
        for _ in 0..64 {
            self.tree.list(
                now_ns,
                clock::monotonic_ns,
                &self.proc,
                &mut self.processes,
                &mut self.buffer,
                &mut self.listed,
            );
            let listed_at = clock::boot_ns() / self.tick_ns;
            let before = self.processes.len();
            for &pid in &self.listed {
                if self.processes.iter().any(|process| process.pid == pid) {
                    continue;
                }
                let keep = self.processes.len() < KEPT_OPEN;
                if let Ok((process, stat)) = Process::open(&self.proc, pid, keep, &mut self.buffer)
                    && self.tree.admits(pid, &stat, listed_at)
                {
                    self.processes.push(process);
                }
            }
            if self.processes.len() == before {
                break;
            }
        }
    }
}
