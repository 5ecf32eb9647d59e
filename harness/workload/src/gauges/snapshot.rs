//! Reading a gauge page: plain data out of bytes that anybody may have written.

use std::fs::File;
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};

use crate::env::AllocatorChoice;

use super::layout::{
    LEDGER_SLOTS, MAGIC, NAME_BYTES, NOT_KNOWN, PHASE_SLOTS, PROGRESS_SLOTS, SIZE, VERSION, at,
    flags,
};

/// What a page said at one instant (each figure by itself: the program does not stop while it is read).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The process that writes the page.
    pub writer: u32,
    /// The progress announced last.
    pub progress: Option<ProgressEntry>,
    /// What the program believes it holds, in the order it named the components; at most 32.
    pub ledger: Vec<LedgerEntry>,
    /// Name of the phase that runs.
    pub phase: Option<String>,
    /// Every phase so far, in order of first appearance; at most 64.
    pub phases: Vec<PhaseEntry>,
    /// The highest VmHWM in bytes that was read before it was reset; the process's peak is the larger of this and
    /// what the kernel reports at the end.
    pub resident_peak: Option<u64>,
    /// Rust's heap, where it is counted.
    pub rust: Option<HeapSide>,
    /// The C heap, where it is counted.
    pub c: Option<HeapSide>,
    /// Peak in bytes of both heaps together, where they are counted.
    pub heap_peak: Option<u64>,
    /// Bytes by which the figures of each heap may be off: those that the threads alive had not handed in.
    pub heap_error: u64,
    /// Whether totals and calls are exact: nothing was held back by any thread, or all of it handed in, as it is by a
    /// process that ends by itself.
    #[serde(default)]
    pub heap_is_whole: bool,
    /// What malloc holds, where it was asked.
    pub held: Option<Held>,
    /// What serves the heap, as far as the page says.
    #[serde(default)]
    pub allocator: AllocatorChoice,
    /// Differently named progress, components and phases for which there was no slot; counted up to 256.
    pub left_out: u32,
}

/// See [`Snapshot::progress`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressEntry {
    /// What a unit is.
    pub unit: String,
    /// Units done.
    pub done: u64,
    /// Units in all, where known.
    pub total: Option<u64>,
}

/// See [`Snapshot::ledger`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Its name.
    pub component: String,
    /// Bytes.
    pub bytes: u64,
}

/// See [`Snapshot::phases`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseEntry {
    /// Its name.
    pub name: String,
    /// Its resident peak in bytes (the highest, if it ran several times), where it was read.
    pub peak: Option<u64>,
    /// How often it has begun.
    pub begun: u64,
}

/// One side of the heap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeapSide {
    /// Bytes allocated now. Rust: as asked for; C: as malloc rounded them.
    pub live: u64,
    /// The most bytes allocated at once.
    pub peak: u64,
    /// Bytes ever allocated; a reallocation counts its new size.
    pub total: u64,
    /// Allocations ever made; a reallocation is one.
    pub calls: u64,
}

/// malloc's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Bytes it holds from the system.
    pub held: u64,
    /// Bytes of them that it has handed out, chunk headers and rounding included.
    pub used: u64,
    /// Whether Rust's heap is among them (not under another allocator).
    pub covers_rust: bool,
    /// When, CLOCK_MONOTONIC nanoseconds.
    pub t: u64,
}

/// Why bytes are no gauge page.
#[derive(Debug, thiserror::Error)]
pub enum NotAPage {
    /// Too short: somebody cut the file.
    #[error("a gauge page has {SIZE} bytes, this one {0}")]
    Short(usize),
    /// Nobody has mapped it: a program that does not keep gauges, or not yet.
    #[error("no program has mapped the gauge page")]
    Unused,
    /// Written by something that does not know the layout.
    #[error("the gauge page has version {0}; this plimsoll reads {VERSION}")]
    Version(u32),
    /// The bytes in front are neither zeros nor the magic number.
    #[error("the gauge page does not begin with its magic number")]
    Magic,
    /// The file could not be read.
    #[error("reading the gauge page: {0}")]
    Io(#[from] std::io::Error),
}

impl Snapshot {
    /// Reads the page out of an open file, with one `pread`.
    ///
    /// # Errors
    /// See [`NotAPage`].
    pub fn read_file(file: &File) -> Result<Self, NotAPage> {
        let mut page = [0; SIZE];
        let length = file.read_at(&mut page, 0)?;
        Self::read(&page[..length])
    }

    /// Reads a page out of bytes. Any bytes do: names are cut and made UTF-8, figures below zero are zero.
    ///
    /// # Errors
    /// See [`NotAPage`].
    pub fn read(page: &[u8]) -> Result<Self, NotAPage> {
        let page: &[u8; SIZE] = page.first_chunk().ok_or(NotAPage::Short(page.len()))?;
        let page = Reader(page);
        match page.u64(at::MAGIC) {
            MAGIC => {}
            0 => return Err(NotAPage::Unused),
            _ => return Err(NotAPage::Magic),
        }
        if page.u32(at::VERSION) != VERSION {
            return Err(NotAPage::Version(page.u32(at::VERSION)));
        }
        let bits = page.u32(at::FLAGS);
        let side = |bit, start| (bits & bit != 0).then(|| page.side(start));
        let phases: Vec<_> = (0..PHASE_SLOTS)
            .map_while(|slot| page.phase(slot))
            .collect();
        Ok(Self {
            writer: page.u32(at::WRITER),
            progress: page
                .current(at::PROGRESS_NOW)
                .and_then(|slot| page.progress(slot)),
            ledger: (0..LEDGER_SLOTS)
                .map_while(|slot| page.component(slot))
                .collect(),
            phase: page
                .current(at::PHASE_NOW)
                .and_then(|slot| Some(phases.get(slot)?.name.clone())),
            phases,
            resident_peak: nonzero(page.u64(at::RESIDENT_PEAK)),
            rust: side(flags::RUST_COUNTED, at::RUST),
            c: side(flags::C_COUNTED, at::C),
            heap_peak: (bits & (flags::RUST_COUNTED | flags::C_COUNTED) != 0)
                .then(|| page.u64(at::HEAP_PEAK)),
            heap_error: page
                .u64(at::HEAP_LAG)
                .saturating_mul(page.u64(at::HEAP_THREADS)),
            heap_is_whole: bits & flags::LOST == 0
                && (bits & flags::HOLDS_BACK == 0
                    || bits & flags::CONCLUDED != 0 && page.u64(at::HEAP_THREADS) <= 1),
            held: nonzero(page.u64(at::HELD_AT)).map(|t| Held {
                held: page.u64(at::HELD),
                used: page.u64(at::USED),
                covers_rust: bits & flags::RUST_IN_MALLOC != 0,
                t,
            }),
            allocator: AllocatorChoice::ALL
                .into_iter()
                .find(|choice| bits & flags::of(*choice) != 0)
                .unwrap_or_default(),
            left_out: page.u32(at::LEFT_OUT),
        })
    }
}

fn nonzero(value: u64) -> Option<u64> {
    (value != 0).then_some(value)
}

/// A page's bytes, field by field. Every offset below is a constant within [`SIZE`], or a slot's within its table.
struct Reader<'a>(&'a [u8; SIZE]);

impl Reader<'_> {
    fn u32(&self, at: usize) -> u32 {
        self.0[at..]
            .first_chunk()
            .map_or(0, |bytes| u32::from_ne_bytes(*bytes))
    }

    fn u64(&self, at: usize) -> u64 {
        self.0[at..]
            .first_chunk()
            .map_or(0, |bytes| u64::from_ne_bytes(*bytes))
    }

    /// A signed figure that can be below zero only by mistake.
    fn level(&self, at: usize) -> u64 {
        u64::try_from(self.u64(at) as i64).unwrap_or(0)
    }

    /// The slot that a "now" field points at; a wild one is caught where the table ends.
    fn current(&self, at: usize) -> Option<usize> {
        (self.u32(at) as usize).checked_sub(1)
    }

    fn name(&self, at: usize) -> Option<String> {
        let length = (self.u32(at) as usize).min(NAME_BYTES);
        let text = &self.0[at + at::NAME_TEXT..][..length];
        (length > 0).then(|| String::from_utf8_lossy(text).into_owned())
    }

    fn side(&self, start: usize) -> HeapSide {
        HeapSide {
            live: self.level(start + at::SIDE_LIVE),
            peak: self.u64(start + at::SIDE_PEAK),
            total: self.u64(start + at::SIDE_TOTAL),
            calls: self.u64(start + at::SIDE_CALLS),
        }
    }

    fn progress(&self, slot: usize) -> Option<ProgressEntry> {
        let start = at::PROGRESS + (slot < PROGRESS_SLOTS).then_some(slot)? * at::PROGRESS_SIZE;
        let total = self.u64(start + at::PROGRESS_TOTAL);
        Some(ProgressEntry {
            unit: self.name(start)?,
            done: self.u64(start + at::PROGRESS_DONE),
            total: (total != NOT_KNOWN).then_some(total),
        })
    }

    fn component(&self, slot: usize) -> Option<LedgerEntry> {
        let start = at::LEDGER + slot * at::LEDGER_SIZE;
        Some(LedgerEntry {
            component: self.name(start)?,
            bytes: self.level(start + at::LEDGER_BYTES),
        })
    }

    fn phase(&self, slot: usize) -> Option<PhaseEntry> {
        let start = at::PHASES + slot * at::PHASE_SIZE;
        Some(PhaseEntry {
            name: self.name(start)?,
            peak: nonzero(self.u64(start + at::PHASE_PEAK)),
            begun: self.u64(start + at::PHASE_BEGUN),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_a_page_says_why() {
        let message = |bytes: &[u8]| Snapshot::read(bytes).unwrap_err().to_string();
        assert_eq!(message(&[]), "a gauge page has 16384 bytes, this one 0");
        assert_eq!(message(&[0; SIZE]), "no program has mapped the gauge page");
        assert_eq!(
            message(&[1; SIZE]),
            "the gauge page does not begin with its magic number"
        );
        let mut page = [0xff; SIZE];
        page[..8].copy_from_slice(b"PLIMSOLL");
        assert_eq!(
            message(&page),
            "the gauge page has version 4294967295; this plimsoll reads 1"
        );
    }

    #[test]
    fn a_hostile_page_is_read_within_bounds() {
        let mut page = [0xff; SIZE];
        page[..8].copy_from_slice(b"PLIMSOLL");
        page[8..12].copy_from_slice(&VERSION.to_ne_bytes());
        let snapshot = Snapshot::read(&page).unwrap();
        assert_eq!(snapshot.ledger.len(), LEDGER_SLOTS);
        assert_eq!(snapshot.ledger[0].bytes, 0, "-1 is no size");
        assert_eq!(snapshot.phases.len(), PHASE_SLOTS);
        assert_eq!((snapshot.phase, snapshot.progress), (None, None));
        assert_eq!(snapshot.heap_error, u64::MAX);
    }

    proptest! {
        #[test]
        fn no_page_panics(seed: u64, scattered in prop::collection::vec((0..SIZE, any::<u8>()), 0..400)) {
            let mut page = [0u8; SIZE];
            let mut state = seed;
            for byte in &mut page {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = if seed % 2 == 0 { 0 } else { (state >> 56) as u8 };
            }
            for (at, byte) in scattered {
                page[at] = byte;
            }
            page[..8].copy_from_slice(b"PLIMSOLL");
            page[8..12].copy_from_slice(&VERSION.to_ne_bytes());
            let snapshot = Snapshot::read(&page).unwrap();
            prop_assert!(snapshot.ledger.iter().all(|l| l.component.len() <= 3 * NAME_BYTES));
        }
    }
}
