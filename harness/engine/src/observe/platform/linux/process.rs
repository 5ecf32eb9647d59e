//! One watched process.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use super::parse;
use super::source::{Buffer, Source, directory, open};

/// Between two readings of `status`, where nothing says that it changed.
const STATUS_EVERY_NS: u64 = 100_000_000;

/// Resident bytes of one process by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) rss: u64,
    pub(crate) anon: u64,
    pub(crate) file: u64,
    pub(crate) shared: u64,
    pub(crate) swap: u64,
}

/// What a look at one process found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It lives and holds this.
    Holds(Memory),
    /// It is a zombie or gone: it will hold nothing again.
    Gone,
    /// It could not be read this time.
    Hidden,
}

/// A process and its open files.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    directory: OwnedFd,
    keep: bool,
    statm: Source,
    status: Source,
    children: Source,
    /// Pages of files and shared memory when `status` was read last, and when that was.
    seen: Option<(u64, u64)>,
    shmem: u64,
    swap: u64,
}

impl Process {
    /// Opens `/proc/PID`. With `keep`, files stay open between looks.
    ///
    /// # Errors
    /// When the process is gone or hidden, or descriptors have run out.
    pub(crate) fn open(
        proc: &Path,
        pid: i32,
        keep: bool,
        buffer: &mut Buffer,
    ) -> io::Result<(Self, parse::Stat)> {
        let directory = directory(&proc.join(pid.to_string()))?;
        let stat = parse::stat(buffer.fill(&open(&directory, "stat")?)?)
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        let process = Self {
            pid,
            directory,
            keep,
            statm: Source::new("statm"),
            status: Source::new("status"),
            children: Source::new(format!("task/{pid}/children")),
            seen: None,
            shmem: 0,
            swap: 0,
        };
        Ok((process, stat))
    }

    /// Its memory now.
    ///
    /// `statm` (2 us) is read at each look. It tells anonymous pages from the rest; `status`
    /// (11 us) tells files from shared memory, and is read when their sum has changed or 100 ms
    /// have passed. So every figure is of this look, but for swap, which may be 100 ms old.
    pub(crate) fn memory(&mut self, now_ns: u64, page_size: u64, buffer: &mut Buffer) -> Seen {
        match self.read_memory(now_ns, page_size, buffer) {
            Ok(Some(memory)) => Seen::Holds(memory),
            Ok(None) => Seen::Gone,
            Err(error) => match error.raw_os_error() {
                Some(libc::ESRCH | libc::ENOENT) => Seen::Gone,
                _ => Seen::Hidden,
            },
        }
    }

    fn read_memory(
        &mut self,
        now_ns: u64,
        page_size: u64,
        buffer: &mut Buffer,
    ) -> io::Result<Option<Memory>> {
        let text = self.statm.read(&self.directory, self.keep, buffer)?;
        let Some(statm) = parse::statm(text).filter(|statm| statm.resident > 0) else {
            return Ok(None);
        };
        let fresh = self.seen.is_some_and(|(shared, at)| {
            shared == statm.shared && now_ns.saturating_sub(at) < STATUS_EVERY_NS
        });
        if !fresh {
            let text = self.status.read(&self.directory, self.keep, buffer)?;
            self.shmem = parse::kib_field(text, "RssShmem").unwrap_or(0);
            self.swap = parse::kib_field(text, "VmSwap").unwrap_or(0);
            self.seen = Some((statm.shared, now_ns));
        }
        let rss = statm.resident.saturating_mul(page_size);
        let mapped = statm.shared.saturating_mul(page_size).min(rss);
        let shared = self.shmem.min(mapped);
        Ok(Some(Memory {
            rss,
            anon: rss - mapped,
            file: mapped - shared,
            shared,
            swap: self.swap,
        }))
    }

    fn once<'b>(&self, name: &str, buffer: &'b mut Buffer) -> Option<&'b [u8]> {
        buffer.fill(&open(&self.directory, name).ok()?).ok()
    }

    /// Children forked by its main thread; with `threads`, those of all its threads.
    pub(crate) fn children(&mut self, threads: bool, buffer: &mut Buffer, into: &mut Vec<i32>) {
        if let Ok(text) = self.children.read(&self.directory, self.keep, buffer) {
            parse::pids(text, |pid| into.push(pid));
        }
        if !threads {
            return;
        }
        let Ok(tasks) =
            open(&self.directory, "task").and_then(|tasks| Ok(rustix::fs::Dir::new(tasks)?))
        else {
            return;
        };
        for task in tasks.flatten() {
            let Some(thread) = parse::number(task.file_name().to_bytes()) else {
                continue;
            };
            if thread == self.pid as u64 {
                continue;
            }
            if let Some(text) = self.once(&format!("task/{thread}/children"), buffer) {
                parse::pids(text, |pid| into.push(pid));
            }
        }
    }
}
