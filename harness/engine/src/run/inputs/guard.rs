//! A process between the harness and a program that it asks something: should the harness die, even
//! of SIGKILL, it ends the program and all that came of it.
//!
//! The kernel tells a child of its parent's death, and not its grandchildren: a program that is a
//! shell script would be ended and what it runs would stay. What is measured stands below the fork
//! server, which sees to this; inputs are made before there is one.
//!
//! The guard is a fork of the harness that executes nothing. The harness has several threads, so the guard
//! calls only what a signal handler may call: system calls, on memory of its own stack.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::io;

/// What the kernel tells the guard of the harness's death by.
const DEATH: libc::c_int = libc::SIGUSR1;
/// Children of this process, each number with a blank behind it.
const CHILDREN: &CStr = c"/proc/thread-self/children";
/// Passes of killing before what is left is left to the system: more than any tree is deep.
const PASSES: usize = 10_000;

/// Splits this process in two: returns in the child, which is to become the program, while the
/// parent stays behind as its guard, ends as the program does, and never returns.
///
/// To be called between fork and exec. `harness` is the process id of who is guarded against.
///
/// # Errors
/// The system refuses a step of it; nothing was split then.
pub(super) fn stand_between(harness: i32) -> io::Result<()> {
    // SAFETY: every call takes plain numbers or pointers to live values on this stack, and is
    // async-signal-safe. `fork` is called in a process of one thread: it is itself a fresh fork.
    unsafe {
        let mut news: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut news);
        libc::sigaddset(&raw mut news, libc::SIGCHLD);
        libc::sigaddset(&raw mut news, DEATH);
        // Blocked before either can come, so that none is missed.
        check(libc::sigprocmask(
            libc::SIG_BLOCK,
            &raw const news,
            &raw mut before,
        ))?;
        check(libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1))?;
        check(libc::prctl(libc::PR_SET_PDEATHSIG, DEATH))?;
        match check(libc::fork())? {
            0 => {
                libc::sigprocmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
                Ok(())
            }
            program => guard(program, harness, &news),
        }
    }
}

fn check(returned: libc::c_int) -> io::Result<libc::c_int> {
    match returned {
        -1 => Err(io::Error::last_os_error()),
        value => Ok(value),
    }
}

/// Waits for the program or the harness to end.
fn guard(program: libc::pid_t, harness: i32, news: &libc::sigset_t) -> ! {
    // SAFETY: as in `stand_between`; `news` lives, and descriptors are closed that nobody here uses.
    unsafe {
        // The program's streams are not the guard's to hold open, nor are the harness's locks.
        libc::syscall(libc::SYS_close_range, 0, u32::MAX, 0);
        let none = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
        let mut dead = libc::getppid() != harness;
        loop {
            let mut status = 0;
            loop {
                match libc::waitpid(-1, &raw mut status, libc::WNOHANG) {
                    ended if ended == program => {
                        end_all();
                        end_as(status);
                    }
                    ended if ended > 0 => {}
                    _ => break,
                }
            }
            if dead {
                end_all();
                libc::_exit(1);
            }
            let mut signal = 0;
            libc::sigwait(news, &raw mut signal);
            dead = signal == DEATH;
        }
    }
}

/// Kills every descendant. An orphan comes back to the guard, which is its subreaper.
fn end_all() {
    for _ in 0..PASSES {
        kill_children();
        // SAFETY: takes plain numbers; a null pointer says that the status is of no interest.
        if unsafe { libc::waitpid(-1, std::ptr::null_mut(), 0) } == -1 {
            return;
        }
    }
}

fn kill_children() {
    let mut list = [0u8; 4096];
    // SAFETY: the path ends with a zero, and the buffer is as long as is said.
    let length = unsafe {
        let file = libc::open(CHILDREN.as_ptr(), libc::O_RDONLY);
        let length = libc::read(file, list.as_mut_ptr().cast(), list.len());
        libc::close(file);
        usize::try_from(length).unwrap_or(0)
    };
    let mut pid: libc::pid_t = 0;
    // A number that is cut off has no blank behind it; the next pass sees it whole.
    for byte in list.iter().take(length) {
        match byte {
            b'0'..=b'9' => pid = pid.wrapping_mul(10).wrapping_add(i32::from(byte - b'0')),
            _ => {
                if pid > 0 {
                    // SAFETY: takes plain numbers; an unreaped child's is nobody else's.
                    unsafe { libc::kill(pid, libc::SIGKILL) };
                }
                pid = 0;
            }
        }
    }
}

/// Ends as the program did.
fn end_as(status: libc::c_int) -> ! {
    // SAFETY: as in `stand_between`.
    unsafe {
        if libc::WIFSIGNALED(status) {
            let signal = libc::WTERMSIG(status);
            let mut all: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::signal(signal, libc::SIG_DFL);
            libc::sigprocmask(libc::SIG_UNBLOCK, &raw const all, std::ptr::null_mut());
            libc::raise(signal);
        }
        libc::_exit(libc::WEXITSTATUS(status))
    }
}
