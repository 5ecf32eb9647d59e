//! Where two outputs first differ, read in bounded memory through a trait that the caller fills.

use std::io::{self, BufRead};
use std::path::Path;

/// Bytes of a record that are shown.
const SHOWN: usize = 160;

/// Opens outputs that were kept. The judge itself never touches a file.
pub trait KeptOutputs {
    /// Opens a kept output for reading.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being read; the verdict then goes without the first difference.
    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>>;
}

/// For callers that keep no outputs.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOutputs;

impl KeptOutputs for NoOutputs {
    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("{} was not kept", path.display()),
        ))
    }
}

/// The first record (line) in which two outputs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Number of the record, from 1.
    pub record: u64,
    /// Offset of the first differing byte.
    pub offset: u64,
    /// The beginning of the first output's record; absent where that output has ended.
    pub first: Option<String>,
    /// The same of the second output.
    pub second: Option<String>,
}

/// Finds the first difference of two outputs; none where they are equal. Memory does not grow with
/// their size or the length of their records.
///
/// # Errors
///
/// Errors of the readers.
pub fn first_difference(
    first: &mut dyn BufRead,
    second: &mut dyn BufRead,
) -> io::Result<Option<Difference>> {
    let mut record = 1;
    let mut offset = 0;
    // The beginning of the record at hand, which both have in common so far.
    let mut common: Vec<u8> = Vec::new();
    loop {
        let (a, b) = (first.fill_buf()?, second.fill_buf()?);
        let shorter = a.len().min(b.len());
        let equal = a[..shorter]
            .iter()
            .zip(&b[..shorter])
            .take_while(|(a, b)| a == b)
            .count();
        for &byte in &a[..equal] {
            if byte == b'\n' {
                record += 1;
                common.clear();
            } else if common.len() < SHOWN {
                common.push(byte);
            }
        }
        offset += equal as u64;
        let ended = a.is_empty() && b.is_empty();
        let differs = equal < shorter || a.is_empty() || b.is_empty();
        first.consume(equal);
        second.consume(equal);
        if ended {
            return Ok(None);
        }
        if differs {
            return Ok(Some(Difference {
                record,
                offset,
                first: rest_of_record(&common, first)?,
                second: rest_of_record(&common, second)?,
            }));
        }
    }
}

/// The beginning of the record at hand: what is common, then what follows in this output.
fn rest_of_record(common: &[u8], output: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut record = common.to_vec();
    let mut over = false;
    while record.len() < SHOWN && !over {
        let chunk = output.fill_buf()?;
        if chunk.is_empty() {
            if record.is_empty() {
                return Ok(None);
            }
            break;
        }
        let take = chunk.len().min(SHOWN - record.len());
        let end = chunk[..take].iter().position(|byte| *byte == b'\n');
        over = end.is_some();
        record.extend_from_slice(&chunk[..end.unwrap_or(take)]);
        output.consume(take);
    }
    Ok(Some(String::from_utf8_lossy(&record).into_owned()))
}
