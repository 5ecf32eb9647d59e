//! Opening a file: its header, and the runs of blocks that hold its records.

use std::path::Path;

use crate::bam::{Header, HeaderProblem};
use crate::bgzf::{Compressed, Inflater, Runs};
use crate::error::Error;

/// A file whose header is read.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) header: Header,
    /// Inflated bytes that follow the header in its last run.
    pub(crate) rest: Vec<u8>,
    /// All other runs.
    pub(crate) runs: Runs,
}

/// Opens a file of records in template-coordinate order.
///
/// # Errors
/// It cannot be read, is no BAM file, is damaged, or is in another order.
pub(crate) fn open(path: &Path) -> Result<Opened, Error> {
    let mut runs = Runs::open(path)?;
    let mut inflater = Inflater::new();
    let (mut run, mut bytes) = (Compressed::default(), Vec::new());
    loop {
        if !runs.next(&mut run)? {
            return Err(Error::header(path, HeaderProblem::Truncated));
        }
        let begin = bytes.len();
        bytes.resize(begin + run.inflated, 0);
        inflater.inflate(path, &run, &mut bytes[begin..])?;
        let parsed = Header::parse(&bytes).map_err(|problem| Error::header(path, problem))?;
        if let Some((header, length)) = parsed {
            let rest = bytes.split_off(length);
            return Ok(Opened { header, rest, runs });
        }
    }
}
