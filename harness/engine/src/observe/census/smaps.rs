//! Reader of `/proc/PID/smaps`: one mapping after the other, without keeping the text.

use std::io::{self, BufRead};

/// What a mapping says about itself by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Name {
    /// None: anonymous memory.
    Anonymous,
    /// `[heap]`, or anonymous memory that the C library has named as malloc's.
    Malloc,
    /// `[stack]`, or anonymous memory that the C library has named as a thread's stack.
    Stack,
    /// Shared memory: System V, memfd, /dev/shm, shared anonymous.
    Shared,
    /// Put there by the kernel: `[vdso]` and the like.
    Kernel,
    /// A file, by device and inode.
    File(u64, u64),
}

/// One mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mapping {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) accessible: bool,
    pub(super) executable: bool,
    pub(super) name: Name,
    /// Resident bytes.
    pub(super) rss: u64,
    /// Those of them that no file backs.
    pub(super) anonymous: u64,
    /// Mapped without a claim on swap (`MAP_NORESERVE`), as malloc maps its arenas.
    pub(super) noreserve: bool,
}

impl Mapping {
    pub(super) fn size(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// Calls `each` with every mapping in the order of addresses. Lines that are none are skipped.
///
/// # Errors
/// When reading fails: the process is gone, or another user's.
pub(super) fn read(mut text: impl BufRead, mut each: impl FnMut(Mapping)) -> io::Result<()> {
    let mut line = Vec::with_capacity(256);
    let mut current = None;
    loop {
        line.clear();
        if text.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if let Some(next) = header(&line) {
            current.replace(next).map(&mut each);
        } else if let Some(mapping) = &mut current {
            detail(&line, mapping);
        }
    }
    current.map(each);
    Ok(())
}

/// Reads `55a64a356000-55a64a35a000 r--p 00000000 fe:00 247264     /usr/bin/grep`.
fn header(line: &[u8]) -> Option<Mapping> {
    // Detail lines begin with a capital letter, which no address does.
    if !matches!(line.first()?, b'0'..=b'9' | b'a'..=b'f') {
        return None;
    }
    let (range, rest) = word(line)?;
    let dash = range.iter().position(|&byte| byte == b'-')?;
    let (start, end) = (hex(&range[..dash])?, hex(&range[dash + 1..])?);
    let (permissions, rest) = word(rest)?;
    let (_offset, rest) = word(rest)?;
    let (device, rest) = word(rest)?;
    let (inode, path) = word(rest)?;
    let colon = device.iter().position(|&byte| byte == b':')?;
    let device = (hex(&device[..colon])? << 32) | hex(&device[colon + 1..])?;
    let inode: u64 = std::str::from_utf8(inode).ok()?.parse().ok()?;
    Some(Mapping {
        start,
        end,
        accessible: permissions
            .iter()
            .any(|permission| b"rwx".contains(permission)),
        executable: permissions.contains(&b'x'),
        name: name(path.trim_ascii(), device, inode),
        rss: 0,
        anonymous: 0,
        noreserve: false,
    })
}

fn name(path: &[u8], device: u64, inode: u64) -> Name {
    let begins = |prefix: &[u8]| path.starts_with(prefix);
    match path {
        b"" => Name::Anonymous,
        b"[heap]" => Name::Malloc,
        // As glibc names them (since 2.39, tunable `glibc.mem.decorate_maps`).
        _ if begins(b"[anon: glibc: malloc") || begins(b"[anon: glibc: loader malloc") => {
            Name::Malloc
        }
        _ if begins(b"[stack") || begins(b"[anon: glibc: pthread") => Name::Stack,
        _ if begins(b"[anon_shmem") => Name::Shared,
        _ if begins(b"[anon") => Name::Anonymous,
        _ if begins(b"[") => Name::Kernel,
        _ if begins(b"/SYSV")
            || begins(b"/memfd:")
            || begins(b"/dev/shm/")
            || begins(b"/dev/zero") =>
        {
            Name::Shared
        }
        _ => Name::File(device, inode),
    }
}

/// Reads a line such as `Rss:    16 kB` or `VmFlags: rd mr mw me`.
fn detail(line: &[u8], mapping: &mut Mapping) {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else {
        return;
    };
    let value = &line[colon + 1..];
    let bytes = || {
        let number = std::str::from_utf8(word(value)?.0).ok()?;
        number.parse::<u64>().ok()?.checked_mul(1024)
    };
    match &line[..colon] {
        b"Rss" => mapping.rss = bytes().unwrap_or(0),
        b"Anonymous" => mapping.anonymous = bytes().unwrap_or(0),
        b"VmFlags" => {
            mapping.noreserve = value
                .split(u8::is_ascii_whitespace)
                .any(|flag| flag == b"nr")
        }
        _ => {}
    }
}

/// The first word, and what comes after it.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start();
    let end = text
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// A hexadecimal number of at most 16 digits.
fn hex(digits: &[u8]) -> Option<u64> {
    let fits = (1..=16).contains(&digits.len());
    fits.then(|| {
        digits.iter().try_fold(0u64, |value, &digit| {
            Some((value << 4) | u64::from(char::from(digit).to_digit(16)?))
        })
    })?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &[u8]) -> Vec<Mapping> {
        let mut found = Vec::new();
        read(text, |mapping| found.push(mapping)).unwrap();
        found
    }

    #[test]
    fn mappings_come_with_their_details() {
        let text = b"\
55a64a356000-55a64a35a000 r-xp 00000000 fe:00 247264                     /usr/bin/a b: 9\n\
Size:                 16 kB\n\
Rss:                  12 kB\n\
Anonymous:             4 kB\n\
VmFlags: rd ex mr mw me \n\
7f0000000000-7f0000021000 rw-p 00000000 00:00 0 \n\
Rss:                 100 kB\n\
Anonymous:           100 kB\n\
VmFlags: rd wr mr mw me nr \n\
7f0000021000-7f0004000000 ---p 00000000 00:00 0 \n\
Rss:                   0 kB\n";
        let found = all(text);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].name, Name::File(0xfe_0000_0000, 247_264));
        assert_eq!((found[0].rss, found[0].anonymous), (12 << 10, 4 << 10));
        assert!(found[0].executable && !found[0].noreserve);
        assert_eq!((found[1].name, found[1].size()), (Name::Anonymous, 0x21000));
        assert!(found[1].noreserve && found[1].accessible);
        assert!(!found[2].accessible);
    }

    #[test]
    fn names_tell_the_kind() {
        for (path, kind) in [
            ("", Name::Anonymous),
            ("[heap]", Name::Malloc),
            ("[anon: glibc: malloc arena]", Name::Malloc),
            ("[stack]", Name::Stack),
            ("[anon: glibc: pthread stack: 17]", Name::Stack),
            ("[anon:other]", Name::Anonymous),
            ("[vdso]", Name::Kernel),
            ("/SYSV00000000 (deleted)", Name::Shared),
            ("/memfd:x (deleted)", Name::Shared),
            ("/dev/zero (deleted)", Name::Shared),
            ("/dev/shm/x", Name::Shared),
            ("/data/queue [heap]", Name::File(0, 3)),
        ] {
            let line = format!("1000-2000 rw-p 00000000 00:00 3 {path}\n");
            assert_eq!(all(line.as_bytes())[0].name, kind, "{path:?}");
        }
    }

    #[test]
    fn this_process_can_be_read_and_adds_up() {
        let file = std::fs::File::open("/proc/self/smaps").unwrap();
        let mut found = Vec::new();
        read(io::BufReader::new(file), |mapping| found.push(mapping)).unwrap();
        assert!(found.len() > 10);
        assert!(found.is_sorted_by(|a, b| a.end <= b.start || b.name == Name::Kernel));
        assert!(
            found
                .iter()
                .all(|m| m.rss <= m.size() && m.anonymous <= m.rss)
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in prop::collection::vec(any::<u8>(), 0..500)) {
            all(&text);
        }

        #[test]
        fn nearly_right_lines_do_not_panic(
            text in "([0-9a-f]{0,18}-?[0-9a-f]{0,18} [rwxp-]{0,4} [0-9]{0,3} [0-9a-f]{0,17}:?[0-9a-f]{0,3} [0-9]{0,21} .{0,9}\n|(Rss|Anonymous|VmFlags):? *[0-9]{0,21} ?(kB|nr)?\n){0,12}"
        ) {
            all(text.as_bytes());
        }
    }
}
