//! One template.

use crate::assign::Strand;
use crate::assign::codes::Numbered;

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

    /// In a file that has no segments.
    pub(super) fn in_file(at: u64) -> Self {
        Self(at)
    }

    pub(super) fn in_its_file(self) -> u64 {
        self.0
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
    /// The UMI; once it is numbered, what the output is sorted by.
    pub(super) code: u64,
    /// The molecule, first within the group, then of all the file.
    pub(super) molecule: u64,
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

    /// Where its records begin, to be told anew.
    pub(super) fn spots_mut(&mut self) -> impl Iterator<Item = &mut Spot> {
        [&mut self.r1, &mut self.r2]
            .into_iter()
            .filter(|spot| **spot != Spot::NOWHERE)
    }

    /// Both records that there may be, each with whether it has an `MI`.
    pub(super) fn records(&self) -> impl Iterator<Item = (Spot, bool)> {
        [self.r1, self.r2]
            .into_iter()
            .zip(self.has_molecule)
            .filter(|(spot, _)| *spot != Spot::NOWHERE)
    }
}

impl Numbered for Row {
    fn umi(&self) -> (u8, u64) {
        (self.orientation, self.code)
    }

    fn strand(&self) -> Strand {
        self.strand
    }

    fn number(&mut self, molecule: u64, sort: u64, strand: Option<Strand>) {
        self.molecule = molecule;
        self.code = sort;
        self.stranded = strand.is_some();
        self.strand = strand.unwrap_or(self.strand);
    }
}
