//! Writing to a gauge page: slots found by name, published once, kept up to date by whoever holds their number.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, AtomicU64};

use super::layout::{
    HeapCells, LEDGER_SLOTS, LedgerCells, NAME_BYTES, NOT_KNOWN, Name, PHASE_SLOTS, PROGRESS_SLOTS,
    Page, PhaseCells, ProgressCells, SideCells,
};

/// A page to write to: the mapped one, or one of this context's own that nobody else reads.
#[derive(Clone)]
pub(crate) enum PageRef {
    Mapped(&'static Page),
    Own(Arc<Page>),
}

impl PageRef {
    /// A page in ordinary memory.
    pub(crate) fn own() -> Self {
        Self::Own(Arc::new(Page::new()))
    }
}

impl Deref for PageRef {
    type Target = Page;
    fn deref(&self) -> &Page {
        match self {
            Self::Mapped(page) => page,
            Self::Own(page) => page,
        }
    }
}

impl std::fmt::Debug for PageRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mapped(_) => "mapped gauge page",
            Self::Own(_) => "own gauge page",
        })
    }
}

impl Name {
    const fn new() -> Self {
        Self {
            length: AtomicU32::new(0),
            bytes: [const { AtomicU8::new(0) }; NAME_BYTES],
        }
    }

    /// What `text` becomes as a name.
    fn cut(text: &str) -> &str {
        &text[..text.floor_char_boundary(NAME_BYTES)]
    }

    /// Whether this slot is free (`None`) or already has the (cut) name.
    fn holds(&self, cut: &str) -> Option<bool> {
        let length = self.length.load(Acquire) as usize;
        (length > 0).then(|| {
            length == cut.len()
                && self
                    .bytes
                    .iter()
                    .zip(cut.bytes())
                    .all(|(a, b)| a.load(Relaxed) == b)
        })
    }

    fn publish(&self, cut: &str) {
        for (cell, byte) in self.bytes.iter().zip(cut.bytes()) {
            cell.store(byte, Relaxed);
        }
        self.length.store(cut.len() as u32, Release);
    }
}

impl SideCells {
    pub(crate) const fn new() -> Self {
        Self {
            live: AtomicI64::new(0),
            peak: AtomicU64::new(0),
            total: AtomicU64::new(0),
            calls: AtomicU64::new(0),
        }
    }
}

impl HeapCells {
    pub(crate) const fn new() -> Self {
        Self {
            rust: SideCells::new(),
            c: SideCells::new(),
            peak: AtomicU64::new(0),
            lag: AtomicU64::new(0),
            threads: AtomicU64::new(0),
            held: AtomicU64::new(0),
            used: AtomicU64::new(0),
            held_at: AtomicU64::new(0),
        }
    }

    /// Begins with so many live bytes, in one thread. What was counted in all, and the peaks, are of the process and
    /// go on.
    pub(crate) fn begin(&self, rust: i64, c: i64, threads: u64) {
        let mut both = 0;
        for (side, live) in [(&self.rust, rust), (&self.c, c)] {
            side.live.store(live, Relaxed);
            let live = u64::try_from(live).unwrap_or(0);
            side.peak.fetch_max(live, Relaxed);
            both += live;
        }
        self.peak.fetch_max(both, Relaxed);
        self.threads.store(threads, Relaxed);
        self.held_at.store(0, Relaxed);
    }
}

impl Page {
    pub(crate) const fn new() -> Self {
        Self {
            magic: AtomicU64::new(super::MAGIC),
            version: AtomicU32::new(super::VERSION),
            writer: AtomicU32::new(0),
            flags: AtomicU32::new(0),
            progress_now: AtomicU32::new(0),
            phase_now: AtomicU32::new(0),
            left_out: AtomicU32::new(0),
            resident_peak: AtomicU64::new(0),
            heap: HeapCells::new(),
            progress: [const {
                ProgressCells {
                    unit: Name::new(),
                    done: AtomicU64::new(0),
                    total: AtomicU64::new(0),
                }
            }; PROGRESS_SLOTS],
            ledger: [const {
                LedgerCells {
                    component: Name::new(),
                    bytes: AtomicI64::new(0),
                }
            }; LEDGER_SLOTS],
            phases: [const {
                PhaseCells {
                    name: Name::new(),
                    peak: AtomicU64::new(0),
                    begun: AtomicU64::new(0),
                }
            }; PHASE_SLOTS],
            image: AtomicU64::new(0),
        }
    }

    /// Announces progress in `unit`s from nothing done, and makes it the one that counts.
    /// `None` where all slots have other names. The caller holds the lock on registrations, here and below.
    pub(crate) fn progress_slot(&self, unit: &str, total: Option<u64>) -> Option<usize> {
        let slot = self.slot(self.progress.iter().map(|p| &p.unit), unit)?;
        self.progress[slot].done.store(0, Relaxed);
        self.progress[slot]
            .total
            .store(total.unwrap_or(NOT_KNOWN), Relaxed);
        self.progress_now.store(slot as u32 + 1, Release);
        Some(slot)
    }

    /// The slot of a ledger component, the same for the same name.
    pub(crate) fn ledger_slot(&self, component: &str) -> Option<usize> {
        self.slot(self.ledger.iter().map(|l| &l.component), component)
    }

    /// The slot of a phase, the same for the same name.
    pub(crate) fn phase_slot(&self, name: &str) -> Option<usize> {
        self.slot(self.phases.iter().map(|p| &p.name), name)
    }

    /// Finds or takes the slot of `name`; the nameless is called `unnamed`, for an empty name marks a free slot.
    fn slot<'a>(&self, names: impl Iterator<Item = &'a Name>, name: &str) -> Option<usize> {
        let cut = Name::cut(if name.is_empty() { "unnamed" } else { name });
        names
            .enumerate()
            .find_map(|(slot, held)| match held.holds(cut) {
                None => {
                    held.publish(cut);
                    Some(slot)
                }
                Some(same) => same.then_some(slot),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &Name) -> String {
        let length = name.length.load(Acquire) as usize;
        let bytes = name.bytes[..length]
            .iter()
            .map(|b| b.load(Relaxed))
            .collect();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_name_has_one_slot() {
        let page = Page::new();
        assert_eq!(page.ledger_slot("queue"), Some(0));
        assert_eq!(page.ledger_slot("seen"), Some(1));
        assert_eq!(page.ledger_slot("queue"), Some(0));
        assert_eq!(page.phase_slot("queue"), Some(0));
        assert_eq!(page.ledger_slot(""), Some(2));
        assert_eq!(page.ledger_slot("unnamed"), Some(2));
        for i in 3..LEDGER_SLOTS {
            assert_eq!(page.ledger_slot(&i.to_string()), Some(i));
        }
        assert_eq!(page.ledger_slot("one more"), None);
        assert_eq!(page.ledger_slot("seen"), Some(1));
    }

    #[test]
    fn long_names_are_cut_at_a_character() {
        let page = Page::new();
        assert_eq!(page.phase_slot(&format!("x{}", "é".repeat(60))), Some(0));
        assert_eq!(text(&page.phases[0].name), format!("x{}", "é".repeat(29)));
    }

    #[test]
    fn progress_announced_again_begins_again() {
        let page = Page::new();
        assert_eq!(page.progress_slot("rows", Some(10)), Some(0));
        page.progress[0].done.store(10, Relaxed);
        assert_eq!(page.progress_slot("bytes", None), Some(1));
        assert_eq!(page.progress_now.load(Relaxed), 2);
        assert_eq!(page.progress_slot("rows", None), Some(0));
        assert_eq!(page.progress_now.load(Relaxed), 1);
        let rows = &page.progress[0];
        assert_eq!(
            (rows.done.load(Relaxed), rows.total.load(Relaxed)),
            (0, NOT_KNOWN)
        );
    }
}
