//! A trial's standard streams: output always taken, so that the program never blocks on it, and
//! kept only within bounds.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, PipeWriter};
use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::{SpliceFlags, splice};
use tokio::net::unix::pipe::Receiver;

/// Bytes of standard error that are kept: its end.
pub(crate) const TAIL: usize = 64 * 1024;
/// Bytes taken from a pipe at once; also the pipe's size, where the system grants it.
const GULP: usize = 1 << 20;

/// The end of a stream, and how long the stream was.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    bytes: VecDeque<u8>,
    total: u64,
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let kept = &bytes[bytes.len().saturating_sub(TAIL)..];
        let over = (self.bytes.len() + kept.len()).saturating_sub(TAIL);
        self.bytes.drain(..over);
        self.bytes.extend(kept);
    }

    /// The end as text; a first line that was cut is said to be.
    pub(crate) fn text(&self) -> String {
        let (front, back) = self.bytes.as_slices();
        let text = String::from_utf8_lossy(&[front, back].concat()).into_owned();
        if self.total > self.bytes.len() as u64 {
            format!("…{text}")
        } else {
            text
        }
    }
}

/// Where a stream's bytes go.
#[derive(Debug)]
enum Sink {
    /// The end is kept in memory.
    Tail(Tail),
    /// The beginning is kept in a file.
    File {
        file: File,
        null: File,
        limit: u64,
        /// Bytes taken, kept or not.
        total: u64,
        /// Why the file could not be written, the first time.
        failed: Option<io::Error>,
    },
}

/// The reading end of a trial's output stream.
#[derive(Debug)]
pub(crate) struct Drain {
    pipe: Receiver,
    open: bool,
    sink: Sink,
}

impl Drain {
    /// A stream whose end is kept in memory, and the end that the program writes to.
    pub(crate) fn tail() -> io::Result<(Self, PipeWriter)> {
        Self::new(Sink::Tail(Tail::default()))
    }

    /// A stream whose first `limit` bytes are kept in `file`, and the end that the program writes to.
    pub(crate) fn file(file: File, limit: u64) -> io::Result<(Self, PipeWriter)> {
        let null = File::options().write(true).open("/dev/null")?;
        let (drain, writer) = Self::new(Sink::File {
            file,
            null,
            limit,
            total: 0,
            failed: None,
        })?;
        // A larger pipe means fewer times that the program has to wait for us. Not granted to all.
        let _ = rustix::pipe::fcntl_setpipe_size(&writer, GULP);
        Ok((drain, writer))
    }

    fn new(sink: Sink) -> io::Result<(Self, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        let pipe = Receiver::from_owned_fd(OwnedFd::from(reader))?;
        Ok((
            Drain {
                pipe,
                open: true,
                sink,
            },
            writer,
        ))
    }

    /// Whether there may be more.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Waits for bytes and takes them. Safe to drop and call again.
    pub(crate) async fn drain(&mut self) -> io::Result<()> {
        self.pipe.readable().await?;
        self.take().map(|_| ())
    }

    /// Takes what is there now, without waiting: all processes of the trial are gone.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        while self.open && self.take()? {}
        Ok(())
    }

    /// Takes some bytes. False where there were none.
    fn take(&mut self) -> io::Result<bool> {
        let taken = match &mut self.sink {
            Sink::Tail(tail) => {
                let mut buffer = [0; 16 * 1024];
                let taken = self.pipe.try_read(&mut buffer);
                if let Ok(count) = taken {
                    tail.push(&buffer[..count]);
                }
                taken
            }
            Sink::File {
                file,
                null,
                limit,
                total,
                failed,
            } => {
                let room = limit.saturating_sub(*total);
                let pipe = &self.pipe;
                let move_to = |to: &File, count| {
                    let flags = SpliceFlags::NONBLOCK | SpliceFlags::MOVE;
                    pipe.try_io(|| Ok(splice(pipe.as_fd(), None, to, None, count, flags)?))
                };
                let taken = if room > 0 && failed.is_none() {
                    move_to(file, GULP.min(usize::try_from(room).unwrap_or(GULP)))
                } else {
                    move_to(null, GULP)
                };
                match taken {
                    Ok(count) => *total += count as u64,
                    Err(ref error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) if failed.is_none() => {
                        // A full disk is no reason to let the program hang on its own output.
                        *failed = Some(error);
                        return Ok(true);
                    }
                    Err(_) => {}
                }
                taken
            }
        };
        match taken {
            Ok(0) => {
                self.open = false;
                Ok(false)
            }
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Bytes that the program wrote.
    pub(crate) fn total(&self) -> u64 {
        match &self.sink {
            Sink::Tail(tail) => tail.total,
            Sink::File { total, .. } => *total,
        }
    }

    /// The end that was kept in memory; empty for a stream kept in a file.
    pub(crate) fn text(&self) -> String {
        match &self.sink {
            Sink::Tail(tail) => tail.text(),
            Sink::File { .. } => String::new(),
        }
    }

    /// Why the file does not hold the whole stream, where it does not.
    pub(crate) fn cut(&self) -> Option<String> {
        match &self.sink {
            Sink::File {
                failed: Some(error),
                ..
            } => Some(format!("standard output could not be kept: {error}")),
            Sink::File { limit, total, .. } if total > limit => Some(format!(
                "standard output of {total} bytes is longer than `limits.output` ({limit} bytes)"
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_keeps_the_end_and_counts_the_rest() {
        let mut tail = Tail::default();
        tail.push(b"short");
        assert_eq!(tail.text(), "short");
        tail.push(&vec![b'x'; 2 * TAIL]);
        tail.push(b"end");
        let text = tail.text();
        assert_eq!(text.len(), TAIL + "…".len());
        assert!(text.starts_with("…x") && text.ends_with("xend"));
        assert_eq!(tail.total, 5 + 2 * TAIL as u64 + 3);
    }
}
