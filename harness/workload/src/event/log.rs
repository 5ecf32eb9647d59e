//! The writing end of the event file.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use super::{Event, Kind, to_line};
use crate::clock::monotonic_ns;

/// Where events go: a file, memory (for tests of workloads), or nowhere. Never blocks, never fails the program:
/// an event that cannot be written is lost, and measurement is the poorer for it, not the run.
#[derive(Debug)]
pub(crate) enum EventLog {
    Nowhere,
    Memory(Mutex<Vec<Event>>),
    File(Mutex<Appender>),
}

#[derive(Debug)]
pub(crate) struct Appender {
    file: File,
    /// The last write ended inside a line (a full disk): the next one starts with a newline to part from it.
    torn: bool,
}

impl EventLog {
    /// Opens `path` for appending; the harness has created it.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            // Regular files never block; should somebody name a pipe, an unread one must not stop the program.
            .custom_flags(libc::O_NONBLOCK)
            .open(path)?;
        Ok(Self::File(Mutex::new(Appender { file, torn: false })))
    }

    /// Appends `kind`, stamped with the time of this call.
    pub(crate) fn emit(&self, kind: Kind) {
        let event = Event {
            t: monotonic_ns(),
            kind,
        };
        match self {
            Self::Nowhere => {}
            Self::Memory(events) => lock(events).push(event),
            Self::File(appender) => {
                if let Some(line) = to_line(&event) {
                    lock(appender).append(line);
                }
            }
        }
    }
}

impl Appender {
    fn append(&mut self, mut line: Vec<u8>) {
        if self.torn {
            line.insert(0, b'\n');
        }
        // One write a line: lines of several threads and processes do not mix.
        self.torn = match self.file.write(&line) {
            Ok(written) => written < line.len(),
            Err(_) => self.torn,
        };
    }
}

/// Locks even after a panic in another thread: the data is a list of whole events.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::parse_line;

    #[test]
    fn threads_append_whole_lines() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let log = EventLog::open(file.path()).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let log = &log;
                scope.spawn(move || {
                    for _ in 0..100 {
                        log.emit(Kind::PhaseBegin {
                            phase: format!("{thread}").repeat(500),
                        });
                    }
                });
            }
        });
        let bytes = std::fs::read(file.path()).unwrap();
        let lines: Vec<_> = bytes.split_inclusive(|b| *b == b'\n').collect();
        assert_eq!(lines.len(), 400);
        assert!(lines.iter().all(|line| parse_line(line).is_ok()));
    }

    #[test]
    fn a_full_disk_loses_events_and_nothing_else() {
        let log = EventLog::open(Path::new("/dev/full")).unwrap();
        log.emit(Kind::End { cancelled: false });
    }

    #[test]
    fn an_unread_pipe_does_not_block() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        assert!(EventLog::open(&pipe).is_err());
        let reader = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&pipe)
            .unwrap();
        let log = EventLog::open(&pipe).unwrap();
        for _ in 0..100_000 {
            log.emit(Kind::End { cancelled: false });
        }
        drop(reader);
    }
}
