//! What one look at the processes of a step gives, whatever the operating system.

use std::path::PathBuf;

/// Whom to watch.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// The step's main process.
    pub(crate) main: i32,
    /// The process that orphans of the step are handed to, when its children are all of the step.
    pub(crate) reaper: Option<i32>,
    /// The list of the step's processes, where they live in a cgroup of their own.
    pub(crate) cgroup_procs: Option<PathBuf>,
}

/// Memory of all processes of a step at one instant, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) rss: u64,
    pub(crate) largest: u64,
    /// Whose that is.
    pub(crate) largest_pid: i32,
    pub(crate) anon: u64,
    pub(crate) file: u64,
    pub(crate) shared: u64,
    pub(crate) swap: u64,
    /// Processes that hold memory; 0 when all are gone.
    pub(crate) processes: u32,
}
