//! How much memory there is for a build.

use std::fs;
use std::path::Path;

use plimsoll_workload::{Context, cgroups};
use rustix::process::{Resource, getrlimit};

/// Left to everyone else on the machine, at least.
const MACHINE_RESERVE: u64 = 256 << 20;
/// Left of a cap, at least.
const CAP_RESERVE: u64 = 1 << 20;
/// Left of whatever there is: one part in so many.
const RESERVED_PART: u64 = 20;
/// What a thread takes of the address space beyond what it touches: its stack, and its allocator's.
const THREAD_ADDRESSES: u64 = 2 << 20;

/// What is asked about memory.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// `/`, or a directory made for a test, with `proc` and what is mounted in it.
    pub root: &'a Path,
    /// The limit on this process's address space (`RLIMIT_AS`), in bytes.
    pub address_space: Option<u64>,
    /// The memory that the process as a whole should stay within, in bytes.
    pub budget: Option<u64>,
    /// Threads that are to be started.
    pub threads: usize,
}

/// What this process may still take, in bytes, and what allows no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// Bytes, the reserve taken off.
    pub bytes: u64,
    /// Bytes that would have to be added before there is any: what the process has, and the reserve, are above the limit.
    pub missing: u64,
    /// In words.
    pub limit: &'static str,
}

impl Surroundings<'_> {
    /// Those of a run.
    #[must_use]
    pub fn of(context: &Context) -> Self {
        Self {
            root: Path::new("/"),
            address_space: getrlimit(Resource::As).current,
            budget: context.budget().map(|budget| budget.0),
            threads: context.threads(),
        }
    }

    /// The least that any of them leaves. Where the system tells nothing and nothing is set, there is no end to it.
    #[must_use]
    pub fn available(&self) -> Available {
        let text = |name: &str| fs::read_to_string(self.root.join(name)).unwrap_or_default();
        let (machine, status) = (text("proc/meminfo"), text("proc/self/status"));
        let held = |name| kibibytes(&status, name).unwrap_or(0);
        let stacks = THREAD_ADDRESSES.saturating_mul(self.threads as u64);
        let left = |limit: u64, used: u64| i128::from(limit) - i128::from(used);
        let addresses = held("VmSize:").saturating_add(stacks);
        let caps = [
            (cgroups::room(self.root).map(i128::from), "the memory cap"),
            (
                self.address_space.map(|limit| left(limit, addresses)),
                "the limit on the address space",
            ),
            (
                self.budget.map(|budget| left(budget, held("VmRSS:"))),
                "the memory budget",
            ),
        ];
        let caps = caps
            .into_iter()
            .filter_map(|(room, limit)| room.map(|room| (of_cap(room), limit)));
        let machine = kibibytes(&machine, "MemAvailable:").unwrap_or(u64::MAX);
        let machine = (i128::from(of_machine(machine)), "the machine's memory");
        let (bytes, limit) = caps.fold(
            machine,
            |least, cap| if cap.0 < least.0 { cap } else { least },
        );
        let within = |bytes: i128| u64::try_from(bytes).unwrap_or(0);
        Available {
            bytes: within(bytes),
            missing: within(-bytes),
            limit,
        }
    }
}

/// Whoever else runs on the machine needs memory too, and more of it by the time the build has its peak. On one that
/// is almost full, half of what is left is still something.
fn of_machine(available: u64) -> u64 {
    let reserve = (available / RESERVED_PART).max(MACHINE_RESERVE);
    available.saturating_sub(reserve).max(available / 2)
}

/// What is below a cap is this job's alone: the reserve need not feed others, but covers what no estimate counts, page
/// tables, kernel stacks and pages of the program itself. These are a share of what is used, and a MiB in any case. With
/// the machine's 256 MiB, no job could run under a cap of 200.
fn of_cap(room: i128) -> i128 {
    room - (room / i128::from(RESERVED_PART)).max(i128::from(CAP_RESERVE))
}

/// The line `NAME     1234 kB`, in bytes.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number = line.trim().strip_suffix(" kB")?;
    number.parse::<u64>().ok()?.checked_mul(1024)
}
