//! Processes as `sysinfo` shows them, where there is no `/proc`: resident memory only; kinds of
//! memory are not told apart and stay zero.

use std::collections::HashSet;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::{Look, Subject};

/// The list of all processes is read at most this often; those known are read at each look.
const LIST_EVERY_NS: u64 = 100_000_000;

/// The processes of a step.
#[derive(Debug)]
pub(crate) struct Watch {
    system: Option<System>,
    roots: Vec<Pid>,
    main: Pid,
    main_start: Option<u64>,
    known: Vec<Pid>,
    next_list: u64,
}

impl Watch {
    pub(crate) fn new(subject: Subject) -> Self {
        let pid = |pid: i32| Pid::from_u32(pid.unsigned_abs());
        Self {
            system: System::new().ok(),
            main: pid(subject.main),
            roots: subject
                .reaper
                .into_iter()
                .chain([subject.main])
                .map(pid)
                .collect(),
            main_start: None,
            known: Vec::new(),
            next_list: 0,
        }
    }

    /// Memory of all processes now. `now_ns` is the monotonic time.
    pub(crate) fn look(&mut self, now_ns: u64) -> Look {
        let Some(system) = &mut self.system else {
            return Look::default();
        };
        let kind = ProcessRefreshKind::nothing().with_memory();
        if now_ns >= self.next_list {
            self.next_list = now_ns.saturating_add(LIST_EVERY_NS);
            system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
            self.known = descendants(system, &self.roots, self.main, &mut self.main_start);
        } else {
            system.refresh_processes_specifics(ProcessesToUpdate::Some(&self.known), true, kind);
        }
        let mut look = Look::default();
        for &pid in &self.known {
            let rss = system.process(pid).map_or(0, sysinfo::Process::memory);
            if rss > 0 {
                look.rss = look.rss.saturating_add(rss);
                if rss > look.largest {
                    let pid = i32::try_from(pid.as_u32()).unwrap_or_default();
                    (look.largest, look.largest_pid) = (rss, pid);
                }
                look.processes += 1;
            }
        }
        look
    }
}

/// The main process and all below the roots that did not start before it.
fn descendants(
    system: &System,
    roots: &[Pid],
    main: Pid,
    main_start: &mut Option<u64>,
) -> Vec<Pid> {
    if let Some(process) = system.process(main) {
        main_start.get_or_insert(process.start_time());
    }
    let mut known: HashSet<Pid> = roots.iter().copied().collect();
    loop {
        let below: Vec<Pid> = system
            .processes()
            .iter()
            .filter(|(pid, process)| {
                !known.contains(pid)
                    && process
                        .parent()
                        .is_some_and(|parent| known.contains(&parent))
            })
            .map(|(pid, _)| *pid)
            .collect();
        if below.is_empty() {
            break;
        }
        known.extend(below);
    }
    let start = main_start.unwrap_or(0);
    known.retain(|pid| *pid == main || !roots.contains(pid));
    known.retain(|pid| {
        system
            .process(*pid)
            .is_some_and(|process| process.start_time() >= start)
    });
    known.into_iter().collect()
}
