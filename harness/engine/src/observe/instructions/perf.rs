//! Counters of the kernel's perf events.
//!
//! Nothing is sampled and no buffer is mapped: a counter is opened, and read when all is over. On other
//! systems than Linux there is none.
#![cfg_attr(target_os = "linux", allow(unsafe_code))]

use std::fs::File;
use std::io::{self, Read};

/// What is counted: type and config of `perf_event_attr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: u32,
    pub(crate) config: u64,
}

impl Event {
    /// Instructions retired: PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS.
    pub(crate) const INSTRUCTIONS: Event = Event { kind: 0, config: 1 };
    /// Page faults: PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS. Every kernel counts them, so that what
    /// counts can be tested where the processor does not let itself be asked.
    #[cfg(test)]
    pub(crate) const PAGE_FAULTS: Event = Event { kind: 1, config: 2 };
}

/// A counter of what happens in user mode.
#[derive(Debug)]
pub(crate) struct Counter(File);

impl Counter {
    /// Counts in this thread from now on.
    ///
    /// # Errors
    /// There is no such counter here, or it may not be used.
    pub(crate) fn of_this_thread(event: Event) -> io::Result<Self> {
        open(event, 0)
    }

    /// Counts in no process yet, but in each that is forked from here on as soon as it executes a
    /// program, with all its threads and descendants.
    ///
    /// # Errors
    /// As [`Counter::of_this_thread`].
    pub(crate) fn of_programs_to_come(event: Event) -> io::Result<Self> {
        const DISABLED: u64 = 1;
        const INHERIT: u64 = 1 << 1;
        // It counts all the time or says that it did not: a share of the time would be a guess.
        const PINNED: u64 = 1 << 2;
        const ENABLE_ON_EXEC: u64 = 1 << 12;
        open(event, DISABLED | INHERIT | PINNED | ENABLE_ON_EXEC)
    }

    /// What was counted, in this thread and in every process that inherited the counter and has
    /// ended.
    ///
    /// # Errors
    /// The counter did not count all the time: another user of the processor's counters had it.
    pub(crate) fn read(&mut self) -> io::Result<u64> {
        let mut count = [0; 8];
        self.0
            .read_exact(&mut count)
            .map_err(|error| match error.kind() {
                // A pinned counter that lost its place ends.
                io::ErrorKind::UnexpectedEof => io::Error::from_raw_os_error(libc::EBUSY),
                _ => error,
            })?;
        Ok(u64::from_ne_bytes(count))
    }
}

/// Whether this thread's instructions can be counted.
///
/// # Errors
/// Why not.
pub(crate) fn instructions_count() -> Result<(), String> {
    let counted = Counter::of_this_thread(Event::INSTRUCTIONS).and_then(|mut counter| {
        let mut sum = 0u64;
        for n in 0..10_000u64 {
            sum = std::hint::black_box(sum.wrapping_add(n));
        }
        counter.read()
    });
    match counted {
        Ok(0) => Err("hardware counters open but do not count".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("hardware counters cannot be opened: {error}")),
    }
}

#[cfg(target_os = "linux")]
fn open(event: Event, flags: u64) -> io::Result<Counter> {
    use std::os::fd::FromRawFd;

    /// The first version of `perf_event_attr` (perf_event_open(2)); the kernel takes the rest as zero.
    #[repr(C)]
    #[derive(Default)]
    struct Attributes {
        kind: u32,
        size: u32,
        config: u64,
        period: u64,
        sample_type: u64,
        read_format: u64,
        flags: u64,
        wakeup: u32,
        breakpoint_type: u32,
        breakpoint_address: u64,
    }
    const _: () = assert!(size_of::<Attributes>() == 64);
    const EXCLUDE_KERNEL_AND_HYPERVISOR: u64 = 1 << 5 | 1 << 6;
    const CLOSE_ON_EXEC: libc::c_ulong = 1 << 3;
    let attributes = Attributes {
        kind: event.kind,
        size: 64,
        config: event.config,
        flags: flags | EXCLUDE_KERNEL_AND_HYPERVISOR,
        ..Attributes::default()
    };
    // SAFETY: the structure lives and has the size that it says; pid 0, any processor, no group
    // open a counter of this thread.
    let descriptor = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attributes,
            0,
            -1,
            -1,
            CLOSE_ON_EXEC,
        )
    };
    match i32::try_from(descriptor) {
        // SAFETY: the descriptor was just opened and is nobody else's.
        Ok(descriptor) if descriptor >= 0 => Ok(Counter(unsafe { File::from_raw_fd(descriptor) })),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open(_: Event, _: u64) -> io::Result<Counter> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_descendants_do_is_counted_once_they_execute() {
        let counter = || Counter::of_programs_to_come(Event::PAGE_FAULTS);
        let mut idle = match counter() {
            Ok(counter) => counter,
            Err(error) => {
                eprintln!("SKIPPED: the kernel counts nothing for us here: {error}");
                return;
            }
        };
        std::hint::black_box(vec![1u8; 4 << 20]);
        assert_eq!(idle.read().unwrap(), 0, "this process executes nothing");
        let faults = |script: &str| {
            let mut counter = counter().unwrap();
            let ended = Command::new("/bin/sh").args(["-c", script]).status();
            assert!(ended.unwrap().success());
            counter.read().unwrap()
        };
        let one = faults("/bin/true");
        let more = faults("/bin/true; /bin/true; /bin/true");
        assert!(one > 20, "{one}");
        assert!(more > one + 40, "children count too: {one}, {more}");
    }
}
