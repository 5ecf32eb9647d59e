//! Hardware counters, tried through `perf_event_open`.
#![allow(unsafe_code)]

use super::finding::DoctorFinding;

const ADVICE: &str =
    "nothing is measured by them; CPU time, which is, varies more than instruction counts would";

/// Whether instructions of this process can be counted.
pub(super) fn counters() -> DoctorFinding {
    let what = "hardware counters";
    match count_instructions() {
        Ok(true) => DoctorFinding::good(what, "instructions can be counted"),
        Ok(false) => DoctorFinding::limited(
            what,
            "they open but do not count, as in many virtual machines",
            ADVICE,
        ),
        Err(why) => DoctorFinding::limited(what, format!("cannot be opened: {why}"), ADVICE),
    }
}

/// Counts the instructions of a short loop; false when the counter stood still.
#[cfg(target_os = "linux")]
fn count_instructions() -> Result<bool, std::io::Error> {
    use std::fs::File;
    use std::io::{self, Read};
    use std::os::fd::FromRawFd;

    /// The first version of `perf_event_attr` (perf_event_open(2)); the kernel takes the rest as zero.
    #[repr(C)]
    #[derive(Default)]
    struct Attributes {
        kind: u32,
        size: u32,
        config: u64,
        period: u64,
        sample_type: u64,
        read_format: u64,
        flags: u64,
        wakeup: u32,
        breakpoint_type: u32,
        breakpoint_address: u64,
    }
    const HARDWARE: u32 = 0;
    const INSTRUCTIONS: u64 = 1;
    const EXCLUDE_KERNEL_AND_HYPERVISOR: u64 = 1 << 5 | 1 << 6;
    const CLOSE_ON_EXEC: libc::c_ulong = 1 << 3;
    let attributes = Attributes {
        kind: HARDWARE,
        size: 64,
        config: INSTRUCTIONS,
        flags: EXCLUDE_KERNEL_AND_HYPERVISOR,
        ..Attributes::default()
    };
    const _: () = assert!(size_of::<Attributes>() == 64);
    // SAFETY: the structure lives and has the size that it says; pid 0, any processor, no group,
    // no flags open a counter of this thread.
    let descriptor = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attributes,
            0,
            -1,
            -1,
            CLOSE_ON_EXEC,
        )
    };
    let descriptor = i32::try_from(descriptor).unwrap_or(-1);
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just opened and is nobody else's.
    let mut counter = unsafe { File::from_raw_fd(descriptor) };
    let mut sum = 0u64;
    for n in 0..10_000u64 {
        sum = std::hint::black_box(sum.wrapping_add(n));
    }
    let mut count = [0; 8];
    counter.read_exact(&mut count)?;
    Ok(u64::from_ne_bytes(count) > 0)
}

#[cfg(not(target_os = "linux"))]
fn count_instructions() -> Result<bool, std::io::Error> {
    Err(std::io::ErrorKind::Unsupported.into())
}
