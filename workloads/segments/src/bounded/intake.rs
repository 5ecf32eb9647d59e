//! Reads samples as they come, cuts them at splitters, and hands each segment on as soon as it ends.
//!
//! Of a record no more is held than the segment that is open.

use plimsoll_workload::Failure;

use crate::code;
use crate::cut::Cutter;
use crate::fasta::Sink;
use crate::layers::{LayerBuilder, Layers};
use crate::segment::{End, Key, orient};
use crate::splitters::Splitters;

use super::buffers::Buffers;

/// Codes that are gathered before they are searched for a splitter: enough to make the call cheap.
const SEARCHED_AT_ONCE: usize = 8 << 10;

/// A segment on its way to its group.
#[derive(Debug)]
pub(crate) struct Oriented {
    /// Codes in the direction in which they are stored.
    pub(crate) codes: Vec<u8>,
    /// The group.
    pub(crate) key: Key,
    /// Whether the codes are the reverse complement of the record's.
    pub(crate) turned: bool,
}

/// What takes records and their segments, in order.
pub(crate) trait Taker {
    fn begin_record(&mut self, header: &[u8]);
    fn take(&mut self, segment: Oriented) -> Result<(), Failure>;
    fn end_record(&mut self, bases: u64, layers: &Layers) -> Result<(), Failure>;
}

/// A sink for FASTA that cuts.
#[derive(Debug)]
pub(crate) struct Intake<'a, T> {
    to: T,
    buffers: &'a Buffers,
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

impl<'a, T: Taker> Intake<'a, T> {
    pub(crate) fn new(to: T, splitters: &'a Splitters, k: u32, buffers: &'a Buffers) -> Self {
        Self {
            to,
            buffers,
            cutter: Cutter::new(k, splitters),
            k: k as usize,
            layers: LayerBuilder::default(),
            open: buffers.take(),
            searched: 0,
            front: End::NONE,
            bases: None,
        }
    }

    /// What takes the segments.
    pub(crate) fn taker(&mut self) -> &mut T {
        &mut self.to
    }

    /// What took the segments.
    pub(crate) fn into_taker(self) -> T {
        self.to
    }

    /// Ends the open record, if there is one: the end of a sample.
    pub(crate) fn end_record(&mut self) -> Result<(), Failure> {
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

    fn emit(&mut self, mut codes: Vec<u8>, back: End) -> Result<(), Failure> {
        let (key, turned) = orient(self.front, back);
        if turned {
            code::reverse_complement(&mut codes);
        }
        self.to.take(Oriented { codes, key, turned })
    }
}

impl<T: Taker> Sink for Intake<'_, T> {
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
        }
        Ok(())
    }
}
