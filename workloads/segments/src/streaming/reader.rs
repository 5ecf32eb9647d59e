//! Gathers record after record, cuts each into segments, and hands them on.

use std::collections::HashSet;

use plimsoll_workload::{Failure, Gauge};

use super::shard::{Groups, Segment};
use crate::cut::segments_of;
use crate::fasta::Sink;
use crate::job::Job;
use crate::pass::Grouping;
use crate::whole::Coded;

/// Takes the samples apart.
pub(super) struct Reader<'a, 'g, 'f> {
    job: &'a Job<'a>,
    splitters: &'a HashSet<u64>,
    to: &'a mut Grouping<'g, 'f, Groups>,
    /// The sequence of the record that is being read, if there is one.
    open: Option<Vec<u8>>,
    records: Gauge,
}

impl<'a, 'g, 'f> Reader<'a, 'g, 'f> {
    pub(super) fn new(
        job: &'a Job<'a>,
        splitters: &'a HashSet<u64>,
        to: &'a mut Grouping<'g, 'f, Groups>,
    ) -> Self {
        Self {
            job,
            splitters,
            to,
            open: None,
            records: job.context.ledger("records"),
        }
    }

    pub(super) fn begin_sample(&mut self, name: &[u8]) {
        self.to.begin_sample(name);
    }

    /// Cuts the record that is whole now, if there is one.
    pub(super) fn end_record(&mut self) -> Result<(), Failure> {
        let Some(sequence) = self.open.take() else {
            return Ok(());
        };
        let length = sequence.len() as u64;
        let Coded { codes, layers } = Coded::new(&sequence);
        let read = sequence.capacity() as u64;
        let held = codes.capacity() as u64;
        self.records.add(read + held);
        drop(sequence);
        self.records.sub(read);
        let pieces = segments_of(&codes, self.job.settings.k, |value| {
            self.splitters.contains(&value)
        });
        for piece in pieces {
            let segment = codes[piece.range].to_vec();
            self.to
                .take(segment, (piece.front, piece.back), |grouped| {
                    Ok(Segment::new(grouped))
                })?;
        }
        self.records.sub(held);
        self.to.end_record(length, &layers)
    }
}

impl Sink for Reader<'_, '_, '_> {
    type Error = Failure;

    fn record(&mut self, header: &[u8]) -> Result<(), Failure> {
        self.end_record()?;
        self.to.begin_record(header);
        self.open = Some(Vec::new());
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(sequence) = &mut self.open {
            sequence.extend_from_slice(bytes);
        }
        Ok(())
    }
}
