//! Room for more records.

use super::appender::Appender;
use super::error::StoreError;

/// A store grows by this at least, in bytes, and by half of what it has. Miri would be at so many for minutes.
const STEP: u64 = if cfg!(miri) { 4 << 10 } else { 64 << 20 };

/// Records that a store of `capacity` gets room for, when it needs room for `needed` of `stride` bytes.
fn capacity_for(needed: u64, capacity: u64, stride: u64) -> u64 {
    needed.max(capacity.saturating_add((capacity / 2).max(STEP / stride)))
}

impl Appender {
    /// Gets room for `needed` records in all. The room is reserved on the disk before anything is mapped: to write to a
    /// mapped hole when the disk is full ends the process. The header tells of it with the next commit.
    ///
    /// # Errors
    /// The disk has no room, or there is no such long file. Everything is as it was then.
    pub fn make_room(&mut self, needed: u64) -> Result<(), StoreError> {
        if needed <= self.capacity {
            return Ok(());
        }
        let path = self.store.path();
        let too_many = || StoreError::TooMany {
            path: path.to_owned(),
            records: needed,
        };
        // The table of ids has numbers of 32 bits.
        if self.ids.is_some() && needed > u64::from(u32::MAX) {
            return Err(too_many());
        }
        let (shape, data_at) = (self.header.shape, self.header.data_at);
        let capacity = capacity_for(needed, self.capacity, shape.stride());
        let length = shape.end(data_at, capacity).ok_or_else(too_many)?;
        let (mut ids_before, mut sums_before) = (None, None);
        let grown = self.grow_all(capacity, length, &mut ids_before, &mut sums_before);
        if grown.is_err() {
            if let Some((ids, before)) = self.ids.as_mut().zip(ids_before) {
                ids.cut(before);
            }
            if let Some((sums, before)) = self.sums.as_mut().zip(sums_before) {
                sums.cut(before);
            }
        }
        grown?;
        self.capacity = capacity;
        Ok(())
    }

    /// Grows each file; how long those beside the records were is told as soon as they are longer.
    fn grow_all(
        &mut self,
        capacity: u64,
        length: u64,
        ids_before: &mut Option<u64>,
        sums_before: &mut Option<u64>,
    ) -> Result<(), StoreError> {
        if let Some(ids) = &mut self.ids {
            *ids_before = Some(ids.grow(capacity)?);
        }
        if let Some(sums) = &mut self.sums {
            *sums_before = Some(sums.grow(capacity)?);
        }
        self.records.grow(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg_attr(miri, ignore = "steps are others there")]
    #[test]
    fn stores_grow_by_half_or_by_64_mib_or_by_what_is_needed() {
        let array = 4 * 11_776 + 4;
        assert_eq!(capacity_for(1, 0, array), (64 << 20) / array);
        assert_eq!(capacity_for(10_001, 10_000, array), 15_000);
        assert_eq!(capacity_for(101, 100, 1 << 30), 150);
        assert_eq!(capacity_for(2, 1, 1 << 30), 2);
        assert_eq!(capacity_for(90_000, 10_000, array), 90_000);
        assert_eq!(capacity_for(u64::MAX, u64::MAX - 1, 8), u64::MAX);
    }
}
