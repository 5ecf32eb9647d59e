//! The references of all groups: held as plain blocks, as far as memory is given, the rest in a file.

use std::sync::Arc;

use plimsoll_workload::{Failure, Gauge};

use crate::pass::{Extent, Spill, SpillFile};
use crate::plain;
use crate::varint::Cursor;

/// The component of the ledger for references; whoever frees one lowers it.
pub(super) const LEDGER: &str = "references";

/// Keeps references. The first groups are those of the reference genome, to which most segments belong: they stay in
/// memory, and when no more is given, later ones go to the file.
#[derive(Debug)]
pub(super) struct References {
    most: usize,
    held: usize,
    spill: Spill,
    ledger: Gauge,
}

/// A reference that is kept.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// In memory, as a plain block.
    Held(Arc<[u8]>),
    /// In the file, as the same.
    Spilled(Arc<SpillFile>, Extent),
}

impl References {
    /// At most `most` bytes are held.
    pub(super) fn new(most: usize, spill: Spill, ledger: Gauge) -> Self {
        Self {
            most,
            held: 0,
            spill,
            ledger,
        }
    }

    /// Keeps a plain block.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn keep(&mut self, block: &Arc<[u8]>) -> Result<Kept, Failure> {
        if self.held + block.len() > self.most {
            let (file, extent) = self.spill.append(block)?;
            return Ok(Kept::Spilled(file, extent));
        }
        self.held += block.len();
        self.ledger.add(block.len() as u64);
        Ok(Kept::Held(Arc::clone(block)))
    }
}

impl Kept {
    /// Bytes that are held.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Held(block) => block.len(),
            Self::Spilled(..) => 0,
        }
    }

    /// The plain block; `room` is for one that must be read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn block<'a>(&'a self, room: &'a mut Vec<u8>) -> Result<&'a [u8], Failure> {
        match self {
            Self::Held(block) => Ok(block),
            Self::Spilled(file, extent) => {
                room.clear();
                file.read(*extent, room)?;
                Ok(room)
            }
        }
    }
}

/// Puts the codes of a plain block in the place of what `codes` held.
///
/// # Errors
/// The block is damaged, which one of our own never is.
pub(super) fn unpack(block: &[u8], codes: &mut Vec<u8>) -> Result<(), Failure> {
    plain::read(&mut Cursor::new(block), usize::MAX, codes)
        .map_err(|damage| Failure::Other(format!("a reference: {damage}")))
}

#[cfg(test)]
mod tests {
    use plimsoll_workload::Context;

    use super::*;

    #[test]
    fn what_is_beyond_the_memory_comes_back_from_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let ledger = Context::detached(directory.path()).ledger("references");
        let mut references = References::new(10, Spill::new(directory.path()), ledger);
        let blocks: Vec<Arc<[u8]>> = (1..=9_u8).map(|i| Arc::from(vec![i; 4])).collect();
        let kept: Vec<Kept> = blocks
            .iter()
            .map(|block| references.keep(block).unwrap())
            .collect();
        let held = |kept: &&Kept| matches!(kept, Kept::Held(_));
        assert_eq!(kept.iter().filter(held).count(), 2);
        let mut room = vec![7; 100];
        for (kept, block) in kept.iter().zip(&blocks) {
            assert_eq!(kept.block(&mut room).unwrap(), &block[..]);
        }
    }
}
