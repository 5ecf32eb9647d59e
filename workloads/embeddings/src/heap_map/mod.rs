//! Every vector a list of its own in a hash map, all of them loaded before the first is asked for: what a program does that does not
//! think of memory. One lock for everything, a copy for every read, a cache that counts entries.

mod file;
mod recent;
mod serving;

use std::path::PathBuf;

use plimsoll_workload::Failure;

use crate::job::{Candidate, Chunks, Job, Serving};
use file::Writer;

/// The implementation.
#[derive(Debug)]
pub(crate) struct HeapMap;

fn path(job: &Job<'_>) -> PathBuf {
    job.scratch("vectors.plain")
}

impl Candidate for HeapMap {
    /// Writes the plain file anew, whatever was there.
    fn ingest(&self, job: &Job<'_>) -> Result<(), Failure> {
        let mut writer = Writer::create(&path(job), job.params.dim)?;
        Chunks::from(job, 0).each(
            &mut writer,
            |writer, chunk| writer.append(chunk.ids, chunk.rows),
            Writer::sync,
        )
    }

    fn files(&self, job: &Job<'_>) -> Vec<PathBuf> {
        vec![path(job)]
    }

    fn open<'a>(&self, job: &Job<'a>) -> Result<Box<dyn Serving + 'a>, Failure> {
        Ok(Box::new(serving::load(job, &path(job))?))
    }
}
