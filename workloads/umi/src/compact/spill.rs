//! A group that is too large for memory: its records in a file, first in the order in which they came, and once they are
//! numbered in ranges of the output that are loaded one by one. Every byte is written twice and read twice, always in long
//! stretches; rows stay in memory.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::files::{Files, Scratch};
use super::row::{Row, Spot};
use super::segments::Segments;
use crate::account::{Account, Held, heap_bytes};
use crate::bam::{LENGTH, Record, Tags, length_at};
use crate::error::Error;

/// Bytes that are written or read at once.
const BUFFER: usize = 1 << 20;
/// Bytes of a range, about.
const RANGE: u64 = 4 << 20;
/// Bytes of all buffers of ranges together, about, and of each.
const SCATTER: usize = 8 << 20;
const EACH: (usize, usize) = (4 << 10, 64 << 10);

/// The records of an open group.
#[derive(Debug)]
pub(super) struct Spill {
    scratch: Arc<Scratch>,
    buffer: Vec<u8>,
    /// Bytes of records so far, with those in the buffer.
    bytes: u64,
    /// Rows of the group whose records are here.
    pub(super) rows: usize,
    account: Account,
    _held: Held,
}

impl Spill {
    pub(super) fn create(files: &Arc<Files>, account: Account) -> Result<Self, Error> {
        Ok(Self {
            scratch: Arc::new(files.take()?),
            buffer: Vec::with_capacity(BUFFER),
            bytes: 0,
            rows: 0,
            _held: account.hold(BUFFER as u64),
            account,
        })
    }

    /// Takes the records of the group's next rows, which point here from now on.
    pub(super) fn add(&mut self, rows: &mut [Row], segments: &Segments) -> Result<(), Error> {
        for row in rows {
            for spot in row.spots_mut() {
                let record = segments.record(*spot);
                *spot = Spot::in_file(self.bytes);
                self.push(&(record.len() as u32).to_le_bytes())?;
                self.push(record)?;
            }
            self.rows += 1;
        }
        Ok(())
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        self.bytes += bytes.len() as u64;
        if bytes.len() > BUFFER {
            return (self.scratch.file().write_all(bytes)).map_err(self.scratch.failed());
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        let written = self.scratch.file().write_all(&self.buffer);
        written.map_err(self.scratch.failed())?;
        self.buffer.clear();
        Ok(())
    }

    /// The records from the first on.
    fn reader(&mut self) -> Result<BufReader<&File>, Error> {
        self.flush()?;
        let mut file = self.scratch.file();
        file.seek(SeekFrom::Start(0))
            .map_err(self.scratch.failed())?;
        Ok(BufReader::with_capacity(BUFFER, file))
    }

    /// The UMIs of all rows, which are in the order in which they came, in upper case.
    pub(super) fn umis(&mut self, rows: &[Row]) -> Result<Vec<Vec<u8>>, Error> {
        let failed = self.scratch.failed();
        let _held = self.account.hold(BUFFER as u64);
        let mut reader = self.reader()?;
        let mut record = Vec::new();
        let mut umis = Vec::with_capacity(rows.len());
        for row in rows {
            let mut umi = None;
            for _ in row.records() {
                record.clear();
                next(&mut reader, &mut record).map_err(&failed)?;
                umi = umi.or_else(|| Some(umi_of(&record[LENGTH..])));
            }
            umis.push(umi.unwrap_or_default());
        }
        Ok(umis)
    }

    /// The name of a row's read.
    pub(super) fn name(&mut self, row: &Row) -> Result<Vec<u8>, Error> {
        self.flush()?;
        let mut record = vec![0; 512.min(self.bytes - row.first().in_its_file()) as usize];
        let read = self
            .scratch
            .file()
            .read_exact_at(&mut record, row.first().in_its_file());
        read.map_err(self.scratch.failed())?;
        Ok(Record::name_of(&record[LENGTH..]).to_vec())
    }

    /// Brings the records into ranges of numbered rows, which point into their range from now on. `whole`: families are
    /// not divided.
    ///
    /// The file is written over as it is read: what has been written is never more than what has been read.
    pub(super) fn scatter(mut self, rows: &mut [Row], whole: bool) -> Result<Ranges, Error> {
        let starts = starts(rows, self.bytes, whole);
        let mut arrived: Vec<u32> = (0..rows.len() as u32).collect();
        arrived.sort_unstable_by_key(|row| rows[*row as usize].first());
        let each = (SCATTER / starts.len().max(1)).clamp(EACH.0, EACH.1);
        let held = (BUFFER + starts.len() * each) as u64;
        let _held = self.account.hold(held + heap_bytes(&arrived));
        let mut ranges = Ranges {
            scratch: Arc::clone(&self.scratch),
            bytes: 0,
            list: starts.iter().map(|_| Range::default()).collect(),
            starts,
            held: self.account.hold(0),
            account: self.account.clone(),
        };
        let mut buffers: Vec<Vec<u8>> = vec![Vec::new(); ranges.list.len()];
        let failed = self.scratch.failed();
        let mut reader = self.reader()?;
        for row in arrived {
            let range = ranges.starts.partition_point(|start| *start <= row) - 1;
            let buffer = &mut buffers[range];
            if buffer.capacity() == 0 {
                buffer.reserve_exact(each);
            }
            for spot in rows[row as usize].spots_mut() {
                let at = ranges.list[range].bytes + buffer.len() as u64;
                *spot = Spot::in_file(at);
                next(&mut reader, buffer).map_err(&failed)?;
            }
            if buffer.len() >= each - each / 8 {
                ranges.append(range, buffer)?;
                buffer.clear();
            }
        }
        for (range, buffer) in buffers.iter().enumerate() {
            ranges.append(range, buffer)?;
        }
        drop(reader);
        ranges.count();
        Ok(ranges)
    }
}

/// Where ranges of about [`RANGE`] bytes begin, in numbered rows that have so many.
fn starts(rows: &[Row], bytes: u64, whole: bool) -> Vec<u32> {
    let count = bytes.div_ceil(RANGE).max(1);
    let each = (rows.len() as u64).div_ceil(count).max(1) as usize;
    let mut starts = Vec::new();
    let mut start = 0;
    while start < rows.len() {
        // The rows of a group are counted in 32 bits.
        starts.push(start as u32);
        start += each;
        while whole && start < rows.len() && rows[start].code == rows[start - 1].code {
            start += 1;
        }
    }
    starts
}

/// Appends the next record with its length.
fn next(reader: &mut impl Read, to: &mut Vec<u8>) -> io::Result<()> {
    let begin = to.len();
    to.resize(begin + LENGTH, 0);
    reader.read_exact(&mut to[begin..])?;
    let length = length_at(&to[begin..]).unwrap_or(0) as usize;
    to.resize(begin + LENGTH + length, 0);
    reader.read_exact(&mut to[begin + LENGTH..])
}

/// The UMI of a record that was seen to be whole, in upper case.
pub(super) fn umi_of(record: &[u8]) -> Vec<u8> {
    let tags = Record::new(record).and_then(|record| Tags::of(&record));
    let umi = tags.ok().and_then(|tags| tags.umi);
    umi.unwrap_or_default().to_ascii_uppercase()
}

/// The records of a numbered group.
#[derive(Debug)]
pub(super) struct Ranges {
    scratch: Arc<Scratch>,
    /// Bytes that are in the file.
    bytes: u64,
    list: Vec<Range>,
    /// The first row of each.
    pub(super) starts: Vec<u32>,
    account: Account,
    held: Held,
}

/// The records of a range, in memory and in the ledger.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) bytes: Vec<u8>,
    _held: Held,
}

/// Where the records of a range lie in the file, stretch by stretch.
#[derive(Debug, Default)]
struct Range {
    stretches: Vec<(u64, usize)>,
    bytes: u64,
}

impl Ranges {
    fn append(&mut self, range: usize, bytes: &[u8]) -> Result<(), Error> {
        let written = self.scratch.file().write_all_at(bytes, self.bytes);
        written.map_err(self.scratch.failed())?;
        let range = &mut self.list[range];
        range.stretches.push((self.bytes, bytes.len()));
        range.bytes += bytes.len() as u64;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Counts what it takes to find the stretches.
    fn count(&mut self) {
        let stretches = self.list.iter().map(|range| heap_bytes(&range.stretches));
        let stretches: u64 = stretches.sum();
        self.held
            .set(stretches + heap_bytes(&self.list) + heap_bytes(&self.starts));
    }

    /// Counts rows that are sorted apart.
    pub(super) fn hold_list(&self, rows: &Vec<Row>) -> Held {
        self.account.hold(heap_bytes(rows))
    }

    /// Bytes of a range.
    pub(super) fn bytes(&self, range: usize) -> u64 {
        self.list[range].bytes
    }

    /// The records of a range.
    pub(super) fn load(&self, range: usize) -> Result<Loaded, Error> {
        let bytes = self.bytes(range);
        let mut loaded = Loaded {
            bytes: vec![0; bytes as usize],
            _held: self.account.hold(bytes),
        };
        let mut rest = &mut loaded.bytes[..];
        for (at, length) in &self.list[range].stretches {
            let (stretch, after) = rest.split_at_mut(*length);
            let read = self.scratch.file().read_exact_at(stretch, *at);
            read.map_err(self.scratch.failed())?;
            rest = after;
        }
        Ok(loaded)
    }
}
