//! What each thread keeps for the instruments: memory of its own, there from its first instruction to its last.
#![allow(unsafe_code)]

use super::profile::Sampler;
use super::thread::Counter;

/// No destructor, and zeros at the start.
#[repr(C)]
pub(super) struct Local {
    pub(super) counter: Counter,
    pub(super) sampler: Sampler,
}

/// Does something with what this thread keeps.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[inline(always)]
pub(super) fn with<R>(act: impl FnOnce(&Local) -> R) -> R {
    unsafe extern "C" {
        /// 256 bytes of this thread's own, aligned to 64, zeros when it begins (`storage.c`).
        safe fn plimsoll_thread_storage() -> *mut std::ffi::c_void;
    }
    const { assert!(size_of::<Local>() <= 256 && align_of::<Local>() <= 64) }
    // SAFETY: large and aligned enough, and nobody else's; zeros are a valid value, which consists of integers, a flag
    // and a state that has a zero. No reference leaves the call, and so the thread.
    act(unsafe { &*plimsoll_thread_storage().cast::<Local>() })
}

/// The same, where no C heap is counted.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn with<R>(act: impl FnOnce(&Local) -> R) -> R {
    thread_local! {
        static LOCAL: Local = const { Local { counter: Counter::new(), sampler: Sampler::new() } };
    }
    LOCAL.with(act)
}
