//! Blocks that the C library's allocator handed out before it was known which one is to serve: they go back to it.
//!
//! There are hardly ever any. The loader may allocate before the C library knows the environment, and so may whatever
//! reading the switch calls.

use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicUsize};

/// Blocks that are remembered.
const ROOM: usize = 64;

/// Those handed out and not freed.
pub(super) struct Early {
    blocks: [AtomicPtr<u8>; ROOM],
    /// How many there ever were.
    count: AtomicUsize,
}

pub(super) static EARLY: Early = Early::new();

impl Early {
    const fn new() -> Self {
        Self {
            blocks: [const { AtomicPtr::new(ptr::null_mut()) }; ROOM],
            count: AtomicUsize::new(0),
        }
    }

    /// Remembers a block, which is not null.
    pub(super) fn remember(&self, block: *mut u8) {
        let at = self.count.fetch_add(1, Relaxed);
        if let Some(slot) = self.blocks.get(at) {
            slot.store(block, Release);
        }
    }

    /// Whether all of them are remembered: if not, no other allocator can serve.
    pub(super) fn is_complete(&self) -> bool {
        self.count.load(Relaxed) <= ROOM
    }

    /// Whether a block is one of them.
    #[inline]
    pub(super) fn has(&self, block: *mut u8) -> bool {
        self.count.load(Relaxed) > 0 && self.slot(block).is_some()
    }

    /// Forgets a block that is freed; whether it was one of them.
    #[inline]
    pub(super) fn forget(&self, block: *mut u8) -> bool {
        if self.count.load(Relaxed) == 0 {
            return false;
        }
        let slot = self.slot(block);
        if let Some(slot) = slot {
            slot.store(ptr::null_mut(), Release);
        }
        slot.is_some()
    }

    fn slot(&self, block: *mut u8) -> Option<&AtomicPtr<u8>> {
        if block.is_null() {
            return None;
        }
        self.blocks.iter().find(|slot| slot.load(Acquire) == block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_known_until_they_are_freed() {
        let early = Early::new();
        let mut bytes = [0u8; ROOM + 1];
        let block = |at: usize| ptr::from_mut(&mut bytes).cast::<u8>().wrapping_add(at);
        let blocks: Vec<*mut u8> = (0..=ROOM).map(block).collect();
        assert!(!early.has(blocks[0]) && !early.has(ptr::null_mut()));
        for block in &blocks[..ROOM] {
            early.remember(*block);
        }
        assert!(early.has(blocks[3]) && early.is_complete());
        assert!(early.forget(blocks[3]) && !early.forget(blocks[3]));
        assert!(!early.has(blocks[3]) && early.has(blocks[4]));
        assert!(!early.has(ptr::null_mut()));
        early.remember(blocks[ROOM]);
        assert!(!early.is_complete());
    }
}
