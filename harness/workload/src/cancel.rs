//! SIGTERM as a question that a program can ask.
#![allow(unsafe_code)]

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

static REQUESTED: AtomicBool = AtomicBool::new(false);

extern "C" fn note(_signal: libc::c_int) {
    REQUESTED.store(true, Relaxed);
}

/// From now on SIGTERM is noted instead of ending the process. Reads and writes it interrupts are restarted.
pub(crate) fn listen() {
    // SAFETY: the action is fully initialized; the handler does one atomic store, which is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = note as extern "C" fn(libc::c_int) as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(libc::SIGTERM, &raw const action, std::ptr::null_mut());
    }
}

/// Whether SIGTERM has come since [`listen`].
pub(crate) fn requested() -> bool {
    REQUESTED.load(Relaxed)
}
