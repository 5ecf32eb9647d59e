//! Reading a file once, in bounded memory.

use std::path::Path;

use super::error::{InputError, ScanError};
use super::lines::{Lines, Stop};
use super::source::Source;

/// Takes records as they are read.
pub trait Sink {
    /// Why it takes no more.
    type Error;

    /// A record begins; its header without `>` and line end.
    ///
    /// # Errors
    /// Ends the scan.
    fn record(&mut self, header: &[u8]) -> Result<(), Self::Error>;

    /// More of the record's sequence, without line ends: never empty, a line or less.
    ///
    /// # Errors
    /// Ends the scan.
    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// Bytes read at a time; sequence is handed on from here, so that no line has to fit anywhere.
const BUFFER: usize = 256 << 10;

/// Reads a FASTA file, plain or gzip (of one member or several), into `sink`. Apart from a header, which is
/// gathered, memory does not depend on the file.
///
/// # Errors
/// The file cannot be read, is a directory, is damaged as gzip, has sequence before its first header, or changed
/// meanwhile, or a header is longer than 1 MiB; or the sink's own error.
pub fn scan<S: Sink>(path: &Path, sink: &mut S) -> Result<(), ScanError<S::Error>> {
    let mut source = Source::open(path)?;
    let read = pass(&mut source, sink);
    match read {
        Err(Stopped::Sink(error)) => Err(ScanError::Sink(error)),
        // A file that changes looks damaged in many ways; only this one says why.
        _ if source.changed()? => Err(InputError::Changed { path: path.into() }.into()),
        Err(Stopped::Input(error)) => Err(error.into()),
        Err(Stopped::Headless(line)) => Err(InputError::Headless {
            path: path.into(),
            line,
        }
        .into()),
        Err(Stopped::Header(line)) => Err(InputError::Header {
            path: path.into(),
            line,
        }
        .into()),
        Ok(()) => Ok(()),
    }
}

enum Stopped<E> {
    Sink(E),
    Headless(u64),
    Header(u64),
    Input(InputError),
}

impl<E> From<Stop<E>> for Stopped<E> {
    fn from(stop: Stop<E>) -> Self {
        match stop {
            Stop::Sink(error) => Self::Sink(error),
            Stop::Headless(line) => Self::Headless(line),
            Stop::Header(line) => Self::Header(line),
        }
    }
}

fn pass<S: Sink>(source: &mut Source, sink: &mut S) -> Result<(), Stopped<S::Error>> {
    let mut lines = Lines::default();
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = source.read(&mut buffer).map_err(Stopped::Input)?;
        if read == 0 {
            break;
        }
        lines.feed(&buffer[..read], sink)?;
    }
    Ok(lines.finish(sink)?)
}
