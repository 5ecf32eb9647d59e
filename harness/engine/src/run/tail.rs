//! Reading the event file while it grows, line by line, with bounded memory whatever is in it.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;

use plimsoll_workload::event::{MAX_LINE, parse_line};

use super::told::Told;

/// Bytes read in one piece.
const PIECE: usize = 64 * 1024;
/// Bytes read at one look: a program that floods its events must not occupy the supervisor.
const AT_ONE_LOOK: u64 = 1 << 20;
/// Bytes read in all after the end.
const AT_THE_END: u64 = 256 << 20;

/// Where events are.
#[derive(Debug)]
pub(crate) enum Events {
    /// In this file.
    File(File),
    /// In the file that the program makes here, if it has anything to say.
    Expected(PathBuf),
}

impl Events {
    /// The file, once there is one. Nothing else that a program may put there is opened: not a
    /// link, and nothing that could block.
    fn file(&mut self) -> io::Result<Option<&File>> {
        if let Events::Expected(path) = self {
            let mut options = File::options();
            options
                .read(true)
                .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
            match options.open(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
                Ok(file) if !file.metadata()?.is_file() => {
                    return Err(io::Error::other("it is not a regular file"));
                }
                Ok(file) => *self = Events::File(file),
            }
        }
        match self {
            Events::File(file) => Ok(Some(file)),
            Events::Expected(_) => Ok(None),
        }
    }
}

/// A reader that remembers how far it came.
#[derive(Debug)]
pub(crate) struct EventTail {
    events: Events,
    offset: u64,
    /// The beginning of a line whose end is not there yet.
    partial: Vec<u8>,
    /// The line is too long already; the rest of it is passed over.
    skipping: bool,
}

impl EventTail {
    /// A reader from the beginning.
    pub(crate) fn new(events: Events) -> Self {
        EventTail {
            events,
            offset: 0,
            partial: Vec::new(),
            skipping: false,
        }
    }

    /// Takes in the lines that are complete by now.
    pub(crate) fn look(&mut self, told: &mut Told, begun: u64) -> io::Result<()> {
        self.read(told, begun, AT_ONE_LOOK).map(|_| ())
    }

    /// Takes in the rest: nobody writes any more. True where all of it was read.
    pub(crate) fn finish(&mut self, told: &mut Told, begun: u64) -> io::Result<bool> {
        let all = self.read(told, begun, AT_THE_END)?;
        if all && !self.partial.is_empty() {
            // The writer died within a line, or left out the last newline.
            self.end_line(told, begun);
        }
        Ok(all)
    }

    /// True where the end was reached.
    fn read(&mut self, told: &mut Told, begun: u64, most: u64) -> io::Result<bool> {
        let mut piece = Vec::new();
        let stop = self.offset + most;
        while self.offset < stop {
            let Some(file) = self.events.file()? else {
                return Ok(true);
            };
            piece.resize(PIECE, 0);
            let count = match file.read_at(&mut piece, self.offset) {
                Ok(0) => return Ok(true),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.offset += count as u64;
            self.take(&piece[..count], told, begun);
        }
        Ok(false)
    }

    fn take(&mut self, mut bytes: &[u8], told: &mut Told, begun: u64) {
        while let Some(newline) = bytes.iter().position(|byte| *byte == b'\n') {
            self.extend(&bytes[..newline]);
            self.end_line(told, begun);
            bytes = &bytes[newline + 1..];
        }
        self.extend(bytes);
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.partial.len() + bytes.len() > MAX_LINE {
            self.skipping = true;
            // Something is kept, so that the line counts even where it never ends.
            self.partial.truncate(1);
            self.partial
                .extend(bytes.first().filter(|_| self.partial.is_empty()));
        }
        if !self.skipping {
            self.partial.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self, told: &mut Told, begun: u64) {
        match parse_line(&self.partial) {
            _ if self.skipping => told.malformed += 1,
            Ok(event) => told.hear(event, begun),
            Err(_) => told.malformed += 1,
        }
        self.partial.clear();
        self.skipping = false;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"{"t":5,"event":"progress","done":1,"unit":"lines"}"#;

    fn told(content: &[u8]) -> Told {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let mut told = Told::default();
        assert!(
            EventTail::new(Events::File(file))
                .finish(&mut told, 0)
                .unwrap()
        );
        told
    }

    #[test]
    fn a_line_written_in_two_parts_is_one() {
        let mut file = tempfile::tempfile().unwrap();
        let mut tail = EventTail::new(Events::File(file.try_clone().unwrap()));
        let mut told = Told::default();
        file.write_all(&GOOD.as_bytes()[..20]).unwrap();
        tail.look(&mut told, 0).unwrap();
        assert_eq!((told.events, told.malformed), (0, 0));
        file.write_all(&GOOD.as_bytes()[20..]).unwrap();
        file.write_all(b"\n").unwrap();
        tail.look(&mut told, 0).unwrap();
        assert_eq!((told.events, told.malformed), (1, 0));
    }

    #[test]
    fn garbage_is_counted_line_by_line() {
        let long = "x".repeat(3 * PIECE);
        let content = format!("{GOOD}\nnonsense\n{long}\n\u{0}\n{GOOD}\n{{\"t\":1");
        let told = told(content.as_bytes());
        assert_eq!((told.events, told.malformed), (2, 4));
    }

    #[test]
    fn a_line_that_never_ends_takes_no_memory() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(32 << 20).unwrap();
        let mut tail = EventTail::new(Events::File(file));
        let mut told = Told::default();
        tail.finish(&mut told, 0).unwrap();
        assert!(tail.partial.capacity() <= 2 * MAX_LINE);
        assert_eq!(told.malformed, 1);
    }

    proptest! {
        #[test]
        fn every_line_is_an_event_or_counted(lines in prop::collection::vec("[ -~]{1,30}|GOOD", 0..50)) {
            let lines: Vec<_> = lines.iter().map(|l| if l == "GOOD" { GOOD } else { l }).collect();
            let content: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let told = told(content.as_bytes());
            prop_assert_eq!(told.events + told.malformed, lines.len() as u64);
        }
    }

    #[test]
    fn a_file_that_the_program_makes_late_is_read_and_other_things_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events");
        let mut told = Told::default();
        let mut tail = EventTail::new(Events::Expected(path.clone()));
        assert!(tail.look(&mut told, 0).is_ok());
        std::fs::write(&path, "garbage\n").unwrap();
        assert!(tail.finish(&mut told, 0).unwrap());
        assert_eq!(told.malformed, 1);

        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        let mut tail = EventTail::new(Events::Expected(link));
        assert!(tail.finish(&mut told, 0).is_err());
        let mut tail = EventTail::new(Events::Expected(dir.path().to_owned()));
        assert!(tail.finish(&mut told, 0).is_err());
    }
}
