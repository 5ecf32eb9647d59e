//! What a crash leaves: all writes to a store are recorded, and played back as far as they may have reached the disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::header::{SLOT, SLOTS};
use super::ids::{beside, sums_beside};
use super::medium::{Part, Watch};
use super::shape::PAGE;

/// What a disk writes whole, or not at all.
const SECTOR: u64 = 512;

/// Keeps everything that is done to the files of a store that it [watches](super::AppendOptions::watch).
#[derive(Debug, Default)]
pub struct Recording {
    events: Mutex<Vec<Event>>,
}

#[derive(Debug)]
enum Event {
    Reserve(Part, u64),
    Cut(Part, u64),
    Write(Part, u64, Vec<u8>),
    Sync(Part, Range<u64>),
    Published,
}

impl Watch for Recording {
    fn reserve(&self, part: Part, length: u64) -> io::Result<()> {
        self.events().push(Event::Reserve(part, length));
        Ok(())
    }

    fn cut(&self, part: Part, length: u64) {
        self.events().push(Event::Cut(part, length));
    }

    fn write(&self, part: Part, at: u64, bytes: &[u8]) {
        self.events().push(Event::Write(part, at, bytes.to_vec()));
    }

    fn sync(&self, part: Part, range: Range<u64>) -> io::Result<()> {
        self.events().push(Event::Sync(part, range));
        Ok(())
    }

    fn published(&self) {
        self.events().push(Event::Published);
    }
}

/// Files as a crash leaves them.
#[derive(Debug, Clone)]
pub struct Wreck {
    files: BTreeMap<Part, Disk>,
    /// Records of the last commit that was completed: what the store must have, unless it has `begun`.
    pub committed: u64,
    /// Records of the commit that was under way, if its header was being written, or `committed`.
    pub begun: u64,
}

/// A file: how long, and its pages that are not all zero.
#[derive(Debug, Clone, Default)]
struct Disk {
    length: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

/// A file while it is written.
#[derive(Debug, Default)]
struct Playing {
    /// What is on the disk for certain.
    disk: Disk,
    /// How long the file is.
    length: u64,
    /// What was written since, by page: where in it, and what.
    since: BTreeMap<u64, Vec<(usize, Vec<u8>)>>,
}

impl Disk {
    fn write(&mut self, page: u64, within: usize, bytes: &[u8]) {
        let page = self
            .pages
            .entry(page)
            .or_insert_with(|| vec![0; PAGE as usize]);
        page[within..within + bytes.len()].copy_from_slice(bytes);
    }
}

impl Playing {
    fn write(&mut self, mut at: u64, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let within = (at % PAGE) as usize;
            let (here, rest) = bytes.split_at(bytes.len().min(PAGE as usize - within));
            self.since
                .entry(at / PAGE)
                .or_default()
                .push((within, here.to_vec()));
            at += here.len() as u64;
            bytes = rest;
        }
    }

    fn sync(&mut self, range: &Range<u64>) {
        let pages = range.start / PAGE..range.end.div_ceil(PAGE);
        let synced: Vec<u64> = self.since.range(pages).map(|(&page, _)| page).collect();
        for page in synced {
            for (within, bytes) in self.since.remove(&page).unwrap_or_default() {
                self.disk.write(page, within, &bytes);
            }
        }
        self.disk.length = self.length;
    }

    /// What is on the disk when of the `n` last writes to a page, or changes of the length, the first `keep(n)` got there.
    fn crash(mut self, keep: &mut impl FnMut(usize) -> usize) -> Disk {
        if self.length != self.disk.length && keep(1) > 0 {
            self.disk.length = self.length;
        }
        for (page, writes) in &self.since {
            for (within, bytes) in &writes[..keep(writes.len()).min(writes.len())] {
                self.disk.write(*page, *within, bytes);
            }
        }
        self.disk
    }
}

impl Recording {
    fn events(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same writes as if nothing had been synced since the store got its name.
    #[cfg(test)]
    pub(super) fn without_syncs(&self) -> Self {
        let mut named = false;
        let mut events = std::mem::take(&mut *self.events());
        events.retain(|event| {
            named |= matches!(event, Event::Published);
            !named || !matches!(event, Event::Sync(..))
        });
        Self {
            events: Mutex::new(events),
        }
    }

    /// The moments at which a crash leaves a store to be found: after so many events.
    #[must_use]
    pub fn moments(&self) -> Range<usize> {
        let events = self.events();
        let named = events
            .iter()
            .position(|event| matches!(event, Event::Published));
        named.map_or(0..0, |at| at + 1..events.len() + 1)
    }

    /// How many bytes of the last write before this moment may be there: none, those up to each sector's end, or all. Only
    /// `[0]` where no write is the last event.
    #[must_use]
    pub fn cuts(&self, moment: usize) -> Vec<usize> {
        let events = self.events();
        let Some(Event::Write(_, at, bytes)) = moment.checked_sub(1).and_then(|at| events.get(at))
        else {
            return vec![0];
        };
        let ends = |&length: &usize| {
            length == 0 || length == bytes.len() || (at + length as u64).is_multiple_of(SECTOR)
        };
        (0..=bytes.len()).filter(ends).collect()
    }

    /// What a crash at this moment leaves, of whose last write the first `cut` bytes were done.
    ///
    /// The system writes pages when it likes: of the `n` writes to a page since the last sync, `keep(n)` are on the disk,
    /// at most all.
    pub fn crash(&self, moment: usize, cut: usize, mut keep: impl FnMut(usize) -> usize) -> Wreck {
        let events = self.events();
        let mut files = BTreeMap::<Part, Playing>::new();
        let (mut committed, mut begun) = (0, None);
        let last = moment.wrapping_sub(1);
        for (at, event) in events.iter().enumerate().take(moment) {
            match event {
                Event::Reserve(part, length) => {
                    let file = files.entry(*part).or_default();
                    file.length = file.length.max(*length);
                }
                Event::Cut(part, length) => {
                    let file = files.entry(*part).or_default();
                    file.length = *length;
                    file.since.retain(|page, _| page * PAGE < *length);
                }
                Event::Write(part, to, bytes) => {
                    let done = if at == last { cut } else { bytes.len() };
                    let done = &bytes[..done.min(bytes.len())];
                    files.entry(*part).or_default().write(*to, done);
                    if *part == Part::Records && !done.is_empty() {
                        begun = count_of(*to, bytes).or(begun);
                    }
                }
                Event::Sync(part, range) => {
                    files.entry(*part).or_default().sync(range);
                    if *part == Part::Records && range.start == 0 {
                        committed = begun.take().unwrap_or(committed);
                    }
                }
                Event::Published => {}
            }
        }
        let files = files
            .into_iter()
            .map(|(part, file)| (part, file.crash(&mut keep)));
        Wreck {
            files: files.collect(),
            committed,
            begun: begun.unwrap_or(committed),
        }
    }
}

/// The number of records that a write to a slot of the header tells.
fn count_of(at: u64, bytes: &[u8]) -> Option<u64> {
    let is_slot = SLOTS.contains(&(at as usize)) && bytes.len() == SLOT;
    let field = bytes.get(16..24).filter(|_| is_slot)?;
    Some(u64::from_le_bytes(field.try_into().ok()?))
}

impl Wreck {
    /// Puts the files at `path` and beside it.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        for (part, disk) in &self.files {
            let file = match part {
                Part::Records => File::create(path)?,
                Part::Ids => File::create(beside(path))?,
                Part::Sums => File::create(sums_beside(path))?,
            };
            for (page, bytes) in &disk.pages {
                let at = page * PAGE;
                let there = disk.length.saturating_sub(at).min(PAGE) as usize;
                file.write_all_at(&bytes[..there], at)?;
            }
            file.set_len(disk.length)?;
        }
        Ok(())
    }
}
