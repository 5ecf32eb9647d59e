//! A numbered large group on its way to the output, range by range.

use super::super::row::Placed;
use super::super::rows::Rows;
use super::super::tag::Tag;
use super::packed::{Patterns, template};
use super::pages::Pages;
use super::ranges::Ranges;
use super::row::LargeRow;
use crate::account::Held;
use crate::bam::{Record, with_molecule};
use crate::bgzf::Deflater;
use crate::error::Error;

/// Where packed records are.
#[derive(Debug)]
pub(super) enum Records {
    Pages(Pages),
    Ranges(Ranges),
}

/// Rows in the order of the output, but for the names within a molecule where these do not ascend.
#[derive(Debug)]
pub(in super::super) struct Numbered {
    pub(super) rows: Rows<LargeRow>,
    /// The first row of each range.
    pub(super) starts: Vec<u32>,
    pub(super) records: Records,
    pub(super) patterns: Patterns,
    pub(super) ascending: bool,
    /// The number of the group's first molecule. Codes are of the group alone: its order is by them.
    pub(super) first_molecule: u64,
    pub(super) _held: Held,
}

impl Numbered {
    pub(in super::super) fn ranges(&self) -> usize {
        self.starts.len()
    }

    /// Writes the records of a range, with the numbers of their molecules.
    pub(in super::super) fn write(&self, range: usize, out: &mut Deflater) -> Result<(), Error> {
        let begin = self.starts[range] as usize;
        let end = (self.starts.get(range + 1)).map_or(self.rows.len(), |end| *end as usize);
        let rows = &self.rows[begin..end];
        match &self.records {
            Records::Pages(pages) => {
                self.write_rows(rows, |row| pages.template(rows[row].place()), out)
            }
            Records::Ranges(ranges) => {
                let loaded = ranges.load(range)?;
                let places = loaded.places(rows)?;
                let packed = |row: usize| Ok(template(&loaded.bytes, places[row])?.0);
                self.write_rows(rows, packed, out)
            }
        }
    }

    fn write_rows<'a>(
        &self,
        rows: &[LargeRow],
        packed: impl Fn(usize) -> Result<&'a [u8], Error>,
        out: &mut Deflater,
    ) -> Result<(), Error> {
        let (mut tag, mut record) = (Tag::default(), Vec::new());
        let mut write = |row: usize| {
            let tag = tag.of(rows[row].molecule(self.first_molecule));
            let mut packed = packed(row)?;
            for has_molecule in rows[row].has_molecule() {
                if !self.patterns.next(&mut packed, &mut record)? {
                    break;
                }
                with_molecule(&record, has_molecule, tag, |piece| out.push(piece))?;
            }
            Ok(())
        };
        if self.ascending {
            return (0..rows.len()).try_for_each(write);
        }
        self.by_name(rows, &packed)?
            .into_iter()
            .try_for_each(|row| write(row as usize))
    }

    /// Rows with those of each molecule in the order of their names; those of one name stay in that of the file.
    fn by_name<'a>(
        &self,
        rows: &[LargeRow],
        packed: &impl Fn(usize) -> Result<&'a [u8], Error>,
    ) -> Result<Vec<u32>, Error> {
        let (mut names, mut ends, mut record) = (Vec::new(), vec![0], Vec::new());
        for row in 0..rows.len() {
            self.patterns.next(&mut packed(row)?, &mut record)?;
            names.extend_from_slice(Record::name_of(&record));
            ends.push(names.len());
        }
        let name = |row: u32| &names[ends[row as usize]..ends[row as usize + 1]];
        // As many as 32 bits count.
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_unstable_by(|&one, &other| {
            let (a, b) = (&rows[one as usize], &rows[other as usize]);
            (a.code().cmp(&b.code()))
                .then_with(|| name(one).cmp(name(other)))
                .then_with(|| a.place().cmp(&b.place()))
        });
        Ok(order)
    }
}
