//! The system calls of the fork server that have no safe wrapper elsewhere.
//!
//! What makes them sound here: the fork server is entered first thing in `main` and starts no
//! thread, so that a forked child is a whole program and may do anything.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_int, c_long};
use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

use super::protocol::Reaped;

/// What `wait4` found.
pub(super) enum Waited {
    /// A process ended.
    Ended(Reaped),
    /// There are processes, and none has ended.
    None,
    /// There is no process.
    NoChild,
}

/// Forks. `None` in the child.
pub(super) fn fork() -> io::Result<Option<i32>> {
    // SAFETY: the process has one thread (see the heading), so no lock can be held by another.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        pid => Ok(Some(pid)),
    }
}

/// Reaps one process that has ended.
pub(super) fn wait() -> io::Result<Waited> {
    let mut status = 0;
    // SAFETY: all zeroes is a valid `rusage`.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live, writable values of the right type.
    let pid = unsafe { libc::wait4(-1, &raw mut status, libc::WNOHANG, &raw mut usage) };
    let at = monotonic();
    match pid {
        0 => Ok(Waited::None),
        -1 => {
            let error = io::Error::last_os_error();
            if error.raw_os_error() == Some(libc::ECHILD) {
                Ok(Waited::NoChild)
            } else {
                Err(error)
            }
        }
        pid => Ok(Waited::Ended(Reaped {
            pid,
            status,
            at,
            user: micros(usage.ru_utime),
            sys: micros(usage.ru_stime),
            max_rss: unsigned(usage.ru_maxrss) * 1024,
            minor_faults: unsigned(usage.ru_minflt),
            major_faults: unsigned(usage.ru_majflt),
            context_switches: unsigned(usage.ru_nvcsw) + unsigned(usage.ru_nivcsw),
        })),
    }
}

fn unsigned(value: c_long) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn micros(time: libc::timeval) -> u64 {
    unsigned(time.tv_sec) * 1_000_000 + unsigned(time.tv_usec)
}

/// CLOCK_MONOTONIC in nanoseconds.
pub(super) fn monotonic() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a live, writable `timespec`.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    unsigned(time.tv_sec) * 1_000_000_000 + unsigned(time.tv_nsec)
}

/// This process's highest resident size so far, in bytes: what `exec` carries over into the
/// program's own mark.
pub(super) fn own_peak() -> u64 {
    // SAFETY: all zeroes is a valid `rusage`.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `usage` is a live, writable `rusage`.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    unsigned(usage.ru_maxrss) * 1024
}

/// What the fork server ignores, and its children do not.
const IGNORED: [c_int; 5] = [
    libc::SIGINT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGPIPE,
];

/// Ignores what a terminal or a user might send, and turns SIGCHLD into a readable descriptor.
pub(super) fn shield() -> io::Result<OwnedFd> {
    // SAFETY: SIG_DFL and SIG_IGN are valid dispositions; signals that may not have any other fail
    // without harm. The set is initialised by
    // `sigemptyset` before it is used; `signalfd` returns a descriptor that nobody else owns.
    unsafe {
        // Whoever started the session may ignore some; its trials must not depend on that.
        for signal in 1..libc::SIGRTMAX() {
            libc::signal(signal, libc::SIG_DFL);
        }
        for signal in IGNORED {
            libc::signal(signal, libc::SIG_IGN);
        }
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        if libc::sigprocmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
        match libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) {
            -1 => Err(io::Error::last_os_error()),
            fd => Ok(OwnedFd::from_raw_fd(fd)),
        }
    }
}

/// Takes [`shield`] back in a child: every signal has its default disposition, none is blocked.
pub(super) fn reset_signals() {
    // SAFETY: SIG_DFL is a valid disposition for these signals. The set is initialised before it is used.
    unsafe {
        for signal in IGNORED {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const set, ptr::null_mut());
    }
}

/// The system's number of an error.
pub(super) fn errno(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EINVAL)
}

/// Asks that the program to be executed finds its memory at the same addresses each time. Sandboxes
/// may refuse; its addresses are then as random as they always are.
pub(super) fn fix_addresses() {
    const ASK: libc::c_ulong = 0xffff_ffff;
    // SAFETY: `personality` changes a flag of this process, which has no say in memory safety.
    unsafe {
        let now = libc::personality(ASK);
        if now >= 0 {
            libc::personality(now as libc::c_ulong | libc::ADDR_NO_RANDOMIZE as libc::c_ulong);
        }
    }
}

/// Marks every descriptor from 3 on to be closed on exec, whoever left it open.
pub(super) fn close_rest_on_exec() {
    const CLOSE_RANGE_CLOEXEC: c_int = 4;
    // SAFETY: changes a flag of descriptors, closes none. Kernels before 5.11 refuse; then only
    // what the supervisor itself opened is closed on exec, as it always is.
    unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, CLOSE_RANGE_CLOEXEC) };
}

/// A list of strings as `exec` wants it, made beforehand: under a tight address-space limit there
/// may be nothing left to make it with.
pub(super) struct Vector<'a> {
    pointers: Vec<*const c_char>,
    _strings: PhantomData<&'a [CString]>,
}

impl<'a> Vector<'a> {
    pub(super) fn new(strings: &'a [CString]) -> Self {
        let pointers = strings
            .iter()
            .map(|s| s.as_ptr())
            .chain([ptr::null()])
            .collect();
        Vector {
            pointers,
            _strings: PhantomData,
        }
    }
}

/// Becomes the program. Returns only where that failed.
pub(super) fn execute(program: &CString, argv: &Vector<'_>, environment: &Vector<'_>) -> io::Error {
    // SAFETY: both arrays end in a null pointer, and `Vector` borrows the strings they point to.
    unsafe {
        libc::execve(
            program.as_ptr(),
            argv.pointers.as_ptr(),
            environment.pointers.as_ptr(),
        )
    };
    io::Error::last_os_error()
}

/// Connects `from` to the standard stream `to` (0, 1 or 2), open across exec.
pub(super) fn connect(from: &OwnedFd, to: i32) -> io::Result<()> {
    // SAFETY: `dup2` onto a standard stream of a process that is about to exec; nothing in it
    // owns that stream.
    match unsafe { libc::dup2(from.as_raw_fd(), to) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Ends a child that did not become its program, without running anything of the parent's.
pub(super) fn leave(status: i32) -> ! {
    // SAFETY: `_exit` has no preconditions.
    unsafe { libc::_exit(status) }
}
