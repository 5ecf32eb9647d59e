//! Readers of the text that `/proc/PID/*` gives. Any bytes do: what is not there is `None`.

/// Resident figures of `/proc/PID/statm`, in pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Statm {
    pub(crate) resident: u64,
    /// Resident pages of files and shared memory.
    pub(crate) shared: u64,
}

/// Fields of `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) state: u8,
    pub(crate) parent: i32,
    /// Page faults of the process, and of the children that it has waited for, that needed I/O.
    pub(crate) major_faults: u64,
    /// User and system CPU time of the process and its ended threads, and of the children that it
    /// has waited for, clock ticks.
    pub(crate) cpu_ticks: u64,
    /// When it started, clock ticks since boot: with the pid, it names a process for good.
    pub(crate) start: u64,
    pub(crate) resident_pages: u64,
}

/// Reads `/proc/PID/statm`: size, resident, shared, ... in pages.
pub(crate) fn statm(text: &[u8]) -> Option<Statm> {
    let mut fields = words(text).skip(1);
    Some(Statm {
        resident: number(fields.next()?)?,
        shared: number(fields.next()?)?,
    })
}

/// Reads `/proc/PID/stat`. The command in parentheses may itself hold parentheses, spaces and
/// line ends, so fields are counted from the last closing one.
pub(crate) fn stat(text: &[u8]) -> Option<Stat> {
    let close = text.iter().rposition(|&byte| byte == b')')?;
    let mut fields = words(&text[close + 1..]);
    let state = *fields.next()?.first()?;
    let parent = i32::try_from(number(fields.next()?)?).ok()?;
    // Fields 12 to 17 of proc_pid_stat(5); the parent was the fourth.
    let mut fields = fields.skip(7);
    let mut major_faults = 0u64;
    for faults in fields.by_ref().take(2) {
        major_faults = major_faults.saturating_add(number(faults)?);
    }
    let mut cpu_ticks = 0u64;
    for ticks in fields.by_ref().take(4) {
        cpu_ticks = cpu_ticks.saturating_add(number(ticks)?);
    }
    // Fields 22 and 24.
    let start = number(fields.nth(4)?)?;
    let resident_pages = number(fields.nth(1)?)?;
    Some(Stat {
        state,
        parent,
        major_faults,
        cpu_ticks,
        start,
        resident_pages,
    })
}

/// The value of a `Name:  123 kB` line, in bytes. The kernel escapes line ends in process names,
/// so that no name can pass for a field.
pub(crate) fn kib_field(text: &[u8], name: &str) -> Option<u64> {
    number_field(text, name)?.checked_mul(1024)
}

/// The value of a `Name: 123` line.
pub(crate) fn number_field(text: &[u8], name: &str) -> Option<u64> {
    text.split(|&byte| byte == b'\n').find_map(|line| {
        let rest = line.strip_prefix(name.as_bytes())?.strip_prefix(b":")?;
        number(words(rest).next()?)
    })
}

/// Calls `found` with each pid of a list separated by white space; other words are skipped.
pub(crate) fn pids(text: &[u8], mut found: impl FnMut(i32)) {
    for word in words(text) {
        if let Some(pid) = number(word).and_then(|pid| i32::try_from(pid).ok())
            && pid > 0
        {
            found(pid);
        }
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
}

/// A decimal number; `None` for anything else and beyond `u64`.
pub(crate) fn number(word: &[u8]) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn statm_gives_resident_and_shared_pages() {
        let text = b"1251 1011 771 193 0 237 0\n";
        assert_eq!(
            statm(text),
            Some(Statm {
                resident: 1011,
                shared: 771
            })
        );
        assert_eq!(statm(b""), None);
        assert_eq!(statm(b"1 x 2"), None);
    }

    #[test]
    fn stat_survives_odd_process_names() {
        for name in ["cat", "a b", "a) R 1 2 (b", "x\ny", ")))", ""] {
            let text = format!(
                "4242 ({name}) S 17 4242 4242 0 -1 4194304 100 0 8 3 12 34 5 6 20 0 1 0 987654 5000 99 184467\n"
            );
            assert_eq!(
                stat(text.as_bytes()),
                Some(Stat {
                    state: b'S',
                    parent: 17,
                    major_faults: 8 + 3,
                    cpu_ticks: 12 + 34 + 5 + 6,
                    start: 987_654,
                    resident_pages: 99,
                }),
                "{name:?}"
            );
        }
        assert_eq!(stat(b"4242 (cut) S 17"), None);
        assert_eq!(stat(b"no parenthesis"), None);
    }

    #[test]
    fn status_fields_are_found_by_whole_names_at_line_starts() {
        let text = b"Name:\tVmSwap:\\n 9 kB\nVmRSS:\t    4044 kB\nRssAnon:\t     960 kB\nVmSwap:\t  7 kB\nThreads:\t3\n";
        assert_eq!(kib_field(text, "RssAnon"), Some(960 * 1024));
        assert_eq!(kib_field(text, "VmSwap"), Some(7 * 1024));
        assert_eq!(kib_field(text, "Vm"), None);
        assert_eq!(number_field(text, "Threads"), Some(3));
        assert_eq!(kib_field(b"VmRSS:\t99999999999999999999 kB", "VmRSS"), None);
        assert_eq!(kib_field(b"VmRSS:\t18446744073709551615 kB", "VmRSS"), None);
    }

    #[test]
    fn pid_lists_skip_what_is_no_pid() {
        let mut seen = Vec::new();
        pids(b"12 7\n0 -3 x 99999999999 12\n", |pid| seen.push(pid));
        assert_eq!(seen, [12, 7, 12]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = (statm(&text), stat(&text), kib_field(&text, "VmRSS"));
            pids(&text, |pid| assert!(pid > 0));
        }

        #[test]
        fn nearly_right_stat_lines_do_not_panic(text in "[0-9]{0,4} \\([ a)(\\n]{0,6}\\)( [-A-Z0-9]{1,22}){0,30}") {
            let _ = stat(text.as_bytes());
        }
    }
}
