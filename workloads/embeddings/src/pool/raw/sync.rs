//! What the hand-over between threads is made of: atomics, a cell, and a barrier of which one side costs nothing.

pub(super) use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::fence;
pub(super) use std::thread::yield_now;

pub(super) use crate::cell::UnsafeCell;

/// A barrier between a store and a later load, on two sides: of two threads of which one is at `light` and the other at `heavy`, one
/// sees what the other stored before.
///
/// Linux makes every running thread of the process pass a full barrier on request (`membarrier`, since 4.14), so that the side that is
/// passed often need only keep the compiler from reordering. Where there is no such request both sides are full barriers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Barrier {
    on_request: bool,
}

/// Asks for such requests to be possible.
pub(super) fn announce() {
    request::registered();
}

impl Barrier {
    pub(super) fn new() -> Self {
        Self {
            on_request: request::registered(),
        }
    }

    #[inline]
    pub(super) fn light(self) {
        if self.on_request {
            std::sync::atomic::compiler_fence(SeqCst);
        } else {
            fence(SeqCst);
        }
    }

    pub(super) fn heavy(self) {
        fence(SeqCst);
        if self.on_request {
            request::make();
        }
        fence(SeqCst);
    }
}

#[cfg(all(target_os = "linux", not(miri)))]
mod request {
    use std::sync::LazyLock;

    use rustix::thread::{MembarrierCommand, membarrier};

    static REGISTERED: LazyLock<bool> =
        LazyLock::new(|| membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok());

    pub(super) fn registered() -> bool {
        *REGISTERED
    }

    pub(super) fn make() {
        // It fails for those who have not registered, and for nobody else.
        if membarrier(MembarrierCommand::PrivateExpedited).is_err() {
            std::process::abort();
        }
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
mod request {
    pub(super) fn registered() -> bool {
        false
    }

    pub(super) fn make() {}
}
