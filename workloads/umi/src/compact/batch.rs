//! Numbered templates on their way to the output.

use std::sync::Arc;

use super::rows::Rows;
use super::segments::Segments;
use super::spill::Ranges;

/// Where the records of rows are.
#[derive(Debug)]
pub(super) enum Source {
    Segments(Segments),
    /// In a file; `sorted`: rows of one number are in the order of their names.
    Ranges {
        ranges: Ranges,
        sorted: bool,
    },
}

/// Rows in the order of the output, and where their records are.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) rows: Rows,
    pub(super) source: Source,
}

impl Batch {
    pub(super) fn new(rows: Rows, source: Source) -> Arc<Self> {
        Arc::new(Self { rows, source })
    }
}

/// A slice of a batch.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) batch: Arc<Batch>,
    /// Counted from 0, all slices of the batch: the range, where records are in a file.
    pub(super) number: usize,
    pub(super) begin: usize,
    pub(super) end: usize,
    /// Bytes of its records, about.
    pub(super) bytes: u64,
}

/// Bytes of records in a slice, about.
const SLICE: u64 = 512 << 10;

/// Cuts a batch of so many bytes into slices.
pub(super) fn slices(batch: &Arc<Batch>, bytes: u64) -> Vec<Slice> {
    let rows = batch.rows.len();
    // At most as many as there are rows, so it fits.
    let count = bytes.div_ceil(SLICE).clamp(1, rows.max(1) as u64) as usize;
    let each = rows.div_ceil(count).max(1);
    let slice = |(number, begin): (usize, usize)| Slice {
        batch: Arc::clone(batch),
        number,
        begin,
        end: (begin + each).min(rows),
        bytes: bytes / count as u64,
    };
    (0..rows).step_by(each).enumerate().map(slice).collect()
}

/// Cuts a batch whose records are in a file at its ranges.
pub(super) fn ranges(batch: &Arc<Batch>) -> Vec<Slice> {
    let Source::Ranges { ranges, .. } = &batch.source else {
        return slices(batch, 0);
    };
    let ends = ranges.starts.iter().skip(1).map(|start| *start as usize);
    let ends = ends.chain([batch.rows.len()]);
    let slice = |(number, (start, end)): (usize, (&u32, usize))| Slice {
        batch: Arc::clone(batch),
        number,
        begin: *start as usize,
        end,
        // What waits takes no memory.
        bytes: 0,
    };
    (ranges.starts.iter().zip(ends).enumerate())
        .map(slice)
        .collect()
}
