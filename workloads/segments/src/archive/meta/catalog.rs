//! A meta payload read back and checked.

use super::walk::{Parts, Walk, read_bytes, read_record};
use crate::archive::format::Format;
use crate::damage::Damage;
use crate::kmer::NONE;
use crate::segment::Key;
use crate::varint::{Cursor, unzigzag};

/// What the meta block tells. It holds the payload, and a few bytes a group.
#[derive(Debug)]
pub(crate) struct Catalog {
    payload: Vec<u8>,
    parts: Parts,
    /// Per group, the raw group first: its different members.
    members: Vec<u32>,
    /// Deltas of a full pack.
    pack: u32,
    differences: Option<Differences>,
}

/// Which references are stored as differences, and what is needed to know from which.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Per group from 1 on: the length of a reference that is a difference.
    pub(crate) lengths: Vec<Option<u64>>,
    /// Per group from 1 on: its key, with the splitters' numbers in the place of their values.
    pub(crate) keys: Vec<Key>,
}

impl Catalog {
    /// Reads a meta payload. Memory is a small multiple of the payload, whatever it claims.
    ///
    /// # Errors
    /// The payload is not one that a writer wrote.
    pub(crate) fn read(payload: Vec<u8>, format: Format, pack: u32) -> Result<Self, Damage> {
        let mut cursor = Cursor::new(&payload);
        let parts = read_parts(&payload, &mut cursor)?;
        let mut walk = Walk::new(&payload, &parts);
        while walk.next()?.is_some() {}
        let members: Vec<u32> = walk.members().collect();
        for count in &members[1..] {
            if cursor.varint()? != u64::from((count - 1).div_ceil(pack)) {
                return Err(Damage::new(
                    "a group has not the packs that its members need",
                ));
            }
        }
        let differences = match format {
            Format::Plain => None,
            Format::CrossReferenced => Some(Differences::read(&mut cursor, members.len() - 1)?),
        };
        if !cursor.is_empty() {
            return Err(Damage::new("it goes on after its end"));
        }
        Ok(Self {
            payload,
            parts,
            members,
            pack,
            differences,
        })
    }

    /// How many groups there are, without the raw group.
    pub(crate) fn groups(&self) -> usize {
        self.members.len() - 1
    }

    /// Packs of a group from 1 on.
    pub(crate) fn packs(&self, group: usize) -> u32 {
        (self.members[group] - 1).div_ceil(self.pack)
    }

    /// Which pack of its group a member from 1 on is in, at which place, and how many deltas the pack has.
    pub(crate) fn place(&self, group: u32, member: u32) -> (u32, usize, usize) {
        let (pack, place) = ((member - 1) / self.pack, (member - 1) % self.pack);
        let deltas = self.members[group as usize] - 1;
        let held = (deltas - pack * self.pack).min(self.pack);
        (pack, place as usize, held as usize)
    }

    /// References as differences; nothing in a plain archive.
    pub(crate) fn differences(&self) -> Option<&Differences> {
        self.differences.as_ref()
    }

    /// Samples, records and segments in order.
    pub(crate) fn walk(&self) -> Walk<'_> {
        Walk::new(&self.payload, &self.parts)
    }
}

/// Finds the parts of a payload; the cursor is left behind the last column.
fn read_parts(payload: &[u8], cursor: &mut Cursor<'_>) -> Result<Parts, Damage> {
    let at = |cursor: &Cursor<'_>| payload.len() - cursor.rest().len();
    let samples = cursor.varint()?;
    let start = at(cursor);
    for _ in 0..samples {
        read_bytes(cursor)?;
        let records = cursor.varint()?;
        for _ in 0..records {
            read_record(cursor)?;
        }
    }
    let heads = start..at(cursor);
    let mut parts = Parts {
        samples,
        heads,
        ..Parts::default()
    };
    for column in &mut parts.columns {
        let bytes = read_bytes(cursor)?.len();
        let end = at(cursor);
        *column = end - bytes..end;
    }
    Ok(parts)
}

impl Differences {
    fn read(cursor: &mut Cursor<'_>, groups: usize) -> Result<Self, Damage> {
        let bits = cursor.take(groups.div_ceil(8))?;
        let bit = |place: usize| bits[place / 8] >> (place % 8) & 1 == 1;
        if (groups..bits.len() * 8).any(bit) {
            return Err(Damage::new("a reference is of a group that does not exist"));
        }
        let mut lengths = Vec::with_capacity(groups);
        for place in 0..groups {
            let length = bit(place).then(|| cursor.varint()).transpose()?;
            lengths.push(length);
        }
        let mut firsts = Vec::with_capacity(groups);
        let mut first = 0;
        for _ in 0..groups {
            first = stepped(first, cursor.varint()?)?;
            firsts.push(first);
        }
        let mut keys = Vec::with_capacity(groups);
        let mut known = 0;
        for first in firsts {
            let second = stepped(first, cursor.varint()?)?;
            for number in [first, second] {
                if number > known + 1 {
                    return Err(Damage::new("a splitter is numbered out of order"));
                }
                known = known.max(number);
            }
            keys.push(Key(value(first), value(second)));
        }
        Ok(Self { lengths, keys })
    }
}

fn stepped(from: i64, difference: u64) -> Result<i64, Damage> {
    from.checked_add(unzigzag(difference))
        .filter(|number| (0..=i64::from(u32::MAX)).contains(number))
        .ok_or_else(|| Damage::new("a splitter's number is out of range"))
}

/// A splitter's number as a value that is equal for equal splitters alone.
fn value(number: i64) -> u64 {
    u64::try_from(number)
        .ok()
        .filter(|number| *number > 0)
        .unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::archive::MetaBuilder;
    use crate::archive::meta::Row;
    use crate::layers::{LayerBuilder, Layers};

    fn small() -> MetaBuilder {
        let mut meta = MetaBuilder::default();
        meta.begin_sample(b"S0");
        meta.begin_record(b"chr 1");
        meta.segment(1, 100, false);
        meta.segment(2, 300, true);
        let mut layers = LayerBuilder::default();
        layers.push(b"ACGTacgtRRY");
        meta.end_record(379, &layers.finish());
        meta.begin_sample(b"empty");
        meta.begin_sample(b"S1");
        meta.begin_record(b"");
        meta.segment(1, 99, true);
        meta.segment(0, 50, false);
        meta.end_record(128, &Layers::default());
        meta
    }

    const MEMBERS: [u32; 4] = [0, 0, 1, 0];

    fn plain() -> Vec<u8> {
        small().finish(&MEMBERS, 50)
    }

    fn cross() -> Vec<u8> {
        let keys = [Key(900, 700), Key(NONE, 900)].into_iter();
        small().finish_cross_referenced(&MEMBERS, 50, &[false, true], keys)
    }

    fn told(catalog: &Catalog) -> Vec<String> {
        let mut walk = catalog.walk();
        let mut told = Vec::new();
        while let Some(row) = walk.next().unwrap() {
            told.push(match row {
                Row::Sample(name) => format!("sample {}", name.escape_ascii()),
                Row::Record(record) => format!(
                    "record {} of {}, {} segments",
                    record.header.escape_ascii(),
                    record.length,
                    record.segments
                ),
                Row::Segment(segment) => format!(
                    "{}.{} {} {}",
                    segment.group,
                    segment.member,
                    segment
                        .length([0, 100, 300][segment.group as usize])
                        .unwrap(),
                    segment.turned
                ),
            });
        }
        told
    }

    #[test]
    fn what_was_built_is_read_back() {
        let catalog = Catalog::read(plain(), Format::Plain, 50).unwrap();
        assert_eq!(
            told(&catalog),
            [
                "sample S0",
                "record chr 1 of 379, 2 segments",
                "1.0 100 false",
                "2.0 300 true",
                "sample empty",
                "sample S1",
                "record  of 128, 2 segments",
                "1.1 99 true",
                "0.0 50 false",
            ]
        );
        assert_eq!(
            (catalog.groups(), catalog.packs(1), catalog.packs(2)),
            (2, 1, 0)
        );
        assert_eq!(catalog.place(1, 1), (0, 0, 1));
    }

    #[test]
    fn keys_come_back_as_numbers() {
        let catalog = Catalog::read(cross(), Format::CrossReferenced, 50).unwrap();
        assert_eq!(
            catalog.differences(),
            Some(&Differences {
                lengths: vec![None, Some(300)],
                keys: vec![Key(1, 2), Key(NONE, 1)],
            })
        );
    }

    #[test]
    fn every_cut_and_every_flip_is_refused_or_read() {
        for (payload, format) in [(plain(), Format::Plain), (cross(), Format::CrossReferenced)] {
            for end in 0..payload.len() {
                assert!(Catalog::read(payload[..end].to_vec(), format, 50).is_err());
            }
            for place in 0..payload.len() {
                for byte in 0..=u8::MAX {
                    let mut damaged = payload.clone();
                    damaged[place] = byte;
                    let _ = Catalog::read(damaged, format, 50);
                }
            }
            let longer = [&payload[..], &[0]].concat();
            assert!(Catalog::read(longer, format, 50).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(payload: Vec<u8>, cross: bool) {
            let format = if cross { Format::CrossReferenced } else { Format::Plain };
            let _ = Catalog::read(payload, format, 3);
        }
    }
}
