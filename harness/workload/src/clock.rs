//! The clocks that events and stages are stamped with.

use crate::sys;

/// Nanoseconds of CLOCK_MONOTONIC: one clock for every process of the machine since it was started.
#[must_use]
pub fn monotonic_ns() -> u64 {
    sys::clock_ns(libc::CLOCK_MONOTONIC)
}

/// Nanoseconds of CPU time that the calling thread has used.
#[must_use]
pub fn thread_cpu_ns() -> u64 {
    sys::clock_ns(libc::CLOCK_THREAD_CPUTIME_ID)
}

#[cfg(test)]
mod tests {
    #[test]
    fn clocks_never_run_backwards() {
        for clock in [super::monotonic_ns, super::thread_cpu_ns] {
            let (first, second) = (clock(), clock());
            assert!(first > 0 && second >= first);
        }
    }
}
