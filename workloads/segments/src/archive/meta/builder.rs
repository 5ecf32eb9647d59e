//! Building the meta payload: samples, records, and one row of columns per segment.
//!
//! ```text
//! samples   varint count, then per sample: varint name length, name, varint records, and per record: varint header
//!           length, header, varint sequence length, varint segments, case layer, others layer
//! columns   each preceded by its bytes as a varint, all segments in input order:
//!           group    zigzag(group - predicted), see `Followers`
//!           member   zigzag(member - member of the group's previous segment, at first 0)
//!           length   zigzag(length - length of the group's reference); group 0: the length
//!           turned   segment j in bit j % 8 of byte j / 8
//! packs     per group from 1 on, varint number of its packs
//! ```

use rustc_hash::FxHashMap;

use super::followers::Followers;
use crate::kmer::NONE;
use crate::layers::Layers;
use crate::segment::Key;
use crate::varint::{put, zigzag};

/// Collects what the meta block tells. About 8 bytes a segment while it grows; member numbers come at the end,
/// because those who find them need not do so in input order.
#[derive(Debug, Default)]
pub struct MetaBuilder {
    /// The samples that have ended, as written, and how many.
    ended: Vec<u8>,
    samples: u64,
    /// Records of the sample that is open, as written, and how many.
    name: Vec<u8>,
    open: Vec<u8>,
    records: u64,
    /// Segments of the record that is open.
    segments: u64,
    followers: Followers,
    /// Length of each group's reference, from group 1 on.
    references: Vec<u64>,
    groups: Vec<u32>,
    group: Vec<u8>,
    length: Vec<u8>,
    turned: Bits,
}

impl MetaBuilder {
    /// Begins the next sample.
    pub fn begin_sample(&mut self, name: &[u8]) {
        self.end_sample();
        self.samples += 1;
        self.name.extend_from_slice(name);
    }

    /// Begins the next record of the sample.
    pub fn begin_record(&mut self, header: &[u8]) {
        put_bytes(&mut self.open, header);
        self.records += 1;
        self.segments = 0;
        self.followers.start_record();
    }

    /// Takes the record's next segment: its group (0: raw), its bases with those it shares, and whether it is stored
    /// reverse-complemented. Groups are numbered 1, 2, ... by first appearance; the first segment of a group is its
    /// reference.
    pub fn segment(&mut self, group: u32, length: u64, turned: bool) {
        let predicted = self.followers.predicted();
        put(
            &mut self.group,
            zigzag(i64::from(group) - i64::from(predicted)),
        );
        self.followers.took(group);
        match (group as usize).checked_sub(1) {
            None => put(&mut self.length, length),
            Some(place) => {
                if place == self.references.len() {
                    self.references.push(length);
                }
                let reference = self.references[place];
                put(
                    &mut self.length,
                    zigzag(length.wrapping_sub(reference) as i64),
                );
            }
        }
        self.turned.push(turned);
        self.groups.push(group);
        self.segments += 1;
    }

    /// Ends the record: the bytes of its sequence, and its layers.
    pub fn end_record(&mut self, sequence_length: u64, layers: &Layers) {
        put(&mut self.open, sequence_length);
        put(&mut self.open, self.segments);
        layers.write(&mut self.open);
    }

    fn end_sample(&mut self) {
        if self.samples == 0 {
            return;
        }
        put_bytes(&mut self.ended, &self.name);
        put(&mut self.ended, self.records);
        self.ended.append(&mut self.open);
        self.name.clear();
        self.records = 0;
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let bytes = [
            &self.ended,
            &self.name,
            &self.open,
            &self.group,
            &self.length,
            &self.turned.bytes,
        ];
        bytes.iter().map(|bytes| bytes.capacity()).sum::<usize>()
            + self.groups.capacity() * size_of::<u32>()
            + self.references.capacity() * size_of::<u64>()
            + self.followers.heap_bytes()
    }

    /// How many segments there are so far.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.groups.len()
    }

    /// How many deltas each group has, from group 1 on, given the member number of every segment: as many as its
    /// largest member number.
    #[must_use]
    pub fn deltas(&self, members: &[u32]) -> Vec<u32> {
        let mut deltas = vec![0; self.references.len()];
        for (group, member) in self.groups.iter().zip(members) {
            if let Some(place) = (*group as usize).checked_sub(1) {
                deltas[place] = (*member).max(deltas[place]);
            }
        }
        deltas
    }

    /// The payload, given the member number of every segment in input order. Packs hold `pack` deltas each, the last
    /// of a group what is left.
    #[must_use]
    pub fn finish(mut self, members: &[u32], pack: u32) -> Vec<u8> {
        self.payload(members, pack)
    }

    fn payload(&mut self, members: &[u32], pack: u32) -> Vec<u8> {
        debug_assert_eq!(members.len(), self.groups.len());
        let deltas = self.deltas(members);
        self.end_sample();
        let mut payload = Vec::new();
        put(&mut payload, self.samples);
        payload.append(&mut self.ended);
        put_bytes(&mut payload, &self.group);
        put_bytes(&mut payload, &self.member_column(members));
        put_bytes(&mut payload, &self.length);
        put_bytes(&mut payload, &self.turned.bytes);
        for deltas in deltas {
            put(&mut payload, deltas.div_ceil(pack).into());
        }
        payload
    }

    /// The payload of an archive with references against references: as [`finish`](Self::finish), and per group from
    /// 1 on whether its reference is stored as a difference, and its key.
    #[must_use]
    pub fn finish_cross_referenced(
        mut self,
        members: &[u32],
        pack: u32,
        differences: &[bool],
        keys: impl Iterator<Item = Key>,
    ) -> Vec<u8> {
        debug_assert_eq!(differences.len(), self.references.len());
        let mut payload = self.payload(members, pack);
        let mut bits = Bits::default();
        differences.iter().for_each(|bit| bits.push(*bit));
        payload.append(&mut bits.bytes);
        for (length, is_difference) in self.references.iter().zip(differences) {
            if *is_difference {
                put(&mut payload, *length);
            }
        }
        put_keys(&mut payload, keys);
        payload
    }

    fn member_column(&self, members: &[u32]) -> Vec<u8> {
        let mut column = Vec::with_capacity(members.len());
        let mut last = vec![0_u32; self.references_and_raw()];
        for (group, member) in self.groups.iter().zip(members) {
            let last = &mut last[*group as usize];
            put(&mut column, zigzag(i64::from(*member) - i64::from(*last)));
            *last = *member;
        }
        column
    }

    /// One more than the highest group number.
    fn references_and_raw(&self) -> usize {
        self.groups
            .iter()
            .max()
            .map_or(1, |group| *group as usize + 1)
    }
}

/// Writes the keys as the two columns of splitter numbers.
fn put_keys(payload: &mut Vec<u8>, keys: impl Iterator<Item = Key>) {
    let mut numbers = FxHashMap::default();
    let mut number = |value: u64| {
        if value == NONE {
            return 0;
        }
        let next = numbers.len() as i64 + 1;
        *numbers.entry(value).or_insert(next)
    };
    let mut seconds = Vec::new();
    let mut before = 0;
    for Key(first, second) in keys {
        let (first, second) = (number(first), number(second));
        put(payload, zigzag(first - before));
        put(&mut seconds, zigzag(second - first));
        before = first;
    }
    payload.append(&mut seconds);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Bits, the first in the lowest place of the first byte.
#[derive(Debug, Default)]
struct Bits {
    count: usize,
    bytes: Vec<u8>,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.count.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let (true, Some(last)) = (bit, self.bytes.last_mut()) {
            *last |= 1 << (self.count % 8);
        }
        self.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_records_columns_and_packs() {
        let mut meta = MetaBuilder::default();
        meta.begin_sample(b"S0");
        meta.begin_record(b"chr 1");
        meta.segment(1, 100, false);
        meta.segment(2, 300, true);
        meta.segment(3, 50, false);
        meta.end_record(408, &Layers::default());
        meta.begin_sample(b"S1");
        meta.begin_record(b"");
        meta.segment(1, 99, false);
        meta.segment(3, 50, true);
        meta.end_record(128, &Layers::default());
        meta.begin_record(b"r");
        meta.segment(1, 101, false);
        meta.segment(3, 52, false);
        meta.end_record(132, &Layers::default());
        meta.begin_record(b"x");
        meta.segment(0, 7, false);
        meta.end_record(7, &Layers::default());
        assert_eq!(meta.segments(), 8);
        let payload = meta.finish(&[0, 0, 0, 1, 0, 1, 1, 0], 50);

        let mut expected = b"\x02\x02S0\x01\x05chr 1\x98\x03\x03\x00\x00".to_vec();
        expected.extend(
            b"\x02S1\x03\x00\x80\x01\x02\x00\x00\x01r\x84\x01\x02\x00\x00\x01x\x07\x01\x00\x00",
        );
        // Groups: 1 for 0; 2 and 3 as the next; 1 for 0; 3 for 2; 1 for 0; 3 as last; 0 as at every start.
        expected.extend(b"\x08\x02\x00\x00\x02\x02\x02\x00\x00");
        expected.extend(b"\x08\x00\x00\x00\x02\x00\x00\x02\x00");
        expected.extend(b"\x08\x00\x00\x00\x01\x00\x02\x04\x07");
        expected.extend(b"\x01\x12");
        expected.extend(b"\x01\x00\x01");
        assert_eq!(payload, expected);
    }

    #[test]
    fn nothing_is_one_zero_and_empty_columns() {
        assert_eq!(MetaBuilder::default().finish(&[], 50), [0, 0, 0, 0, 0]);
    }

    #[test]
    fn keys_are_numbered_by_first_appearance() {
        let mut payload = Vec::new();
        let keys = [
            Key(70, NONE),
            Key(50, 70),
            Key(50, 90),
            Key(70, 90),
            Key(NONE, 90),
        ];
        put_keys(&mut payload, keys.into_iter());
        // First 1, 2, 2, 1, 0; second 0, 1, 3, 3, 3.
        assert_eq!(payload, [2, 2, 0, 1, 1, 1, 1, 2, 4, 6]);
    }
}
