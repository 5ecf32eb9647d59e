//! What malloc holds from the system, by its own account, so that its slack can be told from live memory.
//!
//! `mallinfo2` walks every arena's free lists under its lock. Under the `count` instrument a thread of its own asks
//! every 10 ms, or less often where the answer takes long: asking takes at most a twentieth of one core. In a program
//! that is counted from outside there is no such thread, for it may depend on having one thread only: its own threads
//! ask as they allocate.
#![allow(unsafe_code)]

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) use glibc::{look, look_in_passing, sample, start};

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn start() {}
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn sample() {}
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn look(_: &crate::gauges::HeapCells) {}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::ffi::c_void;
    use std::sync::OnceLock;
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering::{Relaxed, Release};
    use std::time::Duration;
    use std::{mem, ptr};

    use crate::clock::{monotonic_ns, thread_cpu_ns};
    use crate::gauges::{self, HeapCells};

    /// From one account to the next.
    const EVERY: Duration = Duration::from_millis(10);
    /// An account takes at most 1 part of the time in so many.
    const SHARE: u32 = 20;
    /// Nobody asks in passing.
    const NEVER: u64 = u64::MAX;

    /// CLOCK_MONOTONIC nanoseconds from which on the next thread that hands in asks.
    static DUE: AtomicU64 = AtomicU64::new(NEVER);
    /// The same where the heap has grown by 1 part in 16 since the last account.
    static DUE_GROWN: AtomicU64 = AtomicU64::new(NEVER);
    /// Live bytes at the last account.
    static LIVE: AtomicU64 = AtomicU64::new(0);

    /// From now on threads ask as they hand in, where glibc has an answer.
    pub(in super::super) fn look_in_passing() {
        if mallinfo2().is_some() {
            DUE_GROWN.store(0, Relaxed);
            DUE.store(0, Relaxed);
        }
    }

    /// A thread has handed in: asks if that is due.
    #[inline]
    pub(in super::super) fn look(cells: &HeapCells) {
        if DUE.load(Relaxed) != NEVER {
            look_now(cells);
        }
    }

    fn look_now(cells: &HeapCells) {
        let now = monotonic_ns();
        let live =
            [&cells.rust, &cells.c].map(|side| u64::try_from(side.live.load(Relaxed)).unwrap_or(0));
        let live = live[0].saturating_add(live[1]);
        let before = LIVE.load(Relaxed);
        let grown = live > before.saturating_add(before / 16);
        let due = DUE.load(Relaxed);
        if now < if grown { DUE_GROWN.load(Relaxed) } else { due } {
            return;
        }
        // One thread asks; meanwhile nobody else does.
        let later = now.saturating_add(EVERY.as_nanos() as u64);
        if DUE.compare_exchange(due, later, Relaxed, Relaxed).is_err() {
            return;
        }
        DUE_GROWN.store(later, Relaxed);
        LIVE.store(live, Relaxed);
        let rest = sample().saturating_mul(SHARE).as_nanos() as u64;
        let now = monotonic_ns();
        DUE_GROWN.store(now.saturating_add(rest), Relaxed);
        DUE.store(
            now.saturating_add(rest.max(EVERY.as_nanos() as u64)),
            Relaxed,
        );
    }

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
            std::thread::sleep((took * SHARE).max(EVERY));
        }
    }
}
