//! A file in memory, read by many while one appends to it: all the unsafe code of the store.
//!
//! The mapping reaches beyond the end of the file, as far as addresses are free, so that a file that grows need not be mapped
//! again; where it outgrows that all the same, it is mapped once more, twice as far, and the mappings before it stay. A
//! slice is thus good for as long as the mapping lives.
//!
//! Bytes are of three kinds, by where they are. Those *sealed*, from `start` up to a mark that only rises, are never written
//! again, and are the only ones that can be borrowed. Those before `start` (headers) and behind the mark belong to the one [`Pen`].
//!
//! A file that another program cuts short while it is mapped ends the process at the next touch (SIGBUS); files are locked
//! against that, as far as others ask for locks.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::slice;
use std::sync::{Arc, OnceLock};

use memmap2::{Advice, UncheckedAdvice};
#[cfg(not(miri))]
use memmap2::{MmapOptions, MmapRaw};

use super::progress::Progress;
#[cfg(miri)]
use memory::{MmapOptions, MmapRaw};

#[cfg(miri)]
mod memory;
#[cfg(test)]
mod tests;

/// How far the first mapping of a growing file reaches. Addresses cost nothing until they are touched.
const REACH: u64 = 256 << 30;

/// Mappings that a file can have in turn: each is twice the one before, or more.
const MAPPINGS: usize = 48;

/// A file in memory.
#[derive(Debug)]
pub(super) struct Mapping {
    /// Each reaches farther than the one before; all those up to the newest are there.
    maps: [OnceLock<MmapRaw>; MAPPINGS],
    start: u64,
    progress: Progress,
}

/// The right to write into a mapping; there is one.
#[derive(Debug)]
pub(super) struct Pen {
    mapping: Arc<Mapping>,
    /// Bytes that the file has, every one of them with its place on the disk.
    held: u64,
}

fn outside() -> io::Error {
    io::Error::other("bytes outside of what may be touched here")
}

fn map(file: &File, length: u64, writable: bool) -> io::Result<MmapRaw> {
    let length = usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut options = MmapOptions::new();
    options.len(length);
    if writable {
        options.map_raw(file)
    } else {
        options.map_raw_read_only(file)
    }
}

/// Maps a file that grows, from `length` bytes on.
fn map_growing(file: &File, length: u64, reach: u64) -> io::Result<MmapRaw> {
    // Miri does not know the call.
    let limited = !cfg!(miri)
        && rustix::process::getrlimit(rustix::process::Resource::As)
            .current
            .is_some();
    let mut reach = if limited { length } else { reach.max(length) };
    loop {
        match map(file, reach, true) {
            Err(_) if reach > length => reach = (reach / 2).max(length),
            result => return result,
        }
    }
}

impl Mapping {
    fn of(map: MmapRaw, sealed: Range<u64>) -> Arc<Self> {
        let maps = [const { OnceLock::new() }; MAPPINGS];
        // A fresh cell takes what it is given.
        let _ = maps[0].set(map);
        Arc::new(Self {
            maps,
            start: sealed.start,
            progress: Progress::new(sealed.end),
        })
    }

    /// Maps the file, to be read within `sealed`. Fails where the file ends before.
    pub(super) fn to_read(file: &File, sealed: Range<u64>) -> io::Result<Arc<Self>> {
        if sealed.start > sealed.end || file.metadata()?.len() < sealed.end {
            return Err(outside());
        }
        Ok(Self::of(map(file, sealed.end, false)?, sealed))
    }

    /// Maps the file, to be read within `sealed` and written elsewhere. All its bytes must have been reserved.
    pub(super) fn to_write(file: &File, sealed: Range<u64>) -> io::Result<(Arc<Self>, Pen)> {
        Self::reaching(file, sealed, REACH)
    }

    /// The same, with a first mapping that reaches so far beyond the file, if it can.
    fn reaching(file: &File, sealed: Range<u64>, reach: u64) -> io::Result<(Arc<Self>, Pen)> {
        let held = file.metadata()?.len();
        if sealed.start > sealed.end || held < sealed.end {
            return Err(outside());
        }
        let map = map_growing(file, held.max(1), reach)?;
        let mapping = Self::of(map, sealed);
        let pen = Pen {
            mapping: mapping.clone(),
            held,
        };
        Ok((mapping, pen))
    }

    fn newest(&self) -> Option<&MmapRaw> {
        self.maps[self.progress.newest()].get()
    }

    /// Where sealed bytes end.
    pub(super) fn sealed(&self) -> u64 {
        self.progress.sealed()
    }

    /// These bytes, if they are sealed.
    pub(super) fn bytes(&self, range: Range<u64>) -> Option<&[u8]> {
        let within =
            self.start <= range.start && range.start <= range.end && range.end <= self.sealed();
        let map = self.newest().filter(|_| within)?;
        // The casts lose nothing: what is sealed is mapped, and so within `usize`.
        let (at, length) = (range.start as usize, (range.end - range.start) as usize);
        // SAFETY: the bytes are in the file, within the newest mapping (it was in place before `sealed` rose to what was
        // just read), which stays until `self` goes, and nobody writes to sealed bytes.
        Some(unsafe { slice::from_raw_parts(map.as_ptr().add(at), length) })
    }

    /// Tells the system how all bytes will be read, those to come included; a hint.
    pub(super) fn advise_all(&self, advice: Advice) {
        if let Some(map) = self.newest() {
            let _ = map.advise(advice);
        }
    }

    /// Tells the system how these bytes will be read; a hint.
    pub(super) fn advise(&self, range: Range<u64>, advice: Advice) {
        let end = range.end.min(self.sealed());
        if let Some(map) = self.newest().filter(|_| range.start < end) {
            let _ = map.advise_range(advice, range.start as usize, (end - range.start) as usize);
        }
    }

    /// Takes these bytes out of the process's memory; they come back from the page cache, or the file, when they are touched.
    pub(super) fn release(&self, range: Range<u64>) {
        let end = range.end.min(self.sealed());
        let newest = self.progress.newest();
        for map in self.maps[..=newest].iter().filter_map(OnceLock::get) {
            let end = end.min(map.len() as u64);
            if range.start < end {
                let (at, length) = (range.start as usize, (end - range.start) as usize);
                // SAFETY: of a shared mapping of a file nothing is lost by this, what is written to it included.
                let _ =
                    unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, at, length) };
            }
        }
    }
}

impl Pen {
    /// Bytes that may be written, as far as they are not sealed.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// Writes these bytes, before the sealed ones or behind them.
    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mapping = &self.mapping;
        let end = at.checked_add(bytes.len() as u64).ok_or_else(outside)?;
        let apart = end <= mapping.start || at >= mapping.sealed();
        let map = mapping.newest().filter(|_| apart && end <= self.held);
        let map = map.ok_or_else(outside)?;
        // SAFETY: the bytes are in the file and in the newest mapping (`extend` sees to both); no slice of them exists, since
        // they are not sealed; and nobody else writes, since there is one pen and it is borrowed.
        unsafe {
            let to = map.as_mut_ptr().add(at as usize);
            to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Ok(())
    }

    /// Takes note that the file has grown to `held` bytes, all reserved, and maps it again if need be.
    pub(super) fn extend(&mut self, file: &File, held: u64) -> io::Result<()> {
        let mapping = &self.mapping;
        let newest = mapping.progress.newest();
        let reach = mapping.newest().map_or(0, |map| map.len() as u64);
        if held > reach {
            let next = newest + 1;
            let cell = mapping.maps.get(next).ok_or_else(outside)?;
            // The memory that stands for the next mapping knows of what was written to this one by the file only.
            #[cfg(miri)]
            self.sync(0..self.held)?;
            let map = map_growing(file, held, reach.saturating_mul(2))?;
            if cell.set(map).is_err() {
                return Err(outside());
            }
            mapping.progress.map(next);
        }
        self.held = held;
        Ok(())
    }

    /// Takes note that the file is about to be cut to `held` bytes again, of which nothing sealed is lost.
    pub(super) fn shrink(&mut self, held: u64) {
        self.held = held.max(self.mapping.sealed());
    }

    /// Makes what is written up to `end` readable, and no longer writable.
    pub(super) fn seal(&mut self, end: u64) {
        let end = end.min(self.held).max(self.mapping.sealed());
        self.mapping.progress.seal(end);
    }

    /// Waits until these bytes are on the disk.
    pub(super) fn sync(&self, range: Range<u64>) -> io::Result<()> {
        let end = range.end.min(self.held);
        match self.mapping.newest() {
            Some(map) if range.start < end => {
                map.flush_range(range.start as usize, (end - range.start) as usize)
            }
            _ => Ok(()),
        }
    }
}
