//! What is numbered and packed within a group, the same whatever the group keeps of its reference.

use plimsoll_workload::Failure;

use super::spill::{Extent, Spill};
use crate::archive::BlockKind;
use crate::delta::Columns;
use crate::pack::{OpenPack, RAW_PACK_CODES};
use crate::params::Settings;
use crate::plain;

/// A payload that is ready to be compressed.
pub(crate) type Payload = (BlockKind, Vec<u8>);

/// The deltas of a group that are not written yet, and how many are. Their bytes may be in a [`Spill`], always the
/// same one.
#[derive(Debug, Default)]
pub(crate) struct Deltas {
    open: OpenPack,
    closed: u32,
    spilled: Vec<Extent>,
}

impl Deltas {
    /// Takes the delta of a segment that differs from the reference: its member number, and the pack that it fills.
    ///
    /// # Errors
    /// What was spilled cannot be read.
    pub(crate) fn add(
        &mut self,
        delta: &Columns,
        settings: &Settings,
        spill: &Spill,
    ) -> Result<(u32, Option<Payload>), Failure> {
        let known = if self.open.may_hold(delta) {
            self.open.find(&self.spilled(spill)?, delta)
        } else {
            None
        };
        let place = known.unwrap_or_else(|| self.open.push(delta));
        let member = self.closed + place as u32 + 1;
        let full = self.open.len() == settings.pack as usize;
        Ok((member, if full { self.close(spill)? } else { None }))
    }

    /// The open pack, if anything is in it.
    ///
    /// # Errors
    /// What was spilled cannot be read.
    pub(crate) fn close(&mut self, spill: &Spill) -> Result<Option<Payload>, Failure> {
        if self.open.is_empty() {
            return Ok(None);
        }
        let mut payload = Vec::new();
        self.open.payload(&self.spilled(spill)?, &mut payload);
        self.closed += self.open.len() as u32;
        self.open.clear();
        self.spilled = Vec::new();
        Ok(Some((BlockKind::Pack, payload)))
    }

    /// Moves what is held to `spill`.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn spill(&mut self, spill: &mut Spill) -> Result<(), Failure> {
        let bytes = self.open.take_out();
        if !bytes.is_empty() {
            let (_, extent) = spill.append(&bytes)?;
            self.spilled.push(extent);
        }
        Ok(())
    }

    fn spilled(&self, spill: &Spill) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        for extent in &self.spilled {
            spill.read(*extent, &mut bytes)?;
        }
        Ok(bytes)
    }

    /// Bytes of the open pack in memory.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.open.heap_bytes() + self.spilled.capacity() * size_of::<Extent>()
    }
}

/// The segments without splitters that are not written yet, and how many are.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    open: Vec<u8>,
    members: u32,
    codes: usize,
    closed: u32,
}

impl Raw {
    /// Takes the next segment: its member number, and the pack that it fills.
    pub(crate) fn add(&mut self, codes: &[u8], settings: &Settings) -> (u32, Option<Payload>) {
        plain::write(codes, &mut self.open);
        let member = self.closed + self.members;
        self.members += 1;
        self.codes += codes.len();
        let full = self.members == settings.pack || self.codes >= RAW_PACK_CODES;
        (member, if full { self.close() } else { None })
    }

    /// The open pack, if anything is in it.
    pub(crate) fn close(&mut self) -> Option<Payload> {
        let Self {
            open,
            members,
            closed,
            ..
        } = std::mem::take(self);
        self.closed = closed + members;
        (members > 0).then_some((BlockKind::RawPack, open))
    }

    /// Bytes of the open pack.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.open.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::hashed;
    use crate::params::{Levels, Params};

    fn delta(of: u8) -> Columns {
        let mut delta = Columns::default();
        hashed::encode(&vec![of % 4; 9 + usize::from(of)], &[], 20, &mut delta);
        delta
    }

    #[test]
    fn spilled_deltas_keep_their_numbers_and_their_bytes() {
        let settings = Params {
            pack: 7,
            ..Params::default()
        };
        let settings = settings.settings(Levels::AsFound).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut spill = Spill::new(directory.path());
        let (mut held, mut spilled) = (Deltas::default(), Deltas::default());
        for round in 0..60_u8 {
            let delta = delta((u32::from(round) * 11 % 23) as u8);
            let expected = held.add(&delta, &settings, &spill).unwrap();
            let given = spilled.add(&delta, &settings, &spill).unwrap();
            assert_eq!(given, expected, "round {round}");
            if round % 3 == 0 {
                spilled.spill(&mut spill).unwrap();
            }
        }
        let expected = held.close(&spill).unwrap();
        assert_eq!(spilled.close(&spill).unwrap(), expected);
    }
}
