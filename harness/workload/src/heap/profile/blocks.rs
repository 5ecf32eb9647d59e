//! The sampled blocks that are live: by address, looked up at every free.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicPtr, AtomicU8};

use super::lock::Lock;

/// Bits of an address within a region. What is allocated together is mostly freed together, so that a program that
/// works through gigabytes has few lines of [`Blocks::regions`] in the caches at a time.
const REGION_BITS: u32 = 13;
/// Regions that are told apart: those of 4 GiB. With 6,000 blocks sampled (3 GB live at 512 KiB) one free in 65 looks
/// further.
const REGIONS: usize = 1 << (u32::BITS - REGION_BITS);
/// Bits of a hash. With as many blocks one look further in 22 is in vain.
const BITS: u32 = 17;
/// Tables that are locked one by one.
const SHARDS: usize = 16;
/// Chains of a shard.
const CHAINS: usize = 1024;
/// Blocks of a shard: all of them together are 1M, half a TiB live at 512 KiB.
const ROOM: usize = 1 << 16;

/// A sampled block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// Bytes asked for.
    pub(super) size: u64,
    /// The site's index.
    pub(super) site: u32,
}

/// All of them. Zeros until it is used, so that it costs nothing where it is not.
pub(super) struct Blocks {
    regions: [Count; REGIONS],
    hashes: [Count; 1 << BITS],
    shards: [Lock<Shard>; SHARDS],
    /// `SHARDS * ROOM` entries; null until [`prepare`](Self::prepare).
    entries: AtomicPtr<Entry>,
}

struct Shard {
    /// By chain, 1 plus the entry's index; 0 for none.
    heads: [u32; CHAINS],
    /// The first entry that was used and is not any more.
    spare: u32,
    /// Entries ever used.
    used: u32,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Entry {
    address: u64,
    block: Block,
    /// The chain's next, or the next spare one: 1 plus its index; 0 for none.
    next: u32,
}

impl Blocks {
    pub(super) const fn new() -> Self {
        Self {
            regions: [const { Count::new() }; REGIONS],
            hashes: [const { Count::new() }; 1 << BITS],
            shards: [const {
                Lock::new(Shard {
                    heads: [0; CHAINS],
                    spare: 0,
                    used: 0,
                })
            }; SHARDS],
            entries: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Gets room for entries from the kernel, which gives memory only for what is used; whether it did.
    pub(super) fn prepare(&self) -> bool {
        // SAFETY: a new mapping, at an address of the kernel's choosing.
        let memory = unsafe {
            libc::mmap(
                ptr::null_mut(),
                SHARDS * ROOM * size_of::<Entry>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if memory == libc::MAP_FAILED {
            return false;
        }
        self.entries.store(memory.cast(), Relaxed);
        true
    }

    /// Whether a block may be there that was sampled: never false for one that was.
    #[inline(always)]
    pub(super) fn may_hold(&self, address: u64) -> bool {
        self.regions[region(address)].is_any() && self.hashes[hash(address)].is_any()
    }

    /// Notes a block. `Ok`: what was noted there before, whose free was missed; `Err`: there is no room.
    pub(super) fn insert(&self, address: u64, block: Block) -> Result<Option<Block>, Full> {
        let hash = hash(address);
        self.shard(hash).with(|shard| {
            let mut entries = self.entries(hash);
            let head = &mut shard.heads[chain(hash)];
            let mut at = *head;
            while let Some(entry) = entries.get(at) {
                if entry.address == address {
                    return Ok(Some(std::mem::replace(&mut entry.block, block)));
                }
                at = entry.next;
            }
            let place = match shard.spare {
                0 if shard.used as usize == ROOM => return Err(Full),
                0 => {
                    shard.used += 1;
                    shard.used
                }
                spare => spare,
            };
            let Some(entry) = entries.get(place) else {
                return Err(Full);
            };
            if shard.spare == place {
                shard.spare = entry.next;
            }
            *entry = Entry {
                address,
                block,
                next: std::mem::replace(head, place),
            };
            // Whoever frees the block has it from here, and so sees both.
            self.regions[region(address)].increment();
            self.hashes[hash].increment();
            Ok(None)
        })
    }

    /// Forgets the block at an address, if it was sampled.
    pub(super) fn remove(&self, address: u64) -> Option<Block> {
        let hash = hash(address);
        self.shard(hash).with(|shard| {
            let mut entries = self.entries(hash);
            let (mut before, mut at) = (0, shard.heads[chain(hash)]);
            let (block, next) = loop {
                let entry = entries.get(at)?;
                if entry.address == address {
                    break (entry.block, std::mem::replace(&mut entry.next, shard.spare));
                }
                before = at;
                at = entry.next;
            };
            match entries.get(before) {
                Some(entry) => entry.next = next,
                None => shard.heads[chain(hash)] = next,
            }
            shard.spare = at;
            self.regions[region(address)].decrement();
            self.hashes[hash].decrement();
            Some(block)
        })
    }

    fn shard(&self, hash: usize) -> &Lock<Shard> {
        &self.shards[shard(hash)]
    }

    /// The entries of the shard that `hash` belongs to, whose lock the caller holds.
    fn entries(&self, hash: usize) -> Entries {
        let first = self.entries.load(Relaxed);
        Entries {
            // Within the mapping, for there are SHARDS times ROOM.
            first: first.wrapping_add(shard(hash) * ROOM),
            mapped: !first.is_null(),
        }
    }
}

/// How many blocks there are of a kind. At its highest it stays as it is, and tells of blocks where there are none.
struct Count(AtomicU8);

impl Count {
    const fn new() -> Self {
        Self(AtomicU8::new(0))
    }

    #[inline(always)]
    fn is_any(&self) -> bool {
        self.0.load(Relaxed) != 0
    }

    fn increment(&self) {
        let _ = self
            .0
            .fetch_update(Relaxed, Relaxed, |count| count.checked_add(1));
    }

    fn decrement(&self) {
        let _ = self.0.fetch_update(Relaxed, Relaxed, |count| {
            (count != u8::MAX).then(|| count.saturating_sub(1))
        });
    }
}

/// There is no room for another sampled block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

struct Entries {
    first: *mut Entry,
    mapped: bool,
}

impl Entries {
    /// The entry of that place, counted from 1.
    fn get(&mut self, place: u32) -> Option<&mut Entry> {
        let index = (place as usize).checked_sub(1)?;
        // SAFETY: inside the shard's part of the mapping, which is never undone; zeros are a valid entry; the shard's
        // lock is held as long as `self` lives, and one entry at a time is borrowed from it.
        (self.mapped && index < ROOM).then(|| unsafe { &mut *self.first.add(index) })
    }
}

/// `BITS` bits.
#[inline(always)]
fn hash(address: u64) -> usize {
    (address.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
}

#[inline(always)]
fn region(address: u64) -> usize {
    // Of the lower half, so that the shift alone does it.
    (address as u32 >> REGION_BITS) as usize
}

fn shard(hash: usize) -> usize {
    hash % SHARDS
}

fn chain(hash: usize) -> usize {
    hash / SHARDS % CHAINS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_is_a_map_whose_filters_miss_nothing(
            // Few addresses, some of one chain, so that they meet.
            operations in prop::collection::vec((0..40u64, any::<bool>(), 1..1000u64), 0..400),
        ) {
            let blocks = Box::new(Blocks::new());
            assert!(blocks.prepare());
            let first = 0x7000_0000u64;
            let meeting: Vec<u64> = (0..).map(|n| first + n * 16)
                .filter(|a| chain(hash(*a)) == chain(hash(first)) && shard(hash(*a)) == shard(hash(first)))
                .take(20).collect();
            let address = |n: u64| meeting.get(n as usize).copied().unwrap_or(n * 4096 + 16);
            let mut expected = HashMap::new();
            for (n, insert, size) in operations {
                let block = Block { size, site: n as u32 };
                if insert {
                    prop_assert_eq!(blocks.insert(address(n), block), Ok(expected.insert(n, block)));
                } else {
                    prop_assert_eq!(blocks.remove(address(n)), expected.remove(&n));
                }
                for n in 0..40 {
                    prop_assert!(!expected.contains_key(&n) || blocks.may_hold(address(n)));
                }
            }
            for n in 0..40 {
                prop_assert_eq!(blocks.remove(address(n)), expected.remove(&n));
            }
            let any = blocks.regions.iter().chain(&blocks.hashes).any(Count::is_any);
            prop_assert!(!any, "the filters are as empty as the table");
        }
    }

    #[test]
    fn more_blocks_of_a_region_than_are_counted_are_all_found() {
        let blocks = Box::new(Blocks::new());
        assert!(blocks.prepare());
        let addresses: Vec<u64> = (0..300).map(|n| 0x7000_0000 + n * 16).collect();
        assert_eq!(region(addresses[0]), region(addresses[299]));
        for address in &addresses {
            let block = Block { size: 16, site: 0 };
            assert_eq!(blocks.insert(*address, block), Ok(None));
        }
        for address in &addresses {
            assert!(blocks.may_hold(*address));
            assert!(blocks.remove(*address).is_some());
        }
    }

    #[test]
    fn a_full_table_says_so_and_goes_on() {
        let blocks = Box::new(Blocks::new());
        let block = Block { size: 1, site: 0 };
        assert_eq!(blocks.insert(16, block), Err(Full), "not prepared");
        assert!(blocks.prepare());
        let of_one_shard: Vec<u64> = (1..)
            .map(|n| n * 16)
            .filter(|address| shard(hash(*address)) == 0)
            .take(ROOM + 1)
            .collect();
        let (last, fitting) = of_one_shard.split_last().unwrap();
        for address in fitting {
            assert_eq!(blocks.insert(*address, block), Ok(None));
        }
        assert_eq!(blocks.insert(*last, block), Err(Full));
        assert_eq!(blocks.remove(fitting[7]), Some(block));
        assert_eq!(blocks.insert(*last, block), Ok(None));
    }
}
