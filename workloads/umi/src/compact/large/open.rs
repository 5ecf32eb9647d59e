//! A large group whose templates are still coming.

use super::super::row::{Placed, Row};
use super::super::rows::Rows;
use super::super::segments::Segments;
use super::file::Spool;
use super::numbered::{Numbered, Records};
use super::packed::Packer;
use super::pages::Pages;
use super::ranges::Ranges;
use super::row::LargeRow;
use crate::account::{Account, Held};
use crate::bam::{Record, Tags};
use crate::error::Error;

/// Bytes that a template takes besides its records: its row and the number of its range.
pub(in super::super) const TEMPLATE_BYTES: u64 = (size_of::<LargeRow>() + size_of::<u32>()) as u64;

/// Where packed templates are kept.
#[derive(Debug)]
pub(in super::super) enum Room {
    Memory(Pages),
    File(Spool),
}

/// A large group.
#[derive(Debug)]
pub(in super::super) struct Large {
    pub(in super::super) rows: Rows<LargeRow>,
    packer: Packer,
    room: Room,
    held: Held,
}

impl Large {
    pub(in super::super) fn new(rows: Rows<LargeRow>, room: Room, account: &Account) -> Self {
        Self {
            rows,
            packer: Packer::default(),
            room,
            held: account.hold(0),
        }
    }

    /// Takes the group's next templates.
    pub(in super::super) fn add(&mut self, rows: &[Row], segments: &Segments) -> Result<(), Error> {
        for row in rows {
            let records = row.records().map(|(spot, _)| segments.record(spot));
            let packed = self.packer.pack(records);
            let place = match &mut self.room {
                Room::Memory(pages) => pages.push(packed),
                Room::File(spool) => spool.push(packed)?,
            };
            self.rows.push(LargeRow::new(row, place));
        }
        self.held.set(self.packer.heap_bytes());
        Ok(())
    }

    /// Bytes of memory that it takes, and will take when it is numbered.
    pub(in super::super) fn bytes(&self) -> u64 {
        let records = match &self.room {
            Room::Memory(pages) => pages.bytes(),
            Room::File(_) => 0,
        };
        records + self.rows.len() as u64 * TEMPLATE_BYTES
    }

    /// Bytes of packed records that are in a file.
    pub(in super::super) fn bytes_in_file(&self) -> u64 {
        match &self.room {
            Room::Memory(_) => 0,
            Room::File(spool) => spool.bytes,
        }
    }

    /// Hands on, for each row in the order in which they came, its first record in the output, until that is enough.
    fn first_records(&mut self, mut take: impl FnMut(usize, &[u8]) -> bool) -> Result<(), Error> {
        if let Room::File(spool) = &mut self.room {
            spool.flush()?;
        }
        let mut reader = match &self.room {
            Room::Memory(_) => None,
            Room::File(spool) => Some(spool.read(&spool.all())),
        };
        let (mut read, mut record) = (Vec::new(), Vec::new());
        for (number, row) in self.rows.iter().enumerate() {
            let mut packed = match (&self.room, &mut reader) {
                (Room::Memory(pages), _) => pages.template(row.place())?,
                (Room::File(_), Some(reader)) => reader.next(&mut read)?,
                (Room::File(_), None) => return Err(Error::Altered),
            };
            self.packer.patterns.next(&mut packed, &mut record)?;
            if !take(number, &record) {
                break;
            }
        }
        Ok(())
    }

    /// The UMIs of all rows, which are in the order in which they came, in upper case.
    pub(in super::super) fn umis(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        let mut umis = Vec::with_capacity(self.rows.len());
        self.first_records(|_, record| {
            umis.push(umi_of(record));
            true
        })?;
        Ok(umis)
    }

    /// The name of the read that came as this one.
    pub(in super::super) fn name(&mut self, number: usize) -> Result<Vec<u8>, Error> {
        let mut name = Vec::new();
        self.first_records(|at, record| {
            if at == number {
                name = Record::name_of(record).to_vec();
            }
            at < number
        })?;
        Ok(name)
    }

    /// Makes what can be written of a numbered group whose rows are in the order of the output, on so many threads. Its
    /// first molecule gets the number `first_molecule`.
    /// `bytes` are those of its records. Unless the names ascend, those of one molecule are still to be sorted.
    pub(in super::super) fn finish(
        self,
        bytes: u64,
        ascending: bool,
        first_molecule: u64,
        threads: usize,
    ) -> Result<Numbered, Error> {
        let starts = starts(&self.rows, bytes, !ascending);
        let records = match self.room {
            Room::Memory(pages) => Records::Pages(pages),
            Room::File(spool) => Records::Ranges(Ranges::of(spool, &self.rows, &starts, threads)?),
        };
        Ok(Numbered {
            rows: self.rows,
            starts,
            records,
            patterns: self.packer.patterns,
            ascending,
            first_molecule,
            _held: self.held,
        })
    }
}

/// The UMI of a record that was seen to be whole, in upper case.
pub(in super::super) fn umi_of(record: &[u8]) -> Vec<u8> {
    let tags = Record::new(record).and_then(|record| Tags::of(&record));
    let umi = tags.ok().and_then(|tags| tags.umi);
    umi.unwrap_or_default().to_ascii_uppercase()
}

/// Bytes of the records of a range, about.
const RANGE: u64 = 2 << 20;

/// Where ranges begin, in rows whose records have so many bytes. `whole`: molecules are not divided.
fn starts(rows: &[LargeRow], bytes: u64, whole: bool) -> Vec<u32> {
    let count = bytes.div_ceil(RANGE).max(1);
    let each = (rows.len() as u64).div_ceil(count).max(1) as usize;
    let mut starts = Vec::new();
    let mut start = 0;
    while start < rows.len() {
        // The rows of a group are counted in 32 bits.
        starts.push(start as u32);
        start += each;
        while whole && start < rows.len() && rows[start].code() == rows[start - 1].code() {
            start += 1;
        }
    }
    starts
}
