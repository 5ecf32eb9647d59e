//! One template of a group that is kept as it was read.

use crate::assign::Strand;
use crate::assign::codes::Numbered;

/// What templates are sorted by besides their UMIs.
pub(crate) trait Placed: Numbered + Send {
    /// Where it is among those of its group: those that came first have less.
    fn place(&self) -> u64;

    /// From here on all have one orientation: it is in their numbers.
    fn forget_orientation(&mut self);
}

/// Where a record begins: number of its segment, and place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot(u64);

impl Spot {
    /// Behind all others: no record.
    pub(super) const NOWHERE: Self = Self(u64::MAX);

    /// Segments are read one after another, and none is longer than the longest record and a run.
    pub(super) fn new(segment: u32, at: usize) -> Self {
        Self(u64::from(segment) << 32 | at as u64)
    }

    pub(super) fn segment(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(super) fn at(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }
}

/// A template: its records, and what it is sorted by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) r1: Spot,
    pub(super) r2: Spot,
    /// The UMI; once it is numbered, what the output is sorted by, from which its molecule follows.
    pub(super) code: u64,
    /// The same for all with the strategy paired.
    pub(super) orientation: u8,
    pub(super) strand: Strand,
    /// Whether the strand is written.
    pub(super) stranded: bool,
    /// Whether its records have an `MI`.
    pub(super) has_molecule: [bool; 2],
}

impl Row {
    /// The first of its records.
    pub(super) fn first(&self) -> Spot {
        self.r1.min(self.r2)
    }

    /// The record that comes first in the output, and has the template's UMI.
    pub(super) fn first_in_output(&self) -> Spot {
        if self.r1 == Spot::NOWHERE {
            self.r2
        } else {
            self.r1
        }
    }

    /// Both records that there may be, each with whether it has an `MI`.
    pub(super) fn records(&self) -> impl Iterator<Item = (Spot, bool)> {
        [self.r1, self.r2]
            .into_iter()
            .zip(self.has_molecule)
            .filter(|(spot, _)| *spot != Spot::NOWHERE)
    }

    /// Adds to the number of its molecule. Rows may be in another order by their codes then: those of strands have twice as much.
    pub(super) fn raise(&mut self, molecules: u64) {
        self.code += molecules << u32::from(self.stranded);
    }

    /// Its molecule and, where that is written, its strand.
    pub(super) fn molecule(&self) -> (u64, Option<Strand>) {
        if self.stranded {
            (self.code >> 1, Some(self.strand))
        } else {
            (self.code, None)
        }
    }
}

impl Numbered for Row {
    fn umi(&self) -> (u8, u64) {
        (self.orientation, self.code)
    }

    fn strand(&self) -> Strand {
        self.strand
    }

    fn number(&mut self, sort: u64, strand: Option<Strand>) {
        self.code = sort;
        self.stranded = strand.is_some();
        self.strand = strand.unwrap_or(self.strand);
    }
}

impl Placed for Row {
    fn place(&self) -> u64 {
        self.first().0
    }

    fn forget_orientation(&mut self) {
        self.orientation = 0;
    }
}
