//! Where records begin and end in the segments of a file.

use crate::bam::{LENGTH, MOST_RECORD_BYTES, RecordProblem, length_at};
use crate::pipeline::Segment;

/// What of the file has been seen, and the beginning of a record whose end has not.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    /// The record being looked at, or the last one.
    records: u64,
    begun: Vec<u8>,
}

impl Framing {
    /// The number of the record that is looked at, from 1 on; the number of all records at the end.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// Takes the next segment: with the record that was begun before it, or nothing where that does not end in it.
    pub(crate) fn begin(&mut self, segment: Segment) -> Option<Segment> {
        if self.begun.is_empty() {
            return Some(segment);
        }
        let wanted = length_at(&self.begun).map_or(0, |length| LENGTH + length as usize);
        if wanted > self.begun.len() + segment.bytes().len() {
            self.begun.extend_from_slice(segment.bytes());
            return None;
        }
        let segment = segment.precede(&self.begun);
        self.begun.clear();
        Some(segment)
    }

    /// The next record of a segment from `at` on: where its length begins, and the bytes after it. The last, if it does
    /// not end here, is kept for the next segment.
    ///
    /// # Errors
    /// Its length cannot be that of a record.
    #[inline]
    pub(crate) fn next<'a>(
        &mut self,
        bytes: &'a [u8],
        at: &mut usize,
    ) -> Result<Option<(usize, &'a [u8])>, RecordProblem> {
        let begin = *at;
        let rest = &bytes[begin..];
        if rest.is_empty() {
            return Ok(None);
        }
        let length = length_at(rest);
        if let Some(length) = length {
            if length > MOST_RECORD_BYTES {
                self.records += 1;
                return Err(RecordProblem::TooLong(length));
            }
            let end = LENGTH + length as usize;
            if end <= rest.len() {
                self.records += 1;
                *at = begin + end;
                return Ok(Some((begin, &rest[LENGTH..end])));
            }
        }
        self.begun.extend_from_slice(rest);
        *at = bytes.len();
        Ok(None)
    }

    /// The file has ended.
    ///
    /// # Errors
    /// It did so inside of a record.
    pub(crate) fn end(&mut self) -> Result<(), RecordProblem> {
        if self.begun.is_empty() {
            return Ok(());
        }
        self.records += 1;
        Err(RecordProblem::Truncated)
    }
}
