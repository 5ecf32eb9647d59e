//! Segments in, numbered templates out.

use std::path::Path;
use std::sync::Arc;

use plimsoll_workload::{Context, Progress};

use super::batch::Slice;
use super::group::Closed;
use super::kept::Kept;
use super::limit::Limit;
use super::row::{Row, Spot};
use crate::assign::{Form, Strand, encode, encode_halves};
use crate::bam::{Header, LENGTH, Record, RecordProblem, Tags};
use crate::error::Error;
use crate::job::Job;
use crate::metrics::Metrics;
use crate::pipeline::Segment;
use crate::records::{Belongs, Framing, Positions, Side, Template, discard};
use crate::settings::{Settings, Strategy};

/// The one who follows the file from record to record.
pub(super) struct Cutter<'a> {
    path: &'a Path,
    settings: &'a Settings,
    references: u32,
    context: &'a Context,
    positions: Positions<'a>,
    framing: Framing,
    pub(super) metrics: Metrics,
    pub(super) kept: Kept<'a>,
    open: Open,
    /// The template of the last record.
    template: Template,
    spots: [Spot; 2],
    has_molecule: [bool; 2],
    /// The name of the last template that was kept, and of the open one.
    kept_name: Vec<u8>,
    name: Vec<u8>,
    template_bytes: u64,
    progress: Progress,
}

/// What is known of the group that is open.
#[derive(Debug, Default)]
struct Open {
    first_record: u64,
    form: Option<Form>,
    mixed: bool,
    descends: bool,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(job: &Job<'a>, header: &'a Header, limit: Option<Limit>) -> Self {
        Self {
            path: job.input,
            settings: job.settings,
            references: header.references(),
            context: job.context,
            positions: Positions::new(header),
            framing: Framing::default(),
            metrics: Metrics::default(),
            kept: Kept::new(job, limit),
            open: Open::default(),
            template: Template::default(),
            spots: [Spot::NOWHERE; 2],
            has_molecule: [false; 2],
            kept_name: Vec::new(),
            name: Vec::new(),
            template_bytes: 0,
            progress: job.context.progress("records", None),
        }
    }

    /// Takes the next segment; what is numbered now.
    pub(super) fn cut(&mut self, segment: Segment) -> Result<Vec<Slice>, Error> {
        let group = self.context.stage("group");
        let Some(segment) = self.framing.begin(segment) else {
            return Ok(Vec::new());
        };
        let segment = Arc::new(segment);
        let number = self.kept.segments.push(Arc::clone(&segment));
        let before = self.framing.records();
        let mut at = 0;
        while let Some((begin, bytes)) = (self.framing.next(segment.bytes(), &mut at))
            .map_err(|error| self.located(error, b""))?
        {
            self.record(bytes, Spot::new(number, begin))
                .map_err(|problem| self.located(problem, Record::name_of(bytes)))?;
        }
        self.progress.add(self.framing.records() - before);
        drop(group);
        self.kept
            .hand_on(self.spots[0].min(self.spots[1]), &mut self.metrics)
    }

    /// The file has ended.
    pub(super) fn rest(&mut self) -> Result<Vec<Slice>, Error> {
        self.framing
            .end()
            .map_err(|problem| self.located(problem, b""))?;
        self.end_template();
        self.close().map_err(|problem| self.located(problem, b""))?;
        self.kept
            .hand_on(self.spots[0].min(self.spots[1]), &mut self.metrics)
    }

    fn located(&self, problem: RecordProblem, name: &[u8]) -> Error {
        Error::record(self.path, self.framing.records(), name, problem)
    }

    #[inline]
    fn record(&mut self, bytes: &[u8], spot: Spot) -> Result<(), RecordProblem> {
        let record = Record::new(bytes)?;
        record.check_references(self.references)?;
        let tags = Tags::of(&record)?;
        match self.positions.place(&record, &tags)? {
            None => return Ok(()),
            Some(Belongs::ToTemplate) => {}
            Some(Belongs::ToGroup) => self.end_template(),
            Some(Belongs::Nowhere) => {
                self.end_template();
                self.close()?;
                self.open.first_record = self.framing.records();
            }
        }
        if !self.template.r1.present && !self.template.r2.present {
            self.name.clear();
            self.name.extend_from_slice(record.name());
        }
        let with_end = self.settings.strategy == Strategy::Paired;
        let side = self.template.take(&record, &tags, with_end)?;
        let side = match side {
            Side::R1 => 0,
            Side::R2 => 1,
        };
        self.spots[side] = spot;
        self.has_molecule[side] = tags.molecule;
        self.template_bytes += (LENGTH + bytes.len()) as u64;
        Ok(())
    }

    /// No more records of the last name will come: keeps the template, or leaves it out.
    fn end_template(&mut self) {
        let template = &self.template;
        let records = template.reads().count() as u64;
        if records == 0 {
            return;
        }
        if let Some(why) = discard(template, self.settings) {
            self.metrics.discard(why, records);
        } else {
            self.metrics.accepted += records;
            let row = self.row();
            let open = &mut self.open;
            open.descends |= self.kept.open() > 0 && self.name < self.kept_name;
            std::mem::swap(&mut self.name, &mut self.kept_name);
            self.kept.push(row, self.template_bytes);
        }
        self.template.clear();
        self.template_bytes = 0;
        self.spots = [Spot::NOWHERE; 2];
        self.has_molecule = [false; 2];
    }

    fn row(&mut self) -> Row {
        let template = &self.template;
        let umi = template.umi();
        let paired = self.settings.strategy == Strategy::Paired;
        let r1_first = !paired || template.r1_first();
        let coded = if paired {
            encode_halves(umi, !r1_first)
        } else {
            encode(umi)
        };
        let open = &mut self.open;
        let form = coded.map(|coded| coded.1);
        if self.kept.open() == 0 {
            open.form = form;
        }
        open.mixed |= form.is_none() || form != open.form;
        Row {
            r1: self.spots[0],
            r2: self.spots[1],
            code: coded.map_or(0, |coded| coded.0),
            orientation: if paired { 0 } else { template.orientation() },
            strand: Strand::of(r1_first),
            stranded: false,
            has_molecule: self.has_molecule,
        }
    }

    /// No more templates of the open group will come.
    fn close(&mut self) -> Result<(), RecordProblem> {
        let open = std::mem::take(&mut self.open);
        let rows = self.kept.open();
        if rows == 0 {
            return Ok(());
        }
        if u32::try_from(rows).is_err() {
            return Err(RecordProblem::TooMany);
        }
        let coded = !open.mixed && self.settings.min_umi_length.is_none();
        self.kept.close(Closed {
            end: 0,
            bytes: 0,
            first_record: open.first_record,
            form: open.form.filter(|_| coded),
            ascending: !open.descends,
        });
        Ok(())
    }
}
