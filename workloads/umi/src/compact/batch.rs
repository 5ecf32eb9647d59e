//! Numbered templates on their way to the output.

use std::sync::Arc;

use super::large::Numbered;
use super::row::Row;
use super::rows::Rows;
use super::segments::Segments;
use super::tag::Tag;
use crate::bam::with_molecule;
use crate::bgzf::Deflater;
use crate::error::Error;

/// Rows in the order of the output, whose records are where they were inflated.
#[derive(Debug)]
pub(super) struct Batch {
    rows: Rows<Row>,
    segments: Segments,
}

/// What is written at once.
#[derive(Debug)]
pub(super) enum Slice {
    /// Rows of a batch, and bytes of their records, about.
    Rows {
        batch: Arc<Batch>,
        begin: usize,
        end: usize,
        bytes: u64,
    },
    /// A range of a large group.
    Range(Arc<Numbered>, usize),
}

/// Bytes of records in a slice, about.
const SLICE: u64 = 512 << 10;

/// Cuts rows whose records have so many bytes into slices.
pub(super) fn slices(rows: Rows<Row>, segments: Segments, bytes: u64) -> Vec<Slice> {
    let all = rows.len();
    // At most as many as there are rows, so it fits.
    let count = bytes.div_ceil(SLICE).clamp(1, all.max(1) as u64) as usize;
    let each = all.div_ceil(count).max(1);
    let batch = Arc::new(Batch { rows, segments });
    let slice = |begin: usize| Slice::Rows {
        batch: Arc::clone(&batch),
        begin,
        end: (begin + each).min(all),
        bytes: bytes / count as u64,
    };
    (0..all).step_by(each).map(slice).collect()
}

/// The ranges of a large group.
pub(super) fn ranges(group: Numbered) -> Vec<Slice> {
    let group = Arc::new(group);
    let slice = |range| Slice::Range(Arc::clone(&group), range);
    (0..group.ranges()).map(slice).collect()
}

impl Slice {
    /// Bytes that wait in it: what waits of a large group is not in a queue.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Rows { bytes, .. } => *bytes,
            Self::Range(..) => 0,
        }
    }

    /// Writes its records, with the numbers of their molecules.
    pub(super) fn write(&self, out: &mut Deflater) -> Result<(), Error> {
        match self {
            Self::Rows {
                batch, begin, end, ..
            } => batch.write(&batch.rows[*begin..*end], out),
            Self::Range(group, range) => group.write(*range, out),
        }
    }
}

impl Batch {
    fn write(&self, rows: &[Row], out: &mut Deflater) -> Result<(), Error> {
        let mut tag = Tag::default();
        for row in rows {
            let tag = tag.of(row.molecule());
            for (spot, has_molecule) in row.records() {
                let record = self.segments.record(spot);
                with_molecule(record, has_molecule, tag, |piece| out.push(piece))?;
            }
        }
        Ok(())
    }
}
