//! Commits: two ordered syncs, and a header in the slot that is not in force.

use std::time::Instant;

use super::appender::Appender;
use super::error::StoreError;
use super::header::{Header, SLOT, SLOTS};
use super::options::Commits;
use super::shape::PAGE;

/// What a commit made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Records now.
    pub count: u64,
    /// The commit's number.
    pub generation: u64,
    /// Values that were encoded for it.
    pub values: u64,
    /// Those of them that lay outside of the range that the parameters cover.
    pub clamped: u64,
}

impl Committed {
    /// Whether more than one value in a thousand was clamped: the parameters are of other rows than these.
    #[must_use]
    pub fn clamps_much(&self) -> bool {
        self.clamped.saturating_mul(1000) > self.values
    }
}

impl Appender {
    /// Commits, if the options say that it is time.
    pub(super) fn commit_if_due(&mut self) -> Result<(), StoreError> {
        let due = match self.commits {
            Commits::Explicit => false,
            Commits::Records(records) => self.count - self.header.count >= records.get(),
            Commits::Interval(interval) => self.committed_at.elapsed() >= interval,
        };
        if due {
            self.commit()?;
        }
        Ok(())
    }

    /// Makes everything appended so far durable, and lets readers have it: syncs the records and ids, then writes the header
    /// into the slot that is not in force, and syncs that. Without anything appended since the last commit nothing is done.
    ///
    /// # Errors
    /// The disk fails. What was committed before stays in force; the appender takes nothing more, since a system that failed
    /// to write a page may forget that it did.
    pub fn commit(&mut self) -> Result<Committed, StoreError> {
        self.usable()?;
        let mut committed = Committed {
            count: self.count,
            generation: self.header.generation,
            values: self.values,
            clamped: self.clamped,
        };
        if self.count > self.header.count || self.unnamed.is_some() {
            let done = self.write_commit();
            self.failed = done.is_err();
            done?;
            committed.generation = self.header.generation;
        }
        (self.values, self.clamped) = (0, 0);
        self.committed_at = Instant::now();
        Ok(committed)
    }

    /// Fails after a commit that failed.
    pub(super) fn usable(&self) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed {
                path: self.store.path().to_owned(),
            });
        }
        Ok(())
    }

    /// Writes everything in the order that leaves one of two states after a crash: the former until the last sync, or the new.
    fn write_commit(&mut self) -> Result<(), StoreError> {
        let generation = self.header.generation.checked_add(1);
        let generation = generation.ok_or_else(|| StoreError::InvalidHeader {
            path: self.store.path().to_owned(),
            field: "generation",
            found: self.header.generation,
        })?;
        let header = Header {
            generation,
            count: self.count,
            capacity: self.capacity,
            ..self.header
        };
        let stride = header.shape.stride();
        let (from, to) = (self.header.count * stride, self.count * stride);
        let data_at = header.data_at;
        // A file without a name has its parameters to sync, too.
        let from = if self.unnamed.is_some() {
            0
        } else {
            data_at + from
        };
        self.records.sync(from..data_at + to)?;
        if let Some(ids) = &mut self.ids {
            ids.sync(generation, 0)?;
        }
        if let Some(sums) = &mut self.sums {
            sums.sync(generation)?;
        }
        let slot = 1 - self.slot;
        let at = SLOTS[slot] as u64;
        let new = header.slot();
        self.records.write(at, &new)?;
        if let Err(error) = self.records.sync(0..PAGE) {
            // What the file says is what was last committed, for whoever opens it before the machine stops.
            self.records.write(at, &[0; SLOT])?;
            return Err(error);
        }
        if let Some(unnamed) = self.unnamed.take() {
            unnamed.publish(self.store.path())?;
            self.records.published(self.store.path());
        }
        (self.header, self.slot) = (header, slot);
        self.records.seal(data_at + to);
        if let Some(ids) = &mut self.ids {
            ids.seal();
        }
        if let Some(sums) = &mut self.sums {
            sums.seal();
        }
        self.store.inner.publish(&header);
        Ok(())
    }
}
