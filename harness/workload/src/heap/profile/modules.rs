//! Where code is mapped, noted so that addresses can be given names when the process is gone.
#![allow(unsafe_code)]

use std::sync::atomic::Ordering::{Relaxed, Release};

use super::layout::{HeaderCells, Layout, MAPS};

/// Mappings with code whose addresses are known; of more, the rest is looked up anew.
const KNOWN: usize = 256;
/// Times that the mappings are read: code that is made while the program runs is in none of them.
const LOOKS: u32 = 64;
/// A line of `/proc/self/maps` at the longest: a path of 4 KiB and what stands before it.
const LINE: usize = 4608;

/// What is known of the mappings.
pub(super) struct Modules {
    ranges: [(u64, u64); KNOWN],
    known: usize,
    looks: u32,
    line: [u8; LINE],
}

impl Modules {
    pub(super) const fn new() -> Self {
        Self {
            ranges: [(0, 0); KNOWN],
            known: 0,
            looks: 0,
            line: [0; LINE],
        }
    }

    /// Notes the mappings anew if one of these addresses is in none that is known.
    pub(super) fn cover(&mut self, addresses: &[u64], file: &Layout) {
        let known = &self.ranges[..self.known];
        let is_known = |address: &u64| known.iter().any(|(from, to)| (from..to).contains(&address));
        if self.looks < LOOKS && !addresses.iter().all(is_known) {
            self.looks += 1;
            self.look(file);
        }
    }

    /// Copies the lines of `/proc/self/maps` that have code into the file's other text, and makes it the valid one.
    fn look(&mut self, file: &Layout) {
        let HeaderCells {
            maps_now,
            maps_length,
            ..
        } = &file.header;
        let other = usize::from(maps_now.load(Relaxed) == 0);
        let mut written = 0;
        self.known = 0;
        let ranges = &mut self.ranges;
        let known = &mut self.known;
        each_line(&mut self.line, |line| {
            let Some(range) = code(line) else { return };
            if let Some(place) = ranges.get_mut(*known) {
                *place = range;
                *known += 1;
            }
            if let Some(room) = file.maps[other].get(written..written + line.len()) {
                for (cell, byte) in room.iter().zip(line) {
                    cell.store(*byte, Relaxed);
                }
                written += line.len();
            }
        });
        debug_assert!(written <= MAPS);
        maps_length[other].store(written as u32, Relaxed);
        maps_now.store(other as u32, Release);
    }
}

/// The range of a line that maps code: `5581c000-5581d000 r-xp ...`.
fn code(line: &[u8]) -> Option<(u64, u64)> {
    let line = std::str::from_utf8(line.get(..line.len().min(64))?)
        .or_else(|error| std::str::from_utf8(&line[..error.valid_up_to()]))
        .ok()?;
    let (range, rest) = line.split_once(' ')?;
    let (from, to) = range.split_once('-')?;
    let number = |digits| u64::from_str_radix(digits, 16).ok();
    (rest.as_bytes().get(2) == Some(&b'x')).then_some((number(from)?, number(to)?))
}

/// Hands out the lines of the mappings with their ends, each at most as long as `buffer`. Only system calls: whoever
/// allocates may hold any lock.
fn each_line(buffer: &mut [u8], mut take: impl FnMut(&[u8])) {
    // SAFETY: the path is a C string; what is read goes into the free part of `buffer`; the descriptor is used only
    // while open.
    unsafe {
        let maps = libc::open(
            c"/proc/self/maps".as_ptr(),
            libc::O_RDONLY | libc::O_CLOEXEC,
        );
        if maps < 0 {
            return;
        }
        let mut filled = 0;
        loop {
            let free = &mut buffer[filled..];
            let read = libc::read(maps, free.as_mut_ptr().cast(), free.len());
            let Ok(read @ 1..) = usize::try_from(read) else {
                break;
            };
            filled += read;
            let mut from = 0;
            while let Some(length) = buffer[from..filled].iter().position(|byte| *byte == b'\n') {
                take(&buffer[from..=from + length]);
                from += length + 1;
            }
            if from == 0 && filled == buffer.len() {
                // A line longer than any: left out.
                from = filled;
            }
            buffer.copy_within(from..filled, 0);
            filled -= from;
        }
        libc::close(maps);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_code_are_told_from_others() {
        let text = b"55f0a000-55f0b000 r-xp 00001000 fe:00 12 /usr/bin/a b\n";
        assert_eq!(code(text), Some((0x55f0_a000, 0x55f0_b000)));
        assert_eq!(
            code("7f00-7f01 --xp 0 0:0 0 /ü\n".as_bytes()),
            Some((0x7f00, 0x7f01))
        );
        for line in [
            "55f0a000-55f0b000 r--p 00001000 fe:00 12 /usr/bin/a\n",
            "",
            "\n",
            "x-y r-xp",
            "1-2 r",
        ] {
            assert_eq!(code(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn lines_come_whole_however_they_are_read() {
        let whole = std::fs::read("/proc/self/maps").unwrap();
        let mut buffer = [0; 512];
        let mut lines = Vec::new();
        each_line(&mut buffer, |line| lines.push(line.to_vec()));
        assert!(lines.iter().all(|line| line.ends_with(b"\n")));
        let code_of = |lines: Vec<&[u8]>| lines.into_iter().filter_map(code).count();
        let expected = code_of(whole.split_inclusive(|byte| *byte == b'\n').collect());
        assert_eq!(code_of(lines.iter().map(Vec::as_slice).collect()), expected);
        assert!(expected > 2);
    }
}
