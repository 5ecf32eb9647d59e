//! Packed templates: four bytes that tell the length of what follows, then each record behind four that tell its own
//! length, its pattern, and whether it is like that.

use super::pattern::{Pattern, SLACK, most};
use crate::bam::{MOST_RECORD_BYTES, flags};
use crate::error::Error;

/// Bytes of a length.
pub(super) const LENGTH: usize = 4;

/// The first forward record of a group, and its first reverse one.
#[derive(Debug, Default)]
pub(super) struct Patterns([Option<Pattern>; 2]);

impl Patterns {
    pub(super) fn heap_bytes(&self) -> u64 {
        self.0.iter().flatten().map(Pattern::heap_bytes).sum()
    }

    /// Takes the next record off a template's packed bytes, which [`template`] has given: false at their end. `record` is
    /// the room that it comes to.
    ///
    /// # Errors
    /// They are not what was packed.
    #[inline]
    pub(super) fn next(&self, packed: &mut &[u8], record: &mut Vec<u8>) -> Result<bool, Error> {
        if packed.len() <= SLACK {
            return Ok(false);
        }
        self.unpack(packed, record).ok_or(Error::Altered)?;
        Ok(true)
    }

    fn unpack(&self, packed: &mut &[u8], record: &mut Vec<u8>) -> Option<()> {
        let (told, rest) = packed.split_first_chunk::<LENGTH>()?;
        let told = u32::from_le_bytes(*told);
        let length = told >> 2;
        if length > MOST_RECORD_BYTES {
            return None;
        }
        record.resize(length as usize, 0);
        let pattern = self.0[(told & 1) as usize].as_ref()?;
        let taken = pattern.unpack(rest, told & 2 != 0, record)?;
        *packed = rest.get(taken..)?;
        Some(())
    }
}

/// The packed bytes of the template that begins there, and [`SLACK`] more; and where they end.
///
/// # Errors
/// There is none.
#[inline]
pub(super) fn template(bytes: &[u8], at: usize) -> Result<(&[u8], usize), Error> {
    let found = || {
        let length = u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize;
        let end = at + LENGTH + length;
        Some((bytes.get(at + LENGTH..end + SLACK)?, end))
    };
    found().ok_or(Error::Altered)
}

/// Packs templates.
#[derive(Debug)]
pub(super) struct Packer {
    pub(super) patterns: Patterns,
    laid: Vec<u8>,
    packed: Vec<u8>,
}

impl Default for Packer {
    fn default() -> Self {
        Self {
            patterns: Patterns::default(),
            laid: Vec::new(),
            packed: vec![0; LENGTH],
        }
    }
}

impl Packer {
    /// A template's records, packed and behind their length, until the next is packed.
    pub(super) fn pack<'a>(&mut self, records: impl Iterator<Item = &'a [u8]>) -> &[u8] {
        let mut end = LENGTH;
        for record in records {
            let is_reverse = record.get(14).is_some_and(|low| low & REVERSE != 0);
            let number = usize::from(is_reverse);
            let pattern = self.patterns.0[number].get_or_insert_with(|| Pattern::new(record));
            let is_like = pattern.is_like(record);
            let told = (record.len() as u32) << 2 | u32::from(is_like) << 1 | number as u32;
            let needed = end + LENGTH + most(record.len());
            if self.packed.len() < needed {
                self.packed.resize(needed, 0);
            }
            let (length, room) = self.packed[end..].split_at_mut(LENGTH);
            length.copy_from_slice(&told.to_le_bytes());
            end += LENGTH + pattern.pack(record, is_like, &mut self.laid, room);
        }
        // Two records of 256 MiB at most, and a sixth more.
        let length = (end - LENGTH) as u32;
        self.packed[..LENGTH].copy_from_slice(&length.to_le_bytes());
        &self.packed[..end]
    }

    pub(super) fn heap_bytes(&self) -> u64 {
        let room = self.laid.capacity() + self.packed.capacity();
        room as u64 + self.patterns.heap_bytes()
    }
}

/// In the lower byte of the flags.
const REVERSE: u8 = flags::REVERSE as u8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn templates_of_any_records_come_back(
            templates in proptest::collection::vec(proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..3), 1..8),
        ) {
            let mut packer = Packer::default();
            let mut bytes = Vec::new();
            for template in &templates {
                bytes.extend_from_slice(packer.pack(template.iter().map(|record| &record[..])));
            }
            bytes.extend([0; SLACK]);
            let (mut at, mut record) = (0, Vec::new());
            for wanted in &templates {
                let (mut packed, end) = template(&bytes, at).unwrap();
                for one in wanted {
                    prop_assert!(packer.patterns.next(&mut packed, &mut record).unwrap());
                    prop_assert_eq!(&record, one);
                }
                prop_assert!(!packer.patterns.next(&mut packed, &mut record).unwrap());
                at = end;
            }
            prop_assert_eq!(at + SLACK, bytes.len());
            prop_assert!(template(&bytes, at).is_err());
        }
    }
}
