//! The templates that are kept: those of closed groups are numbered and handed on, those of an open one that is too large
//! go to a file.

use std::mem;
use std::path::Path;
use std::sync::Arc;

use plimsoll_workload::Context;

use super::batch::{Batch, Slice, Source, ranges, slices};
use super::files::Files;
use super::group::{Closed, number};
use super::limit::Limit;
use super::row::{Row, Spot};
use super::rows::{Rows, bytes_of};
use super::segments::Segments;
use super::spill::{Spill, umi_of};
use crate::account::{Account, Held, heap_bytes};
use crate::bam::Record;
use crate::error::Error;
use crate::job::Job;
use crate::metrics::Metrics;
use crate::settings::Settings;

/// Kept templates, in the order of the file.
pub(super) struct Kept<'a> {
    path: &'a Path,
    settings: &'a Settings,
    context: &'a Context,
    /// None: groups of any size stay in memory.
    limit: Option<Limit>,
    pub(super) segments: Segments,
    rows: Rows,
    closed: Vec<Closed>,
    /// The first row of the open group, and bytes of its records.
    begin: usize,
    bytes: u64,
    /// Records of the first group, where that is too large.
    spill: Option<Spill>,
    files: Arc<Files>,
    /// Bytes of all records that were kept in files.
    pub(super) spilled: u64,
    /// Molecules so far.
    pub(super) molecules: u64,
    spill_account: Account,
    /// What numbering works with.
    assign_account: Account,
}

impl<'a> Kept<'a> {
    pub(super) fn new(job: &Job<'a>, limit: Option<Limit>) -> Self {
        Self {
            path: job.input,
            settings: job.settings,
            context: job.context,
            limit,
            segments: Segments::default(),
            rows: Rows::new(job.ledger.part("templates")),
            closed: Vec::new(),
            begin: 0,
            bytes: 0,
            spill: None,
            files: Files::new(job.context.scratch()),
            spilled: 0,
            molecules: 0,
            spill_account: job.ledger.part("spill"),
            assign_account: job.ledger.part("assign"),
        }
    }

    /// Rows of the open group.
    pub(super) fn open(&self) -> usize {
        self.rows.len() - self.begin
    }

    /// Keeps a template of so many bytes in the open group.
    pub(super) fn push(&mut self, row: Row, bytes: u64) {
        self.rows.push(row);
        self.bytes += bytes;
    }

    /// Closes the open group, of which all but its end and its bytes is told.
    pub(super) fn close(&mut self, closed: Closed) {
        self.begin = self.rows.len();
        self.closed.push(Closed {
            end: self.begin,
            bytes: mem::take(&mut self.bytes),
            ..closed
        });
    }

    /// Numbers the closed groups, and hands them on. Segments before the one that `pending` lies in, and those that no
    /// open row needs, are let go.
    pub(super) fn hand_on(
        &mut self,
        pending: Spot,
        metrics: &mut Metrics,
    ) -> Result<Vec<Slice>, Error> {
        let assign = self.context.stage("assign");
        let mut jobs = Vec::new();
        let mut closed = mem::take(&mut self.closed);
        if let Some(spill) = self.spill.take_if(|_| !closed.is_empty()) {
            let first = closed.remove(0);
            let rows = self.take_rows(first.end);
            closed.iter_mut().for_each(|other| other.end -= first.end);
            jobs = self.number_spilled(spill, rows, &first, metrics)?;
        }
        let end = closed.last().map_or(0, |last| last.end);
        if end > 0 {
            let bytes = closed.iter().map(|group| group.bytes).sum();
            let mut rows = self.take_rows(end);
            let mut begin = 0;
            for group in &closed {
                self.number(&mut rows[begin..group.end], group, metrics)?;
                begin = group.end;
            }
            let segments = Source::Segments(self.segments.clone());
            let batch = Batch::new(rows, segments);
            jobs.extend(slices(&batch, bytes));
        }
        drop(assign);
        self.spill_open()?;
        let held = self.spill.as_ref().map_or(0, |spill| spill.rows);
        let first = self.rows.get(held).map_or(Spot::NOWHERE, Row::first);
        self.segments.drop_before(first.min(pending).segment());
        Ok(jobs)
    }

    /// The first rows, which are no longer kept here.
    fn take_rows(&mut self, end: usize) -> Rows {
        self.begin -= end;
        self.rows.take(end)
    }

    fn number(
        &mut self,
        rows: &mut [Row],
        group: &Closed,
        metrics: &mut Metrics,
    ) -> Result<(), Error> {
        let umi = |row: &Row| umi_of(self.segments.record(row.first_in_output()));
        let umis: Vec<_> = match group.form {
            Some(_) => Vec::new(),
            None => rows.iter().map(umi).collect(),
        };
        let _held = self.hold(&umis);
        let context = (self.settings, &self.assign_account);
        let used = number(rows, group, &umis, Some(&self.segments), context);
        let used = used.map_err(|(row, problem)| {
            let name = Record::name_of(self.segments.record(rows[row].first()));
            // The group's first record says where to look; the read's name, at which.
            Error::record(self.path, group.first_record, name, problem)
        })?;
        self.count(rows, used, metrics);
        Ok(())
    }

    fn number_spilled(
        &mut self,
        mut spill: Spill,
        mut rows: Rows,
        group: &Closed,
        metrics: &mut Metrics,
    ) -> Result<Vec<Slice>, Error> {
        let held = spill.rows;
        spill.add(&mut rows[held..], &self.segments)?;
        let umis = match group.form {
            Some(_) => Vec::new(),
            None => spill.umis(&rows)?,
        };
        let held = self.hold(&umis);
        let context = (self.settings, &self.assign_account);
        let used = match number(&mut rows, group, &umis, None, context) {
            Ok(used) => used,
            Err((row, problem)) => {
                let name = spill.name(&rows[row])?;
                return Err(Error::record(self.path, group.first_record, &name, problem));
            }
        };
        drop((umis, held));
        self.count(&mut rows, used, metrics);
        self.spilled += group.bytes;
        let scattered = spill.scatter(&mut rows, !group.ascending)?;
        let source = Source::Ranges {
            ranges: scattered,
            sorted: group.ascending,
        };
        Ok(ranges(&Batch::new(rows, source)))
    }

    /// Counts a numbered group's families, and makes its numbers those of all the file.
    fn count(&mut self, rows: &mut [Row], used: u64, metrics: &mut Metrics) {
        let families = rows.chunk_by(|one, next| one.code == next.code);
        metrics.group(families.map(|family| family.len() as u64));
        for row in rows {
            row.molecule += self.molecules;
        }
        self.molecules += used;
    }

    /// Puts the records of the open group into a file, if it is too large.
    fn spill_open(&mut self) -> Result<(), Error> {
        let Some(limit) = &self.limit else {
            return Ok(());
        };
        if self.spill.is_none() {
            if self.bytes <= limit.group {
                return Ok(());
            }
            let account = self.spill_account.clone();
            self.spill = Some(Spill::create(&self.files, account)?);
        }
        limit.check(bytes_of(self.rows.len()))?;
        if let Some(spill) = &mut self.spill {
            let held = spill.rows;
            spill.add(&mut self.rows[held..], &self.segments)?;
        }
        Ok(())
    }

    /// Counts UMIs that are texts.
    fn hold(&self, umis: &Vec<Vec<u8>>) -> Held {
        let mut held = self.assign_account.hold(0);
        held.set(heap_bytes(umis) + umis.iter().map(heap_bytes).sum::<u64>());
        held
    }
}
