//! The tag that tells a molecule.

use crate::assign::Strand;
use crate::bam::molecule_tag;

/// Room for one, used again for the next.
#[derive(Default)]
pub(super) struct Tag {
    number: itoa::Buffer,
    bytes: Vec<u8>,
}

impl Tag {
    /// That of a molecule's number, and its strand where that is told.
    pub(super) fn of(&mut self, (molecule, strand): (u64, Option<Strand>)) -> &[u8] {
        molecule_tag(&mut self.bytes, |bytes| {
            bytes.extend_from_slice(self.number.format(molecule).as_bytes());
            bytes.extend_from_slice(match strand {
                None => b"",
                Some(Strand::A) => b"/A",
                Some(Strand::B) => b"/B",
            });
        });
        &self.bytes
    }
}
