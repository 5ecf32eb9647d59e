//! From ids to records: an open table of record numbers, five bytes a place, which the column on the disk completes.
//!
//! A place has a tag of eight bits of the id's hash, and the number of a record whose id the column tells. It is sought from
//! where the hash points on, place by place (linear probing); tags, sixty-four to a cache line, pass over nearly all others.

/// A place without a record.
const EMPTY: u8 = 0;

/// Of five places, how many may be taken.
const LOAD: usize = 4;

/// Records by their ids. It does not know them: what compares asks the column.
#[derive(Debug, Default)]
pub(in crate::store) struct Table {
    tags: Box<[u8]>,
    records: Box<[u32]>,
    taken: usize,
    /// Records that are in it: those before this one.
    covered: u64,
}

/// What an id is sought by: the finalizer of MurmurHash3 as Stafford has it (mix 13), over both halves.
fn hash(id: u128) -> u64 {
    let mix = |word: u64| {
        let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    };
    mix((id as u64).wrapping_add(0x9E37_79B9_7F4A_7C15) ^ mix((id >> 64) as u64))
}

/// Where a hash points in a table of so many places, and its tag, of other bits.
fn aim(hash: u64, places: usize) -> (usize, u8) {
    let place = (u128::from(hash) * places as u128) >> 64;
    (place as usize, (hash as u8).max(EMPTY + 1))
}

impl Table {
    /// An empty table with room for so many records.
    pub(in crate::store) fn for_records(records: u64) -> Self {
        let places = usize::try_from(records)
            .unwrap_or(usize::MAX)
            .saturating_mul(4)
            / 3
            + 16;
        Self {
            tags: vec![EMPTY; places].into(),
            records: vec![0; places].into(),
            taken: 0,
            covered: 0,
        }
    }

    /// How many records are in it: those before this one.
    pub(in crate::store) fn covered(&self) -> u64 {
        self.covered
    }

    /// Whether so many more have room.
    pub(in crate::store) fn has_room(&self, more: u64) -> bool {
        let taken = (self.taken as u64).saturating_add(more);
        taken.saturating_mul(5) <= (self.tags.len() * LOAD) as u64
    }

    /// Bytes of memory.
    pub(in crate::store) fn bytes(&self) -> usize {
        self.tags.len() * (size_of::<u8>() + size_of::<u32>())
    }

    /// The place of this id, or the one that it would have, and whether it has it. `id_of` tells the ids of records; it may
    /// fail.
    fn place<E>(
        &self,
        id: u128,
        mut id_of: impl FnMut(u32) -> Result<u128, E>,
    ) -> Result<(usize, u8, bool), E> {
        let (mut place, tag) = aim(hash(id), self.tags.len());
        loop {
            let found = self.tags[place];
            if found == EMPTY {
                return Ok((place, tag, false));
            }
            if found == tag && id_of(self.records[place])? == id {
                return Ok((place, tag, true));
            }
            place += 1;
            if place == self.tags.len() {
                place = 0;
            }
        }
    }

    /// Takes the next record, which has this id: from here on it is the id's. There must be room.
    pub(in crate::store) fn insert<E>(
        &mut self,
        id: u128,
        id_of: impl FnMut(u32) -> Result<u128, E>,
    ) -> Result<(), E> {
        let (place, tag, known) = self.place(id, id_of)?;
        self.tags[place] = tag;
        // Stores with ids have at most 2^32 records.
        self.records[place] = self.covered as u32;
        self.taken += usize::from(!known);
        self.covered += 1;
        Ok(())
    }

    /// The last record of this id.
    pub(in crate::store) fn find<E>(
        &self,
        id: u128,
        id_of: impl FnMut(u32) -> Result<u128, E>,
    ) -> Result<Option<u32>, E> {
        if self.tags.is_empty() {
            return Ok(None);
        }
        let (place, _, known) = self.place(id, id_of)?;
        Ok(known.then(|| self.records[place]))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    fn filled(ids: &[u128]) -> Table {
        let mut table = Table::for_records(ids.len() as u64);
        for id in ids {
            assert!(table.has_room(1));
            let id_of = |record: u32| Ok::<_, Infallible>(ids[record as usize]);
            table.insert(*id, id_of).unwrap();
        }
        table
    }

    proptest! {
        #[test]
        fn the_last_record_of_an_id_is_found(ids in proptest::collection::vec(0_u128..200, 0..400)) {
            let table = filled(&ids);
            for id in 0..200 {
                let found = table.find(id, |record| Ok::<_, Infallible>(ids[record as usize])).unwrap();
                let last = ids.iter().rposition(|other| *other == id);
                prop_assert_eq!(found.map(|record| record as usize), last);
            }
        }
    }

    #[test]
    fn ids_that_differ_in_either_half_are_spread() {
        for shift in [0, 64, 120] {
            let ids: Vec<u128> = (0..1_u128 << 8).map(|id| id << shift).collect();
            let mut places: Vec<usize> = ids.iter().map(|id| aim(hash(*id), 64).0).collect();
            places.sort_unstable();
            places.dedup();
            assert!(places.len() > 48, "{shift}: {}", places.len());
        }
    }

    #[test]
    fn a_record_takes_less_than_seven_bytes() {
        let table = Table::for_records(10_000_000);
        assert!(table.has_room(10_000_000));
        assert!(table.bytes() < 70_000_000);
    }
}
