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
    const { assert!(size_of::<Local>() <= 256 && align_of::<Local>() <= 64) }
    // SAFETY: large and aligned enough, and nobody else's; zeros are a valid value, which consists of integers, a flag
    // and a state that has a zero. No reference leaves the call, and so the thread.
    act(unsafe { &*storage() })
}

/// 256 bytes of this thread's own, aligned to 64, zeros when it begins (`storage.c`). A call would cost more than all
/// else that most sampled allocations do.
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
#[inline(always)]
fn storage() -> *const Local {
    let storage;
    // SAFETY: the thread's base, plus where in every thread the memory is: the initial-exec sequence of U. Drepper, "ELF
    // Handling For Thread-Local Storage", 4.3.6. Both stay as they are as long as the thread.
    unsafe {
        std::arch::asm!(
            "mov {0}, qword ptr fs:[0]",
            "add {0}, qword ptr [rip + plimsoll_thread_local@GOTTPOFF]",
            out(reg) storage,
            options(pure, readonly, nostack),
        );
    }
    storage
}

#[cfg(all(target_os = "linux", target_env = "gnu", not(target_arch = "x86_64")))]
#[inline(always)]
fn storage() -> *const Local {
    unsafe extern "C" {
        safe fn plimsoll_thread_storage() -> *mut std::ffi::c_void;
    }
    plimsoll_thread_storage().cast()
}

/// The same, where no C heap is counted.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn with<R>(act: impl FnOnce(&Local) -> R) -> R {
    thread_local! {
        static LOCAL: Local = const { Local { counter: Counter::new(), sampler: Sampler::new() } };
    }
    LOCAL.with(act)
}
