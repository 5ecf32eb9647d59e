//! What building an index takes.

use rustix::time::{ClockId, clock_gettime};

use super::steps::Job;
use crate::measures::{self, BYTES_PER_VECTOR, INDEX_BYTES, VECTORS_PER_CPU_SECOND};
use crate::rows::Rows;

/// The processor time and the memory that a build begins with.
#[derive(Debug)]
pub(crate) struct Building {
    cpu_seconds: f64,
    resident: Option<u64>,
}

impl Building {
    /// Before the first vector is read.
    pub(crate) fn begin(job: &Job<'_>) -> Self {
        Self {
            cpu_seconds: cpu_seconds(),
            resident: job.context.resident().map(|bytes| bytes.0),
        }
    }

    /// The index is done, and nothing of it dropped or saved yet; `before` vectors were in it when the build began.
    pub(crate) fn done(&self, job: &Job<'_>, before: u64) {
        let vectors = job.inputs.base().len() as f64;
        let seconds = cpu_seconds() - self.cpu_seconds;
        if seconds > 0.0 {
            let inserted = vectors - before as f64;
            measures::report(job.context, VECTORS_PER_CPU_SECOND, inserted / seconds);
        }
        let resident = job.context.resident().map(|bytes| bytes.0);
        if let (Some(before), Some(after)) = (self.resident, resident) {
            let added = after.saturating_sub(before);
            measures::report(job.context, BYTES_PER_VECTOR, added as f64 / vectors);
        }
    }

    /// The index is saved, in files of so many bytes.
    pub(crate) fn saved(job: &Job<'_>, bytes: u64) {
        measures::report(job.context, INDEX_BYTES, bytes as f64);
    }
}

/// Processor time of this process, all its threads together.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
