//! Whole files, for programs that hold them.

use std::convert::Infallible;
use std::path::Path;

use super::error::{InputError, ScanError};
use super::scan::{Sink, scan};

/// A record: its header without `>`, its sequence without line ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The bytes after `>`, up to the line end.
    pub header: Vec<u8>,
    /// All other lines joined.
    pub sequence: Vec<u8>,
}

/// All records of a file, plain or gzip.
///
/// # Errors
/// As for [`scan`].
pub fn read_all(path: &Path) -> Result<Vec<Record>, InputError> {
    let mut sink = Collect::default();
    scan(path, &mut sink).map_err(|error| match error {
        ScanError::Input(error) => error,
        ScanError::Sink(never) => match never {},
    })?;
    Ok(sink.records)
}

/// Keeps what is read.
#[derive(Debug, Default)]
pub(super) struct Collect {
    pub(super) records: Vec<Record>,
}

impl Sink for Collect {
    type Error = Infallible;

    fn record(&mut self, header: &[u8]) -> Result<(), Infallible> {
        self.records.push(Record {
            header: header.to_vec(),
            sequence: Vec::new(),
        });
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        if let Some(record) = self.records.last_mut() {
            record.sequence.extend_from_slice(bytes);
        }
        Ok(())
    }
}
