//! Reads samples as they come, cuts them at splitters, and hands each segment on as soon as it ends.
//!
//! Of a record no more is held than the segment that is open.

use plimsoll_workload::Failure;

use crate::code;
use crate::cut::Cutter;
use crate::fasta::Sink;
use crate::layers::LayerBuilder;
use crate::params::Settings;
use crate::pass::Grouping;
use crate::segment::End;
use crate::splitters::Splitters;

use super::buffers::Buffers;
use super::cross_references::CrossReferences;
use super::memory::Memory;
use super::references::References;
use super::shard::Groups;
use super::work::Work;

/// Codes that are gathered before they are searched for a splitter: enough to make the call cheap.
const SEARCHED_AT_ONCE: usize = 8 << 10;

/// A sink for FASTA that cuts.
pub(super) struct Intake<'a, 'g, 'f> {
    to: &'a mut Grouping<'g, 'f, Groups>,
    memory: Memory<'a>,
    buffers: &'a Buffers,
    references: References,
    cross: Option<CrossReferences>,
    cutter: Cutter<'a>,
    k: usize,
    layers: LayerBuilder,
    /// Codes of the open segment, and how many of them have been searched.
    open: Vec<u8>,
    searched: usize,
    front: End,
    /// Bases of the open record; nothing before the first.
    bases: Option<u64>,
}

impl<'a, 'g, 'f> Intake<'a, 'g, 'f> {
    pub(super) fn new(
        to: &'a mut Grouping<'g, 'f, Groups>,
        splitters: &'a Splitters,
        memory: Memory<'a>,
        buffers: &'a Buffers,
        settings: &Settings,
        references: References,
        cross: Option<CrossReferences>,
    ) -> Self {
        Self {
            to,
            memory,
            buffers,
            references,
            cross,
            cutter: Cutter::new(settings.k, splitters),
            k: settings.k as usize,
            layers: LayerBuilder::default(),
            open: buffers.take(),
            searched: 0,
            front: End::NONE,
            bases: None,
        }
    }

    pub(super) fn begin_sample(&mut self, name: &[u8]) {
        self.to.begin_sample(name);
    }

    /// The references that were stored as differences, once all samples are read.
    pub(super) fn into_cross_references(self) -> Option<CrossReferences> {
        self.cross
    }

    /// Ends the open record, if there is one: the end of a sample.
    pub(super) fn end_record(&mut self) -> Result<(), Failure> {
        let Some(bases) = self.bases.take() else {
            return Ok(());
        };
        self.search()?;
        let only_shared = self.front != End::NONE && self.open.len() <= self.k;
        let rest = std::mem::replace(&mut self.open, self.buffers.take());
        if rest.is_empty() || only_shared {
            self.buffers.give(rest);
        } else {
            self.emit(rest, End::NONE)?;
        }
        self.searched = 0;
        self.front = End::NONE;
        self.to.end_record(bases, &self.layers.finish())
    }

    /// Cuts what is open at every splitter in it.
    fn search(&mut self) -> Result<(), Failure> {
        while let Some((codes, splitter)) = self.cutter.scan(&self.open[self.searched..]) {
            let end = self.searched + codes;
            let mut next = self.buffers.take();
            next.extend_from_slice(&self.open[end - self.k..]);
            self.open.truncate(end);
            let segment = std::mem::replace(&mut self.open, next);
            self.searched = self.k;
            self.emit(segment, splitter.into())?;
            self.front = splitter.into();
        }
        self.searched = self.open.len();
        Ok(())
    }

    fn look(&mut self) -> Result<(), Failure> {
        let segments = self.to.segments();
        self.memory
            .check(|| format!("{segments} segments have been read"))
    }

    fn emit(&mut self, codes: Vec<u8>, back: End) -> Result<(), Failure> {
        self.look()?;
        let work = |segment| {
            let (references, cross) = (&mut self.references, self.cross.as_mut());
            Work::new(segment, self.buffers, references, cross)
        };
        self.to.take(codes, (self.front, back), work)
    }
}

impl Sink for Intake<'_, '_, '_> {
    type Error = Failure;

    fn record(&mut self, header: &[u8]) -> Result<(), Failure> {
        self.end_record()?;
        self.cutter.start_record();
        self.bases = Some(0);
        self.to.begin_record(header);
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if code::append(bytes, &mut self.open) {
            self.layers.skip(bytes.len());
        } else {
            self.layers.push(bytes);
        }
        if let Some(bases) = &mut self.bases {
            *bases += bytes.len() as u64;
        }
        if self.open.len() - self.searched >= SEARCHED_AT_ONCE {
            self.search()?;
            // A contig without splitters grows and ends no segment.
            self.look()?;
        }
        Ok(())
    }
}
