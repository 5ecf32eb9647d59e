//! One template of a large group, in sixteen bytes.

use super::super::row::{Placed, Row};
use crate::assign::Strand;
use crate::assign::codes::Numbered;

/// A template: where its packed records are, and what it is sorted by.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct LargeRow {
    /// The place, and below it the bits that follow.
    place: u64,
    code: u64,
}

/// Bits below the place: orientation; strand B; whether the strand is written; whether the records have an `MI`.
const ORIENTATION: u64 = 3;
const B: u64 = 4;
const STRANDED: u64 = 8;
const HAS_MOLECULE: [u64; 2] = [16, 32];
const BITS: u32 = 6;

impl LargeRow {
    /// The same template, at its place among those that are packed: less than 2^58.
    pub(super) fn new(row: &Row, place: u64) -> Self {
        let bit = |is: bool, bit: u64| if is { bit } else { 0 };
        let mut has_molecule = row.records().map(|(_, has)| has);
        let mut next = |bit_of: u64| bit(has_molecule.next().unwrap_or(false), bit_of);
        let bits = u64::from(row.orientation)
            | bit(row.strand == Strand::B, B)
            | bit(row.stranded, STRANDED)
            | next(HAS_MOLECULE[0])
            | next(HAS_MOLECULE[1]);
        Self {
            place: place << BITS | bits,
            code: row.code,
        }
    }

    fn has(&self, bit: u64) -> bool {
        self.place & bit != 0
    }

    /// Its number, by which it is sorted.
    pub(in super::super) fn code(&self) -> u64 {
        self.code
    }

    /// Whether its records, in the order of the output, have an `MI`.
    pub(super) fn has_molecule(&self) -> [bool; 2] {
        HAS_MOLECULE.map(|bit| self.has(bit))
    }

    /// Its molecule, where the group's first one has this number, and its strand where that is written.
    pub(super) fn molecule(&self, first: u64) -> (u64, Option<Strand>) {
        if self.has(STRANDED) {
            (first + (self.code >> 1), Some(self.strand()))
        } else {
            (first + self.code, None)
        }
    }
}

impl Numbered for LargeRow {
    fn umi(&self) -> (u8, u64) {
        ((self.place & ORIENTATION) as u8, self.code)
    }

    fn strand(&self) -> Strand {
        Strand::of(!self.has(B))
    }

    fn number(&mut self, sort: u64, strand: Option<Strand>) {
        self.code = sort;
        if let Some(strand) = strand {
            self.place = self.place & !B | STRANDED;
            if strand == Strand::B {
                self.place |= B;
            }
        }
    }
}

impl Placed for LargeRow {
    fn place(&self) -> u64 {
        self.place >> BITS
    }

    fn forget_orientation(&mut self) {
        self.place &= !ORIENTATION;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::row::Spot;
    use super::*;

    #[test]
    fn nothing_of_a_row_is_lost() {
        for bits in 0..64_u32 {
            let is = |bit: u32| bits >> bit & 1 == 1;
            let mut row = Row {
                r1: if is(3) {
                    Spot::NOWHERE
                } else {
                    Spot::new(1, 2)
                },
                r2: Spot::new(1, 1),
                code: u64::MAX,
                orientation: (bits & 3) as u8,
                strand: Strand::of(is(2)),
                stranded: false,
                has_molecule: [is(4), is(5)],
            };
            let mut large = LargeRow::new(&row, (1 << 58) - 1);
            assert_eq!(large.place(), (1 << 58) - 1);
            assert_eq!((large.umi(), large.strand()), (row.umi(), row.strand()));
            let told: Vec<bool> = row.records().map(|(_, has)| has).collect();
            assert_eq!(&large.has_molecule()[..told.len()], told);
            for strand in [None, Some(Strand::A), Some(Strand::B)] {
                row.number(40, strand);
                large.number(40, strand);
                assert_eq!(large.code(), row.code);
                row.raise(7);
                assert_eq!(large.molecule(7), row.molecule());
            }
        }
    }
}
