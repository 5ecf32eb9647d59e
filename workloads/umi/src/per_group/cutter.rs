//! Segments in, position groups of owned records out.

use std::path::Path;

use plimsoll_workload::{Context, Progress};

use crate::bam::{Header, LENGTH, Record, RecordProblem, Tags};
use crate::error::Error;
use crate::pipeline::Segment;
use crate::records::{Belongs, Framing, Positions, Side};

/// A template and its records, all owned.
#[derive(Debug, Default)]
pub(super) struct Owned {
    pub(super) name: Vec<u8>,
    pub(super) r1: Option<Vec<u8>>,
    pub(super) r2: Option<Vec<u8>>,
}

impl Owned {
    /// The records that there are, r1 first.
    pub(super) fn records(&self) -> impl Iterator<Item = &Vec<u8>> {
        [&self.r1, &self.r2].into_iter().flatten()
    }
}

/// A position group.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Number of its first record in the file.
    pub(super) first_record: u64,
    pub(super) templates: Vec<Owned>,
    pub(super) bytes: u64,
}

/// Groups that a thread takes at once: many small ones, or one that is large.
pub(super) type Groups = Vec<Group>;

/// Bytes of groups that are taken at once, unless one alone has more.
const TOGETHER: u64 = 256 << 10;

pub(super) struct Cutter<'a> {
    path: &'a Path,
    references: u32,
    context: &'a Context,
    positions: Positions<'a>,
    framing: Framing,
    open: Group,
    closed: Groups,
    closed_bytes: u64,
    ready: Vec<Groups>,
    progress: Progress,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(path: &'a Path, header: &'a Header, context: &'a Context) -> Self {
        Self {
            path,
            references: header.references(),
            context,
            positions: Positions::new(header),
            framing: Framing::default(),
            open: Group::default(),
            closed: Vec::new(),
            closed_bytes: 0,
            ready: Vec::new(),
            progress: context.progress("records", None),
        }
    }

    pub(super) fn cut(&mut self, segment: Segment) -> Result<Vec<Groups>, Error> {
        let _stage = self.context.stage("group");
        let Some(segment) = self.framing.begin(segment) else {
            return Ok(Vec::new());
        };
        let before = self.framing.records();
        let mut at = 0;
        while let Some((_, bytes)) = (self.framing.next(segment.bytes(), &mut at))
            .map_err(|problem| self.located(problem, b""))?
        {
            self.record(bytes)
                .map_err(|problem| self.located(problem, Record::name_of(bytes)))?;
        }
        self.progress.add(self.framing.records() - before);
        Ok(std::mem::take(&mut self.ready))
    }

    pub(super) fn rest(&mut self) -> Result<Vec<Groups>, Error> {
        self.framing
            .end()
            .map_err(|problem| self.located(problem, b""))?;
        self.close();
        self.hand_on();
        Ok(std::mem::take(&mut self.ready))
    }

    fn located(&self, problem: RecordProblem, name: &[u8]) -> Error {
        Error::record(self.path, self.framing.records(), name, problem)
    }

    fn record(&mut self, bytes: &[u8]) -> Result<(), RecordProblem> {
        let record = Record::new(bytes)?;
        record.check_references(self.references)?;
        let tags = Tags::of(&record)?;
        let new_template = match self.positions.place(&record, &tags)? {
            None => return Ok(()),
            Some(Belongs::ToTemplate) => false,
            Some(Belongs::ToGroup) => true,
            Some(Belongs::Nowhere) => {
                self.close();
                self.open.first_record = self.framing.records();
                true
            }
        };
        if new_template {
            self.open.templates.push(Owned {
                name: record.name().to_vec(),
                ..Owned::default()
            });
        }
        self.open.bytes += (LENGTH + bytes.len()) as u64;
        let Some(template) = self.open.templates.last_mut() else {
            return Ok(());
        };
        let place = match Side::of(record.flags()) {
            Side::R1 => &mut template.r1,
            Side::R2 => &mut template.r2,
        };
        match place.replace(bytes.to_vec()) {
            None => Ok(()),
            Some(_) => Err(RecordProblem::Twice),
        }
    }

    fn close(&mut self) {
        let group = std::mem::take(&mut self.open);
        if group.templates.is_empty() {
            return;
        }
        if self.closed_bytes + group.bytes > TOGETHER {
            self.hand_on();
        }
        self.closed_bytes += group.bytes;
        self.closed.push(group);
    }

    fn hand_on(&mut self) {
        self.closed_bytes = 0;
        let groups = std::mem::take(&mut self.closed);
        if !groups.is_empty() {
            self.ready.push(groups);
        }
    }
}
