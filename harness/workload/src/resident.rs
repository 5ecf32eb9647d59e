//! The process's own resident size and its peak: read, and reset, without allocating.

use crate::sys;

/// VmRSS in bytes: what this process has resident now.
pub(crate) fn now() -> Option<u64> {
    let mut buffer = [0; 4096];
    kibibytes(
        sys::read_start(c"/proc/self/status", &mut buffer)?,
        b"VmRSS:",
    )
}

/// RssAnon in bytes: what of that is of no file, so that it cannot be had again from a disk.
pub(crate) fn anonymous() -> Option<u64> {
    let mut buffer = [0; 4096];
    kibibytes(
        sys::read_start(c"/proc/self/status", &mut buffer)?,
        b"RssAnon:",
    )
}

/// VmHWM in bytes: the most this process has had resident since it began or since the last reset.
pub(crate) fn peak() -> Option<u64> {
    let mut buffer = [0; 4096];
    kibibytes(
        sys::read_start(c"/proc/self/status", &mut buffer)?,
        b"VmHWM:",
    )
}

/// Makes the present resident size the new start of VmHWM. The kernel's `ru_maxrss` follows it.
pub(crate) fn reset_peak() -> bool {
    sys::write_whole(c"/proc/self/clear_refs", b"5")
}

/// The line `NAME:     1234 kB` of a `status` file, in bytes.
fn kibibytes(status: &[u8], name: &[u8]) -> Option<u64> {
    let line = status
        .split(|b| *b == b'\n')
        .find_map(|line| line.strip_prefix(name))?;
    let number = line.trim_ascii().strip_suffix(b" kB")?;
    str::from_utf8(number)
        .ok()?
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_found_in_its_line() {
        let status = b"Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(kibibytes(status, b"VmHWM:"), Some(2 << 20));
        assert_eq!(kibibytes(status, b"VmRSS:"), Some(1 << 10));
        assert_eq!(kibibytes(b"Name:\tx\nVmHWM:\t    2048", b"VmHWM:"), None);
        assert_eq!(kibibytes(b"", b"VmHWM:"), None);
    }
}
