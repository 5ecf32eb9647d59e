//! Position groups: neighbouring records whose templates have the same ends, library and cell.

use crate::bam::{End, Header, Record, RecordProblem, Tags, flags};

/// What tells a position group from others: the lower end, and the higher one where it is known.
#[derive(Debug)]
struct Key {
    low: End,
    high: Option<End>,
    library: u32,
    cell: Option<Vec<u8>>,
}

/// Where a record belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// To the template of the record before it.
    ToTemplate,
    /// To a new template of the open group.
    ToGroup,
    /// To a new group, which it opens.
    Nowhere,
}

/// Follows records from group to group.
#[derive(Debug)]
pub(crate) struct Positions<'a> {
    header: &'a Header,
    current: Option<Key>,
    /// Of the record before.
    name: Vec<u8>,
    /// The read group seen last, and its library.
    read_group: Vec<u8>,
    library: u32,
}

/// Whether a record takes part at all.
fn counts(record: &Record<'_>) -> bool {
    let flags = record.flags();
    flags & (flags::SECONDARY | flags::SUPPLEMENTARY) == 0
        && (flags & flags::UNMAPPED != 0 || record.has_cigar())
}

impl<'a> Positions<'a> {
    pub(crate) fn new(header: &'a Header) -> Self {
        Self {
            header,
            current: None,
            name: Vec::new(),
            read_group: Vec::new(),
            library: header.library(b""),
        }
    }

    /// Where the next record belongs; nothing for one that takes no part.
    ///
    /// # Errors
    /// It lacks what its position follows from.
    #[inline]
    pub(crate) fn place(
        &mut self,
        record: &Record<'_>,
        tags: &Tags<'_>,
    ) -> Result<Option<Belongs>, RecordProblem> {
        if !counts(record) {
            return Ok(None);
        }
        let has_mate = record.has(flags::PAIRED) && !record.has(flags::MATE_UNMAPPED);
        if has_mate && tags.mate_cigar.is_none() && !record.has(flags::UNMAPPED) {
            return Err(RecordProblem::NoMateCigar);
        }
        if self.current.is_some() && self.name == record.name() {
            return Ok(Some(Belongs::ToTemplate));
        }
        self.name.clear();
        self.name.extend_from_slice(record.name());
        let own = End::of(record);
        let (low, high) = match tags.mate_cigar {
            Some(cigar) if has_mate => {
                let mate = End::of_mate(record, cigar)?;
                (own.min(mate), Some(own.max(mate)))
            }
            _ => (own, None),
        };
        let library = tags.read_group.map_or(0, |group| self.library_of(group));
        if let Some(current) = &self.current {
            let same = (current.low, current.high, current.library) == (low, high, library)
                && current.cell.as_deref() == tags.cell;
            if same {
                return Ok(Some(Belongs::ToGroup));
            }
        }
        self.current = Some(Key {
            low,
            high,
            library,
            cell: tags.cell.map(<[u8]>::to_vec),
        });
        Ok(Some(Belongs::Nowhere))
    }

    fn library_of(&mut self, read_group: &[u8]) -> u32 {
        if self.read_group != read_group {
            self.read_group.clear();
            self.read_group.extend_from_slice(read_group);
            self.library = self.header.library(read_group);
        }
        self.library
    }
}
