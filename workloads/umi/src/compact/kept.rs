//! The templates that are kept: those of closed groups are numbered and handed on, those of an open one that is too large
//! are packed.

use std::mem;
use std::path::Path;
use std::sync::Arc;

use plimsoll_workload::Context;

use super::batch::{Slice, ranges, slices};
use super::files::Files;
use super::group::{Closed, Numbering};
use super::large::{Large, Pages, Room, Spool, Stock, umi_of};
use super::limit::Limit;
use super::parallel::sort;
use super::row::{Placed, Row, Spot};
use super::rows::Rows;
use super::segments::Segments;
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
    /// None: groups of any size stay as they were read.
    limit: Option<Limit>,
    pub(super) segments: Segments,
    rows: Rows<Row>,
    closed: Vec<Closed>,
    /// The first row of the open group, all its templates, and bytes of their records.
    begin: usize,
    open: usize,
    bytes: u64,
    /// The first group, where that is too large: what of it is not in `rows`.
    large: Option<Large>,
    /// Where packed records go: to files or, without, to pages.
    files: Option<Arc<Files>>,
    pages: Arc<Stock>,
    /// Bytes of all packed records that were kept in files.
    pub(super) spilled: u64,
    /// Molecules so far.
    pub(super) molecules: u64,
    templates: Account,
    spill: Account,
    /// What numbering works with.
    assign: Account,
}

impl<'a> Kept<'a> {
    pub(super) fn new(job: &Job<'a>, limit: Option<Limit>) -> Self {
        let templates = job.ledger.part("templates");
        Self {
            path: job.input,
            settings: job.settings,
            context: job.context,
            limit,
            segments: Segments::default(),
            rows: Rows::new(templates.clone()),
            closed: Vec::new(),
            begin: 0,
            open: 0,
            bytes: 0,
            large: None,
            files: job.spill.then(|| Files::new(job.context.scratch())),
            pages: Stock::new(job.ledger.part("packed")),
            spilled: 0,
            molecules: 0,
            templates,
            spill: job.ledger.part("spill"),
            assign: job.ledger.part("assign"),
        }
    }

    /// Templates of the open group.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// Keeps a template of so many bytes in the open group.
    pub(super) fn push(&mut self, row: Row, bytes: u64) {
        self.rows.push(row);
        self.open += 1;
        self.bytes += bytes;
    }

    /// Closes the open group, of which all but its end and its bytes is told.
    pub(super) fn close(&mut self, closed: Closed) {
        self.begin = self.rows.len();
        self.open = 0;
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
        if let Some(large) = self.large.take_if(|_| !closed.is_empty()) {
            let first = closed.remove(0);
            let rows = self.take_rows(first.end);
            closed.iter_mut().for_each(|other| other.end -= first.end);
            jobs = self.number_large(large, &rows, &first, metrics)?;
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
            jobs.extend(slices(rows, self.segments.clone(), bytes));
        }
        drop(assign);
        self.pack_open()?;
        let first = self.rows.first().map_or(Spot::NOWHERE, Row::first);
        self.segments.drop_before(first.min(pending).segment());
        Ok(jobs)
    }

    /// The first rows, which are no longer kept here.
    fn take_rows(&mut self, end: usize) -> Rows<Row> {
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
        let order = |rows: &mut [Row]| {
            if group.ascending {
                sort(rows, 1);
            } else {
                self.sort_by_name(rows);
            }
        };
        let used = self.numbering(1).number(rows, group.form, &umis, order);
        let used = used.map_err(|(row, problem)| {
            let name = Record::name_of(self.segments.record(rows[row].first()));
            // The group's first record says where to look; the read's name, at which.
            Error::record(self.path, group.first_record, name, problem)
        })?;
        let first = self.count(rows, used, metrics);
        rows.iter_mut().for_each(|row| row.raise(first));
        Ok(())
    }

    /// Sorts by orientation, code and name; rows of one name stay in the order of the file.
    fn sort_by_name(&self, rows: &mut [Row]) {
        let name = |row: &Row| Record::name_of(self.segments.record(row.first()));
        rows.sort_unstable_by(|one, other| {
            let by_code = (one.orientation, one.code).cmp(&(other.orientation, other.code));
            by_code
                .then_with(|| name(one).cmp(name(other)))
                .then_with(|| one.first().cmp(&other.first()))
        });
    }

    fn number_large(
        &mut self,
        mut large: Large,
        rest: &[Row],
        group: &Closed,
        metrics: &mut Metrics,
    ) -> Result<Vec<Slice>, Error> {
        large.add(rest, &self.segments)?;
        let threads = self.context.threads();
        let umis = match group.form {
            Some(_) => Vec::new(),
            None => large.umis()?,
        };
        let held = self.hold(&umis);
        let order = |rows: &mut [_]| sort(rows, threads);
        let numbering = self.numbering(threads);
        let used = match numbering.number(&mut large.rows, group.form, &umis, order) {
            Ok(used) => used,
            Err((row, problem)) => {
                let name = large.name(row)?;
                return Err(Error::record(self.path, group.first_record, &name, problem));
            }
        };
        drop((umis, held));
        let first = self.count(&large.rows, used, metrics);
        self.spilled += large.bytes_in_file();
        let numbered = large.finish(group.bytes, group.ascending, first, threads)?;
        Ok(ranges(numbered))
    }

    fn numbering(&self, threads: usize) -> Numbering<'_> {
        Numbering {
            settings: self.settings,
            account: &self.assign,
            threads,
        }
    }

    /// Counts a numbered group's families and molecules; the number of its first molecule in all of the file.
    fn count<T: Placed>(&mut self, rows: &[T], used: u64, metrics: &mut Metrics) -> u64 {
        let families = rows.chunk_by(|one, next| one.umi().1 == next.umi().1);
        metrics.group(families.map(|family| family.len() as u64));
        self.molecules += used;
        self.molecules - used
    }

    /// Packs the records of the open group, if it is too large.
    fn pack_open(&mut self) -> Result<(), Error> {
        let Some(limit) = &self.limit else {
            return Ok(());
        };
        if self.large.is_none() {
            if self.bytes <= limit.group {
                return Ok(());
            }
            let room = match &self.files {
                Some(files) => Room::File(Spool::create(files, self.spill.clone())?),
                None => Room::Memory(Pages::new(&self.pages)),
            };
            let rows = Rows::new(self.templates.clone());
            self.large = Some(Large::new(rows, room, &self.templates));
        }
        if let Some(large) = &mut self.large {
            large.add(&self.rows, &self.segments)?;
            self.rows.clear();
            limit.check(large.bytes(), self.files.is_some())?;
        }
        Ok(())
    }

    /// Counts UMIs that are texts.
    fn hold(&self, umis: &Vec<Vec<u8>>) -> Held {
        let texts = umis.iter().map(heap_bytes).sum::<u64>();
        self.assign.hold(heap_bytes(umis) + texts)
    }
}
