//! What malloc holds from the system, by its own account, so that its slack can be told from live memory.
//!
//! `mallinfo2` walks every arena's free lists under its lock. Under the `count` instrument a thread of its own asks
//! every 10 ms, or less often where the answer takes long: asking takes at most a twentieth of one core.
#![allow(unsafe_code)]

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) use glibc::{sample, start};

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn start() {}
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn sample() {}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::ffi::c_void;
    use std::sync::OnceLock;
    use std::sync::atomic::Ordering::{Relaxed, Release};
    use std::time::Duration;
    use std::{mem, ptr};

    use crate::clock::{monotonic_ns, thread_cpu_ns};
    use crate::gauges;

    type Mallinfo2 = unsafe extern "C" fn() -> libc::mallinfo2;

    /// glibc's `mallinfo2`; `None` before 2.33. Its predecessor counts in 32 bits.
    fn mallinfo2() -> Option<Mallinfo2> {
        static FOUND: OnceLock<Option<Mallinfo2>> = OnceLock::new();
        *FOUND.get_or_init(|| {
            // SAFETY: the name is a C string.
            let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"mallinfo2".as_ptr()) };
            // SAFETY: glibc's function of that name has this signature.
            (!found.is_null()).then(|| unsafe { mem::transmute::<*mut c_void, Mallinfo2>(found) })
        })
    }

    /// Puts malloc's present account into the gauge page; the CPU time that it took. Time spent waiting for a busy
    /// processor or lock is not counted: the account would be oldest where it is needed most.
    pub(in super::super) fn sample() -> Duration {
        let (Some(page), Some(mallinfo2)) = (gauges::attached(), mallinfo2()) else {
            return Duration::ZERO;
        };
        let before = thread_cpu_ns();
        // SAFETY: no preconditions; it takes malloc's own locks.
        let account = unsafe { mallinfo2() };
        let at = monotonic_ns();
        let mapped = account.hblkhd as u64;
        page.heap.held.store(account.arena as u64 + mapped, Relaxed);
        page.heap
            .used
            .store(account.uordblks as u64 + mapped, Relaxed);
        page.heap.held_at.store(at, Release);
        Duration::from_nanos(thread_cpu_ns().saturating_sub(before))
    }

    /// Starts the thread that samples until the process ends.
    pub(in super::super) fn start() {
        /// The thread calls little; the kernel gives memory only for what it touches.
        const STACK: usize = 128 * 1024;
        if mallinfo2().is_none() {
            return;
        }
        // A thread of the C library, not of Rust's: it never allocates, so it gets no arena, which would show in the
        // figures. All signals are the program's own threads'.
        // SAFETY: attribute, signal sets and thread are initialized by the calls in front of their uses; `sampler` lives
        // forever and touches nothing of its creator's.
        unsafe {
            let mut attributes: libc::pthread_attr_t = mem::zeroed();
            if libc::pthread_attr_init(&raw mut attributes) != 0 {
                return;
            }
            libc::pthread_attr_setstacksize(
                &raw mut attributes,
                STACK.max(libc::PTHREAD_STACK_MIN),
            );
            libc::pthread_attr_setdetachstate(&raw mut attributes, libc::PTHREAD_CREATE_DETACHED);
            let (mut all, mut before): (libc::sigset_t, libc::sigset_t) =
                (mem::zeroed(), mem::zeroed());
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
            let mut thread: libc::pthread_t = mem::zeroed();
            // Where no thread can be had the account is taken at ends of phases only.
            libc::pthread_create(
                &raw mut thread,
                &raw const attributes,
                sampler,
                ptr::null_mut(),
            );
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, ptr::null_mut());
            libc::pthread_attr_destroy(&raw mut attributes);
        }
    }

    extern "C" fn sampler(_: *mut c_void) -> *mut c_void {
        loop {
            let took = sample();
            std::thread::sleep((took * 20).max(Duration::from_millis(10)));
        }
    }
}
