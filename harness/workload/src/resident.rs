//! The process's own resident peak: read, and reset, without allocating.

use crate::sys;

/// VmHWM in bytes: the most this process has had resident since it began or since the last reset.
pub(crate) fn peak() -> Option<u64> {
    let mut buffer = [0; 4096];
    high_water_mark(sys::read_start(c"/proc/self/status", &mut buffer)?)
}

/// Makes the present resident size the new start of VmHWM. The kernel's `ru_maxrss` follows it.
pub(crate) fn reset_peak() -> bool {
    sys::write_whole(c"/proc/self/clear_refs", b"5")
}

/// The line `VmHWM:     1234 kB` of a `status` file, in bytes.
fn high_water_mark(status: &[u8]) -> Option<u64> {
    let line = status
        .split(|b| *b == b'\n')
        .find_map(|line| line.strip_prefix(b"VmHWM:"))?;
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
    fn the_mark_is_found_in_its_line() {
        assert_eq!(
            high_water_mark(b"Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"),
            Some(2 << 20)
        );
        assert_eq!(high_water_mark(b"Name:\tx\nVmHWM:\t    2048"), None);
        assert_eq!(high_water_mark(b""), None);
    }
}
