//! Where everything is in the file of the ids, and in that of the sums, which is made in the same way.
//!
//! They lie beside the store, `NAME.ids` and `NAME.sums`. A page with two slots of 64 bytes, at 0 and 2048, then blocks of 64 KiB: 4,095 ids of
//! 16 bytes, the CRC-32 of these 65,520 bytes, and 12 bytes of zeros. The ids of the last block, as long as it is not full,
//! have their checksum in a slot.
//!
//! | bytes of a slot | |
//! |---|---|
//! | 0..4 | magic, `CGEI` |
//! | 4..8 | version, 1 |
//! | 8..16 | generation |
//! | 16..24 | ids |
//! | 24..40 | the store's own name |
//! | 40..44 | CRC-32 of the ids of the last block, if it is not full |
//! | 44..48 | 0: ids; 1: sums |
//! | 48..52 | of sums, the CRC-32 of the records' last block, if it is not full |
//! | 52..60 | zero, not read |
//! | 60..64 | CRC-32 of the bytes before |
//!
//! The store's header alone says which generation is in force. A commit writes the slot of its generation, by its
//! parity, and syncs this file before it writes that header: so the slot of the generation in force is always whole, and
//! what a crash leaves of a later one counts for nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::super::error::IdsDamage;
use super::super::medium::Part;
use super::super::shape::PAGE;

/// Bytes of an id.
pub(super) const ID: u64 = 16;

/// Bytes of a block.
pub(super) const BLOCK: u64 = 64 << 10;

/// Ids of a block.
pub(super) const PER_BLOCK: u64 = BLOCK / ID - 1;

/// Bytes of a slot.
const SLOT: usize = 64;

const MAGIC: [u8; 4] = *b"CGEI";
const VERSION: u32 = 1;

/// What a slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) generation: u64,
    pub(super) count: u64,
    pub(super) store_id: [u8; 16],
    pub(super) tail_crc: u32,
    /// What the file is for.
    pub(super) part: Part,
    pub(super) data_crc: u32,
}

/// The commit that a file must have a slot of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Commit {
    pub(in crate::store) store_id: [u8; 16],
    pub(in crate::store) generation: u64,
    /// Entries of the file.
    pub(in crate::store) count: u64,
}

/// Where the ids of the store at `path` are.
pub(in crate::store) fn beside(path: &Path) -> PathBuf {
    with_ending(path, ".ids")
}

/// Where the sums of the store at `path` are.
pub(in crate::store) fn sums_beside(path: &Path) -> PathBuf {
    with_ending(path, ".sums")
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(ending);
    path.with_file_name(name)
}

/// What a part is in a slot.
fn kind(part: Part) -> u32 {
    u32::from(part == Part::Sums)
}

/// Where the id of this number is.
pub(super) fn at(index: u64) -> u64 {
    PAGE + index / PER_BLOCK * BLOCK + index % PER_BLOCK * ID
}

/// Where this block begins.
pub(super) fn block_at(block: u64) -> u64 {
    PAGE + block * BLOCK
}

/// Where a column of so many ids ends, the checksum of a full block included.
pub(super) fn end(count: u64) -> u64 {
    at(count)
}

/// Bytes of a file with room for so many ids: whole blocks. None beyond 2^63.
pub(super) fn room(capacity: u64) -> Option<u64> {
    let blocks = capacity.div_ceil(PER_BLOCK).checked_mul(BLOCK)?;
    blocks.checked_add(PAGE).filter(|&length| length < 1 << 63)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

impl State {
    /// Where the slot of this generation is.
    pub(super) fn slot_at(&self) -> u64 {
        if self.generation % 2 == 1 { 0 } else { 2048 }
    }

    /// The slot with these fields.
    pub(super) fn slot(&self) -> [u8; SLOT] {
        let mut slot = [0; SLOT];
        let mut put = |at: usize, bytes: &[u8]| slot[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &MAGIC);
        put(4, &VERSION.to_le_bytes());
        put(8, &self.generation.to_le_bytes());
        put(16, &self.count.to_le_bytes());
        put(24, &self.store_id);
        put(40, &self.tail_crc.to_le_bytes());
        put(44, &kind(self.part).to_le_bytes());
        put(48, &self.data_crc.to_le_bytes());
        let crc = crc32fast::hash(&slot[..SLOT - 4]);
        slot[SLOT - 4..].copy_from_slice(&crc.to_le_bytes());
        slot
    }

    fn of_slot(slot: &[u8], part: Part) -> Option<Self> {
        let whole = slot[..4] == MAGIC
            && u32_at(slot, 4) == VERSION
            && u32_at(slot, 44) == kind(part)
            && crc32fast::hash(&slot[..SLOT - 4]) == u32_at(slot, SLOT - 4);
        let mut store_id = [0; 16];
        store_id.copy_from_slice(&slot[24..40]);
        whole.then(|| Self {
            generation: u64_at(slot, 8),
            count: u64_at(slot, 16),
            store_id,
            tail_crc: u32_at(slot, 40),
            part,
            data_crc: u32_at(slot, 48),
        })
    }

    /// That of this commit of this store, in a file that begins with this page.
    pub(super) fn of_page(
        page: &[u8; PAGE as usize],
        part: Part,
        commit: Commit,
    ) -> Result<Self, IdsDamage> {
        let Commit {
            store_id,
            generation,
            count,
        } = commit;
        let slots = [&page[..SLOT], &page[2048..2048 + SLOT]];
        let slots = slots.map(|slot| Self::of_slot(slot, part));
        let whole = || slots.iter().flatten();
        if whole().next().is_none() {
            return Err(IdsDamage::Header);
        }
        let mut own = whole()
            .filter(|state| state.store_id == store_id)
            .peekable();
        if own.peek().is_none() {
            return Err(IdsDamage::Store);
        }
        let state = own.find(|state| (state.generation, state.count) == (generation, count));
        state.copied().ok_or(IdsDamage::Commit { generation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_their_ids_and_a_checksum() {
        assert_eq!((at(0), at(1), at(4094)), (4096, 4112, 69_600));
        assert_eq!((at(4095), block_at(1)), (69_632, 69_632));
        assert_eq!((end(0), end(4095), end(4096)), (4096, 69_632, 69_648));
        assert_eq!(
            (room(0), room(1), room(4096)),
            (Some(4096), Some(69_632), Some(135_168))
        );
        assert_eq!(room(u64::MAX / 2), None);
    }

    #[test]
    fn the_slot_of_the_commit_in_force_is_found() {
        let state = |generation, count| State {
            generation,
            count,
            store_id: [7; 16],
            tail_crc: 5,
            part: Part::Ids,
            data_crc: 0,
        };
        let mut page = [0; PAGE as usize];
        let of = |page: &[u8; 4096], id, generation, count| {
            let commit = Commit {
                store_id: [id; 16],
                generation,
                count,
            };
            State::of_page(page, Part::Ids, commit)
        };
        assert_eq!(of(&page, 7, 1, 0), Err(IdsDamage::Header));
        for state in [state(3, 10), state(4, 12)] {
            let at = state.slot_at() as usize;
            page[at..at + SLOT].copy_from_slice(&state.slot());
        }
        assert_eq!(of(&page, 7, 3, 10), Ok(state(3, 10)));
        assert_eq!(of(&page, 7, 4, 12), Ok(state(4, 12)));
        assert_eq!(
            of(&page, 7, 5, 12),
            Err(IdsDamage::Commit { generation: 5 })
        );
        assert_eq!(
            of(&page, 7, 4, 13),
            Err(IdsDamage::Commit { generation: 4 })
        );
        assert_eq!(of(&page, 8, 4, 12), Err(IdsDamage::Store));
        page[2048] ^= 1;
        assert_eq!(
            of(&page, 7, 4, 12),
            Err(IdsDamage::Commit { generation: 4 })
        );
        page[20] ^= 1;
        assert_eq!(of(&page, 7, 3, 10), Err(IdsDamage::Header));
    }
}
