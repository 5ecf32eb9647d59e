//! The sampled blocks that are live: by address, looked up at every free.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicPtr, AtomicU64};

use super::lock::Lock;

/// Bits of a hash, and of the fine table that says where a sampled block may be: 128 KiB. With 6,000 blocks sampled
/// (3 GB live at 512 KiB) one free in 170 looks further in vain.
const BITS: u32 = 20;
/// Bits of the coarse table: one for each byte of the fine one, set as long as the byte is not zero. 16 KiB, looked at
/// first: a program that works through gigabytes leaves nothing larger in the caches from one free to the next. With as
/// many blocks one free in 22 looks at the fine table too.
const COARSE_BITS: u32 = BITS - 3;
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
    coarse: [AtomicU64; 1 << (COARSE_BITS - 6)],
    fine: [AtomicU64; 1 << (BITS - 6)],
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
            coarse: [const { AtomicU64::new(0) }; 1 << (COARSE_BITS - 6)],
            fine: [const { AtomicU64::new(0) }; 1 << (BITS - 6)],
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
        let hash = hash(address);
        is_set(&self.coarse, hash >> 3) && is_set(&self.fine, hash)
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
            // Whoever frees the block has it from here, and so sees both bits.
            self.fine[hash >> 6].fetch_or(1 << (hash & 63), Relaxed);
            self.coarse[hash >> 9].fetch_or(1 << (hash >> 3 & 63), Relaxed);
            Ok(None)
        })
    }

    /// Forgets the block at an address, if it was sampled.
    pub(super) fn remove(&self, address: u64) -> Option<Block> {
        let hash = hash(address);
        self.shard(hash).with(|shard| {
            let mut entries = self.entries(hash);
            let (mut before, mut at) = (0, shard.heads[chain(hash)]);
            let mut same_bit = false;
            let (block, next) = loop {
                let entry = entries.get(at)?;
                if entry.address == address {
                    break (entry.block, std::mem::replace(&mut entry.next, shard.spare));
                }
                same_bit |= self::hash(entry.address) == hash;
                before = at;
                at = entry.next;
            };
            match entries.get(before) {
                Some(entry) => entry.next = next,
                None => shard.heads[chain(hash)] = next,
            }
            shard.spare = at;
            let mut rest = next;
            while let Some(entry) = entries.get(rest) {
                same_bit |= self::hash(entry.address) == hash;
                rest = entry.next;
            }
            // All that share a bit share a chain, all that share a byte this lock.
            if !same_bit {
                let bit = 1 << (hash & 63);
                let word = self.fine[hash >> 6].fetch_and(!bit, Relaxed) & !bit;
                if word >> (hash & 56) & 0xff == 0 {
                    self.coarse[hash >> 9].fetch_and(!(1 << (hash >> 3 & 63)), Relaxed);
                }
            }
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

/// Hashes whose bits share a byte share a shard.
fn shard(hash: usize) -> usize {
    (hash >> 3) % SHARDS
}

fn chain(hash: usize) -> usize {
    (hash >> 3) / SHARDS % CHAINS
}

#[inline(always)]
fn is_set(bits: &[AtomicU64], bit: usize) -> bool {
    bits[bit >> 6].load(Relaxed) >> (bit & 63) & 1 != 0
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
            let bits = blocks.coarse.iter().chain(&blocks.fine);
            let set: u32 = bits.map(|word| word.load(Relaxed).count_ones()).sum();
            prop_assert_eq!(set, 0, "the filters are as empty as the table");
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
