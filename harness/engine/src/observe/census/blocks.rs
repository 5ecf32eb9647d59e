//! malloc's large blocks among a process's anonymous memory, told by the words that glibc puts in front of each.
//!
//! glibc maps large blocks one by one, and the kernel merges neighbouring mappings, be they malloc's or
//! the program's own, so that `smaps` shows both as one. In front of a mapped block glibc keeps two words: how far the block lies behind the
//! beginning of its mapping (0 unless it was aligned) and its size, with the second bit set and the first and third clear
//! (`malloc/malloc.c`, "chunk representation"). Such words are looked for at the beginnings of pages, from one block to the next. That foreign
//! memory holds the like by chance is found out by the caller: the sizes must add up to what malloc itself says it has mapped.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::smaps::Mapping;

const PAGE: u64 = 4096;
/// Bits of a size: mapped on its own, and its neighbours.
const FLAGS: u64 = 7;
const MAPPED: u64 = 2;
/// Two words in front of what the program gets.
const HEAD: u64 = 16;
/// Pages of others that are looked at at most: reading one takes about a microsecond, in which the program may stand still.
const PATIENCE: u32 = 1 << 19;
/// Entries of the page map read at once.
const BATCH: usize = 1 << 14;

/// What is read of a process.
pub(super) trait Memory {
    /// The two words at an address; none where that cannot be read.
    fn words(&mut self, at: u64) -> Option<[u64; 2]>;
    /// For each page from `start` to `end`, whether it is in memory; none where that cannot be told.
    fn present(&mut self, start: u64, end: u64) -> Option<Vec<bool>>;
}

/// A process's memory through `/proc`.
#[derive(Debug)]
pub(super) struct ProcessMemory {
    memory: File,
    pages: File,
}

impl ProcessMemory {
    /// Opens it; `None` where the kernel does not permit it.
    pub(super) fn open(pid: i32) -> Option<Self> {
        Some(Self {
            memory: File::open(format!("/proc/{pid}/mem")).ok()?,
            pages: File::open(format!("/proc/{pid}/pagemap")).ok()?,
        })
    }
}

impl Memory for ProcessMemory {
    fn words(&mut self, at: u64) -> Option<[u64; 2]> {
        let mut bytes = [0; 16];
        self.memory.read_exact_at(&mut bytes, at).ok()?;
        let number = u128::from_ne_bytes(bytes);
        // The word at the lower address is the lower half on the little-endian machines that this is for.
        Some([number as u64, (number >> 64) as u64])
    }

    fn present(&mut self, start: u64, end: u64) -> Option<Vec<bool>> {
        /// The bit of an entry that says that the page is in memory.
        const PRESENT: u8 = 1 << 7;
        let pages = usize::try_from((end - start) / PAGE).ok()?;
        let mut present = Vec::with_capacity(pages);
        let mut entries = vec![0; 8 * BATCH.min(pages)];
        while present.len() < pages {
            let count = BATCH.min(pages - present.len());
            let at = (start / PAGE + present.len() as u64) * 8;
            let entries = &mut entries[..8 * count];
            self.pages.read_exact_at(entries, at).ok()?;
            present.extend(entries.chunks_exact(8).map(|entry| entry[7] & PRESENT != 0));
        }
        Some(present)
    }
}

/// Mapped blocks: bytes mapped, and those of them that are resident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Blocks {
    pub(super) mapped: u64,
    pub(super) resident: u64,
}

/// Looks for blocks in mappings, until as many bytes are found as malloc says it has mapped.
#[derive(Debug)]
pub(super) struct Search<M> {
    memory: M,
    patience: u32,
}

impl<M: Memory> Search<M> {
    pub(super) fn new(memory: M) -> Self {
        Self {
            memory,
            patience: PATIENCE,
        }
    }

    /// The blocks in a mapping, at most so many bytes of them; `None` where it cannot be told.
    pub(super) fn blocks(&mut self, mapping: &Mapping, most: u64) -> Option<Blocks> {
        let mut found = Blocks::default();
        if most == 0 {
            return Some(found);
        }
        let present = self.memory.present(mapping.start, mapping.end)?;
        let page = |at: u64| ((at - mapping.start) / PAGE) as usize;
        let (mut at, mut pages) = (mapping.start, 0);
        while at < mapping.end && found.mapped < most {
            let block = match present[page(at)] {
                // The words are in the first page, so that page was touched.
                false => None,
                true => self.block(at, mapping.end)?,
            };
            let Some(size) = block else {
                at += PAGE;
                continue;
            };
            found.mapped += size;
            let end = at + size;
            pages += present[page(at)..page(end - 1) + 1]
                .iter()
                .filter(|present| **present)
                .count() as u64;
            at = end;
        }
        // Pages that were read and never written to are present, but not counted as resident.
        let all = present.iter().filter(|present| **present).count() as u64;
        let counted = u128::from(mapping.rss) * u128::from(pages) / u128::from(all.max(1));
        found.resident = u64::min(pages * PAGE, u64::try_from(counted).ok()?);
        Some(found)
    }

    /// Bytes of the mapped block whose mapping begins at this page, if one does.
    fn block(&mut self, page: u64, end: u64) -> Option<Option<u64>> {
        let mut sized = |offset: u64| {
            let [before, size] = self.memory.words(page + offset)?;
            let bytes = size & !FLAGS;
            let whole = offset.checked_add(bytes)?;
            let fits = size & FLAGS == MAPPED
                && before == offset
                && bytes > HEAD
                && whole.is_multiple_of(PAGE)
                && whole <= end - page;
            Some(fits.then_some(whole))
        };
        if let Some(size) = sized(0)? {
            return Some(Some(size));
        }
        self.patience = self.patience.checked_sub(1)?;
        // An aligned block lies behind the beginning of its mapping, the words just in front of it.
        let aligned = (5..=12).map(|power| (1 << power) - HEAD);
        for offset in aligned {
            if let Some(size) = sized(offset)? {
                return Some(Some(size));
            }
        }
        Some(None)
    }
}

/// Memory that nobody may read.
#[cfg(test)]
pub(super) const NOT_READ: Option<ProcessMemory> = None;

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::super::smaps::Name;
    use super::*;

    /// Words at addresses, and pages that are present.
    #[derive(Debug, Default)]
    struct Fake {
        words: HashMap<u64, [u64; 2]>,
        present: HashSet<u64>,
    }

    impl Fake {
        /// A block of so many pages, of which the first few are present.
        fn block(mut self, page: u64, offset: u64, pages: u64, touched: u64) -> Self {
            let size = pages * PAGE - offset;
            self.words
                .insert(page * PAGE + offset, [offset, size | MAPPED]);
            self.touch(page, touched)
        }

        fn touch(mut self, page: u64, pages: u64) -> Self {
            self.present.extend(page..page + pages);
            self
        }
    }

    impl Memory for Fake {
        fn words(&mut self, at: u64) -> Option<[u64; 2]> {
            Some(self.words.get(&at).copied().unwrap_or([5, 7]))
        }

        fn present(&mut self, start: u64, end: u64) -> Option<Vec<bool>> {
            let pages = start / PAGE..end / PAGE;
            Some(pages.map(|page| self.present.contains(&page)).collect())
        }
    }

    fn mapping(pages: std::ops::Range<u64>, resident: u64) -> Mapping {
        Mapping {
            start: pages.start * PAGE,
            end: pages.end * PAGE,
            accessible: true,
            executable: false,
            name: Name::Anonymous,
            rss: resident * PAGE,
            anonymous: resident * PAGE,
            noreserve: false,
        }
    }

    fn found(memory: Fake, mapping: &Mapping) -> Option<(u64, u64)> {
        let found = Search::new(memory).blocks(mapping, u64::MAX)?;
        Some((found.mapped / PAGE, found.resident / PAGE))
    }

    #[test]
    fn blocks_are_told_from_foreign_pages_around_them() {
        let memory = Fake::default()
            .touch(100, 10)
            .block(110, 0, 300, 2)
            .block(410, 0, 40, 40)
            .touch(450, 50);
        let mapping = mapping(100..500, 102);
        assert_eq!(found(memory, &mapping), Some((340, 42)));
    }

    #[test]
    fn aligned_blocks_begin_behind_their_mapping() {
        for power in 5..=12 {
            let memory = Fake::default()
                .block(100, (1 << power) - HEAD, 50, 50)
                .touch(150, 50);
            assert_eq!(found(memory, &mapping(100..200, 100)), Some((50, 50)));
        }
    }

    #[test]
    fn words_that_cannot_be_a_blocks_are_none() {
        let words = [
            [0, 64 * PAGE],             // in an arena
            [0, (64 * PAGE) | 3],       // with a neighbour
            [0, (64 * PAGE) + 2 + 16],  // no whole pages
            [16, (64 * PAGE) | MAPPED], // begins elsewhere
            [0, (65 * PAGE) | MAPPED],  // beyond the mapping's end
            [0, MAPPED],
        ];
        for words in words {
            let mut memory = Fake::default().touch(100, 64);
            memory.words.insert(100 * PAGE, words);
            assert_eq!(
                found(memory, &mapping(100..164, 64)),
                Some((0, 0)),
                "{words:?}"
            );
        }
    }

    #[test]
    fn pages_that_were_only_read_are_not_counted() {
        let memory = Fake::default().block(100, 0, 100, 100);
        assert_eq!(found(memory, &mapping(100..200, 25)), Some((100, 25)));
    }

    #[test]
    fn the_search_gives_up_on_too_much_foreign_memory() {
        let mut search = Search::new(Fake::default().touch(0, 20));
        search.patience = 10;
        assert_eq!(search.blocks(&mapping(0..20, 20), u64::MAX), None);
    }

    #[test]
    fn a_process_of_ones_own_can_be_read() {
        let block = vec![1u8; 8 << 20];
        let pid = i32::try_from(std::process::id()).unwrap();
        let mut memory = ProcessMemory::open(pid).unwrap();
        let start = (block.as_ptr() as u64).next_multiple_of(PAGE);
        let present = memory.present(start, start + (4 << 20)).unwrap();
        assert_eq!(present.len(), 1024);
        assert!(present.iter().all(|present| *present));
        assert_eq!(memory.words(start), Some([0x0101_0101_0101_0101; 2]));
    }
}
