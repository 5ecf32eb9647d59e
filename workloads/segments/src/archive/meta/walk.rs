//! Samples, records and segments of a meta payload, one after another.

use std::ops::Range;

use super::followers::Followers;
use crate::damage::Damage;
use crate::layers::Layers;
use crate::varint::{Cursor, unzigzag};

/// What comes next in the archive.
#[derive(Debug)]
pub(crate) enum Row<'a> {
    /// A sample, by its name.
    Sample(&'a [u8]),
    /// The sample's next record.
    Record(RecordRow<'a>),
    /// The record's next segment.
    Segment(SegmentRow),
}

/// A record without its letters.
#[derive(Debug)]
pub(crate) struct RecordRow<'a> {
    pub(crate) header: &'a [u8],
    /// Bytes of its sequence.
    pub(crate) length: u64,
    pub(crate) segments: u64,
    pub(crate) layers: Layers,
}

/// Where a segment is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentRow {
    /// 0 is the raw group.
    pub(crate) group: u32,
    /// 0 is the reference, except in the raw group.
    pub(crate) member: u32,
    /// Stored reverse-complemented.
    pub(crate) turned: bool,
    length: u64,
}

impl SegmentRow {
    /// The segment's codes, given those of its group's reference (none of the raw group).
    ///
    /// # Errors
    /// The sum is no length.
    pub(crate) fn length(&self, reference: u64) -> Result<u64, Damage> {
        if self.group == 0 {
            return Ok(self.length);
        }
        reference
            .checked_add_signed(unzigzag(self.length))
            .ok_or_else(|| Damage::new("a segment's length is out of range"))
    }
}

/// Where in a meta payload what is.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) samples: u64,
    /// From the first sample's name to the last record's layers.
    pub(super) heads: Range<usize>,
    /// Group, member, length, turned.
    pub(super) columns: [Range<usize>; 4],
}

/// Goes through the samples in order. Everything that can be told from the meta payload alone is checked: groups are
/// numbered by first appearance, members in order, no column ends early or goes on.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    heads: Cursor<'a>,
    samples: u64,
    records: u64,
    segments: u64,
    /// Segments of all records, so far.
    seen: u64,
    group: Cursor<'a>,
    member: Cursor<'a>,
    length: Cursor<'a>,
    turned: &'a [u8],
    followers: Followers,
    members: Vec<Members>,
}

/// The members of a group, so far.
#[derive(Debug, Clone, Copy, Default)]
struct Members {
    last: u32,
    /// How many different ones.
    count: u32,
}

impl<'a> Walk<'a> {
    pub(super) fn new(payload: &'a [u8], parts: &Parts) -> Self {
        let [group, member, length, turned] = parts.columns.clone().map(|column| &payload[column]);
        Self {
            heads: Cursor::new(&payload[parts.heads.clone()]),
            samples: parts.samples,
            records: 0,
            segments: 0,
            seen: 0,
            group: Cursor::new(group),
            member: Cursor::new(member),
            length: Cursor::new(length),
            turned,
            followers: Followers::default(),
            members: vec![Members::default()],
        }
    }

    /// The next row; nothing after the last.
    ///
    /// # Errors
    /// The payload is not one that a writer wrote.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'a>>, Damage> {
        if let Some(left) = self.segments.checked_sub(1) {
            self.segments = left;
            return self.segment().map(|segment| Some(Row::Segment(segment)));
        }
        if let Some(left) = self.records.checked_sub(1) {
            self.records = left;
            let record = read_record(&mut self.heads)?;
            self.segments = record.segments;
            self.followers.start_record();
            return Ok(Some(Row::Record(record)));
        }
        if let Some(left) = self.samples.checked_sub(1) {
            self.samples = left;
            let name = read_bytes(&mut self.heads)?;
            self.records = self.heads.varint()?;
            return Ok(Some(Row::Sample(name)));
        }
        self.check_end()?;
        Ok(None)
    }

    /// Members of each group so far, the raw group first. A reference is one of them.
    pub(super) fn members(&self) -> impl Iterator<Item = u32> {
        self.members.iter().map(|members| members.count)
    }

    fn segment(&mut self) -> Result<SegmentRow, Damage> {
        let group = moved(self.followers.predicted(), self.group.varint()?)
            .filter(|group| (*group as usize) <= self.members.len())
            .ok_or_else(|| Damage::new("a segment is of a group that does not exist"))?;
        self.followers.took(group);
        if group as usize == self.members.len() {
            self.members.push(Members::default());
        }
        let members = &mut self.members[group as usize];
        let member = moved(members.last, self.member.varint()?)
            .filter(|member| *member <= members.count && *member < u32::MAX)
            .filter(|member| group > 0 || *member == members.count)
            .ok_or_else(|| Damage::new("a segment is a member that its group does not have"))?;
        members.last = member;
        members.count = members.count.max(member + 1);
        let place = self.seen;
        self.seen += 1;
        let turned = usize::try_from(place / 8)
            .ok()
            .and_then(|byte| self.turned.get(byte))
            .ok_or_else(|| Damage::new("the column of directions ends early"))?;
        Ok(SegmentRow {
            group,
            member,
            turned: turned >> (place % 8) & 1 == 1,
            length: self.length.varint()?,
        })
    }

    fn check_end(&self) -> Result<(), Damage> {
        let whole = self.heads.is_empty()
            && self.group.is_empty()
            && self.member.is_empty()
            && self.length.is_empty()
            && self.turned.len() as u64 == self.seen.div_ceil(8);
        let padding = match (self.turned.last(), self.seen % 8) {
            (Some(last), used @ 1..) => last >> used,
            _ => 0,
        };
        if whole && padding == 0 {
            return Ok(());
        }
        Err(Damage::new(
            "the columns are of more segments than the records",
        ))
    }
}

/// What a zigzag difference leads to.
fn moved(from: u32, difference: u64) -> Option<u32> {
    i64::from(from)
        .checked_add(unzigzag(difference))
        .and_then(|to| u32::try_from(to).ok())
}

pub(super) fn read_bytes<'a>(from: &mut Cursor<'a>) -> Result<&'a [u8], Damage> {
    let count = from.size()?;
    from.take(count)
}

pub(super) fn read_record<'a>(from: &mut Cursor<'a>) -> Result<RecordRow<'a>, Damage> {
    let header = read_bytes(from)?;
    let length = from.varint()?;
    let segments = from.varint()?;
    let layers = Layers::read(from, length)?;
    Ok(RecordRow {
        header,
        length,
        segments,
        layers,
    })
}
