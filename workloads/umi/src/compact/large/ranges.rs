//! A group's packed templates in a file, brought into ranges of the output, which are loaded one by one. Every byte is
//! written twice and read twice, always in long stretches.

use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::super::files::Scratch;
use super::super::parallel::on_threads;
use super::super::row::Placed;
use super::file::{Reader, Spool};
use super::packed::template;
use super::pattern::SLACK;
use super::row::LargeRow;
use crate::account::{Account, Held, heap_bytes};
use crate::error::Error;

/// Bytes of all buffers of ranges together, about, and of each.
const BUFFERS: usize = 8 << 20;
const EACH: (usize, usize) = (4 << 10, 64 << 10);

/// The packed templates of a numbered group.
#[derive(Debug)]
pub(super) struct Ranges {
    scratch: Arc<Scratch>,
    /// For each part of the file that was brought into ranges by itself, and each range: where the range's bytes lie.
    parts: Vec<Vec<Vec<(u64, u32)>>>,
    account: Account,
    _held: Held,
}

impl Ranges {
    /// Brings what is in a file into ranges of numbered rows that begin at `starts`, on so many threads.
    ///
    /// The file is written over as it is read: in each part, what has been written is never more than what has been read.
    pub(super) fn of(
        mut spool: Spool,
        rows: &[LargeRow],
        starts: &[u32],
        threads: usize,
    ) -> Result<Self, Error> {
        spool.flush()?;
        let account = spool.account.clone();
        // The range of each template, in the order in which they came.
        let mut ranges = vec![0_u32; rows.len()];
        let mut held = account.hold(heap_bytes(&ranges));
        let ends = starts.iter().skip(1).map(|start| *start as usize);
        let ends = ends.chain([rows.len()]);
        for (range, (start, end)) in starts.iter().zip(ends).enumerate() {
            for row in &rows[*start as usize..end] {
                ranges[row.place() as usize] = range as u32;
            }
        }
        let stretches = spool.stretches(threads);
        let each = BUFFERS / (starts.len() * stretches.len()).max(1);
        let each = each.clamp(EACH.0, EACH.1);
        let buffers = (starts.len() * stretches.len() * each) as u64;
        held.set(heap_bytes(&ranges) + buffers);
        let parts = on_threads(threads, stretches, |stretch| {
            let to = &ranges[stretch.templates.start as usize..stretch.templates.end as usize];
            let mut part = Part {
                scratch: &spool.scratch,
                at: stretch.bytes.start,
                lists: vec![Vec::new(); starts.len()],
            };
            part.scatter(spool.read(&stretch), to, each)?;
            Ok(part.lists)
        });
        let parts: Vec<Vec<_>> = parts.into_iter().collect::<Result<_, Error>>()?;
        let lists = || parts.iter().flatten();
        let bytes =
            lists().map(heap_bytes).sum::<u64>() + parts.iter().map(heap_bytes).sum::<u64>();
        held.set(bytes);
        Ok(Self {
            scratch: Arc::clone(&spool.scratch),
            parts,
            account,
            _held: held,
        })
    }

    /// The templates of a range.
    pub(super) fn load(&self, range: usize) -> Result<Loaded, Error> {
        let lists = || self.parts.iter().flat_map(|part| &part[range]);
        let bytes: usize = lists().map(|(_, length)| *length as usize).sum();
        let mut loaded = Loaded {
            bytes: vec![0; bytes + SLACK],
            _held: self.account.hold((bytes + SLACK) as u64),
        };
        let mut rest = &mut loaded.bytes[..];
        for (at, length) in lists() {
            let (stretch, after) = rest.split_at_mut(*length as usize);
            let read = self.scratch.file().read_exact_at(stretch, *at);
            read.map_err(self.scratch.failed())?;
            rest = after;
        }
        Ok(loaded)
    }
}

/// One part of the file.
struct Part<'a> {
    scratch: &'a Scratch,
    /// Where the next bytes are written.
    at: u64,
    lists: Vec<Vec<(u64, u32)>>,
}

impl Part<'_> {
    fn scatter(&mut self, mut reader: Reader<'_>, to: &[u32], each: usize) -> Result<(), Error> {
        let mut buffers: Vec<Vec<u8>> = vec![Vec::new(); self.lists.len()];
        for range in to {
            let range = *range as usize;
            let buffer = &mut buffers[range];
            if buffer.capacity() == 0 {
                buffer.reserve_exact(each);
            }
            reader.append(buffer)?;
            if buffer.len() >= each - each / 8 {
                self.append(range, &buffers[range])?;
                buffers[range].clear();
            }
        }
        for (range, buffer) in buffers.iter().enumerate() {
            self.append(range, buffer)?;
        }
        Ok(())
    }

    fn append(&mut self, range: usize, bytes: &[u8]) -> Result<(), Error> {
        // Longer ones, of templates that are far larger than a buffer, in pieces of what 32 bits tell.
        for bytes in bytes.chunks(1 << 30) {
            let written = self.scratch.file().write_all_at(bytes, self.at);
            written.map_err(self.scratch.failed())?;
            self.lists[range].push((self.at, bytes.len() as u32));
            self.at += bytes.len() as u64;
        }
        Ok(())
    }
}

/// The templates of a range, in the order in which they came, in memory.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) bytes: Vec<u8>,
    _held: Held,
}

impl Loaded {
    /// Where the packed template of each of the range's rows begins.
    pub(super) fn places(&self, rows: &[LargeRow]) -> Result<Vec<usize>, Error> {
        let mut arrived: Vec<u32> = (0..rows.len() as u32).collect();
        arrived.sort_unstable_by_key(|row| rows[*row as usize].place());
        let mut places = vec![0; rows.len()];
        let mut at = 0;
        for row in arrived {
            places[row as usize] = at;
            at = template(&self.bytes, at)?.1;
        }
        Ok(places)
    }
}
