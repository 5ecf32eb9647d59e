//! Ctrl-C and its kin: counted, so that the first asks and the second insists.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::event::{EventfdFlags, eventfd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// What a user or a service manager ends a program with.
const SIGNALS: [i32; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

/// Signals received since the process began.
static COUNT: AtomicU32 = AtomicU32::new(0);
/// Descriptor that the handler writes to; -1 before there is one.
static BELL: AtomicI32 = AtomicI32::new(-1);
/// The dispositions from before, while at least one listener lives.
static LISTENERS: Mutex<Listeners> = Mutex::new(Listeners {
    count: 0,
    before: Vec::new(),
});

struct Listeners {
    count: u32,
    before: Vec<(i32, libc::sigaction)>,
}

extern "C" fn on_signal(_: libc::c_int) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    let one = 1u64.to_ne_bytes();
    // SAFETY: `write` is async-signal-safe, the buffer lives, and the descriptor is never closed.
    // Its errno is put back, so that the interrupted code does not see it.
    unsafe {
        let errno = libc::__errno_location();
        let kept = *errno;
        libc::write(BELL.load(Ordering::Relaxed), one.as_ptr().cast(), one.len());
        *errno = kept;
    }
}

/// Counts what the user interrupts with: Ctrl-C, SIGTERM, SIGHUP. While one of these lives they
/// don't end the process; whoever has work to stop looks at the count.
#[derive(Debug)]
pub struct Interruptions {
    bell: OwnedFd,
    /// The count when this listener began.
    since: u32,
}

impl Interruptions {
    /// Begins to listen.
    ///
    /// # Errors
    /// The system gives no descriptor, or refuses the handlers.
    pub fn listen() -> io::Result<Self> {
        static DESCRIPTOR: OnceLock<OwnedFd> = OnceLock::new();
        let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        let bell = match DESCRIPTOR.get() {
            Some(bell) => bell,
            None => {
                let made = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
                DESCRIPTOR.get_or_init(|| made)
            }
        };
        BELL.store(bell.as_raw_fd(), Ordering::Relaxed);
        let bell = bell.try_clone()?;
        if listeners.count == 0 {
            let before = SIGNALS.iter().map(|signal| Ok((*signal, handle(*signal)?)));
            listeners.before = before.collect::<io::Result<_>>()?;
        }
        listeners.count += 1;
        Ok(Interruptions {
            bell,
            since: COUNT.load(Ordering::Relaxed),
        })
    }

    /// How often the user has interrupted since this listener began.
    pub fn count(&self) -> u32 {
        COUNT.load(Ordering::Relaxed).wrapping_sub(self.since)
    }
}

impl Drop for Interruptions {
    fn drop(&mut self) {
        let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.count -= 1;
        if listeners.count == 0 {
            for (signal, before) in listeners.before.drain(..) {
                // SAFETY: `before` is a disposition that `sigaction` itself gave out.
                unsafe { libc::sigaction(signal, &raw const before, std::ptr::null_mut()) };
            }
        }
    }
}

/// The same, for waiting.
#[derive(Debug)]
pub(crate) struct Interrupts {
    bell: AsyncFd<OwnedFd>,
    interruptions: Interruptions,
    /// Interruptions handed out by [`next`](Self::next).
    seen: u32,
}

impl Interrupts {
    /// Begins to listen. Needs a tokio runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        let interruptions = Interruptions::listen()?;
        let bell = interruptions.bell.try_clone()?;
        // SAFETY: the registered descriptor is owned by the `AsyncFd` and stays open as long.
        let bell = unsafe { AsyncFd::register_with_interest(bell, Interest::READABLE)? };
        Ok(Interrupts {
            bell,
            interruptions,
            seen: 0,
        })
    }

    /// How often the user has interrupted since this listener began.
    pub(crate) fn count(&self) -> u32 {
        self.interruptions.count()
    }

    /// Waits for the next interruption, or returns at once for one not yet handed out.
    pub(crate) async fn next(&mut self) {
        loop {
            if self.seen < self.count() {
                self.seen += 1;
                return;
            }
            match self.bell.readable().await {
                // Never read: other listeners wait for the same bell, and each ring is a new edge.
                Ok(mut ready) => ready.clear_ready(),
                Err(_) => std::future::pending().await,
            }
        }
    }
}

/// Installs the handler and gives the disposition from before.
fn handle(signal: i32) -> io::Result<libc::sigaction> {
    // SAFETY: all zeroes is a valid `sigaction`; the handler only does what is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let mut before: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_signal as extern "C" fn(libc::c_int) as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        match libc::sigaction(signal, &raw const action, &raw mut before) {
            // Started with `nohup`: a hang-up is to be ignored.
            0 if signal == libc::SIGHUP && before.sa_sigaction == libc::SIG_IGN => {
                libc::sigaction(signal, &raw const before, std::ptr::null_mut());
                Ok(before)
            }
            0 => Ok(before),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
