//! Numbered templates on their way to the output.

use std::sync::Arc;

use plimsoll_workload::Gauge;

use super::row::Row;
use super::segments::Segments;

/// Rows in the order of the output, and the segments that they need.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) rows: Vec<Row>,
    pub(super) segments: Segments,
    gauge: Gauge,
}

impl Batch {
    pub(super) fn new(rows: Vec<Row>, segments: Segments, gauge: &Gauge) -> Arc<Self> {
        gauge.add(heap_bytes(&rows));
        Arc::new(Self {
            rows,
            segments,
            gauge: gauge.clone(),
        })
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.gauge.sub(heap_bytes(&self.rows));
    }
}

pub(super) fn heap_bytes(rows: &Vec<Row>) -> u64 {
    (rows.capacity() * size_of::<Row>()) as u64
}

/// A slice of a batch.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) batch: Arc<Batch>,
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
    (0..rows)
        .step_by(each)
        .map(|begin| Slice {
            batch: Arc::clone(batch),
            begin,
            end: (begin + each).min(rows),
            bytes: bytes / count as u64,
        })
        .collect()
}
