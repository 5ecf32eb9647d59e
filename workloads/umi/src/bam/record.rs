//! One record, as the bytes after its length.

use super::RecordProblem;

/// Bytes of a record at most: far more than the longest reads have.
pub(crate) const MOST_RECORD_BYTES: u32 = 256 << 20;
/// Bytes of the length before each record.
pub(crate) const LENGTH: usize = 4;
/// Bytes of the fields that every record has.
const FIXED: usize = 32;

/// Bits of a record's flags.
pub(crate) mod flags {
    pub(crate) const PAIRED: u16 = 0x1;
    pub(crate) const UNMAPPED: u16 = 0x4;
    pub(crate) const MATE_UNMAPPED: u16 = 0x8;
    pub(crate) const REVERSE: u16 = 0x10;
    pub(crate) const MATE_REVERSE: u16 = 0x20;
    pub(crate) const FIRST: u16 = 0x40;
    pub(crate) const SECONDARY: u16 = 0x100;
    pub(crate) const QC_FAIL: u16 = 0x200;
    pub(crate) const SUPPLEMENTARY: u16 = 0x800;
}

/// The length told before a record, where there are bytes for one.
pub(crate) fn length_at(bytes: &[u8]) -> Option<u32> {
    bytes
        .first_chunk()
        .map(|length| u32::from_le_bytes(*length))
}

/// A record whose fields lie inside of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    bytes: &'a [u8],
    cigar: usize,
    tags: usize,
}

impl<'a> Record<'a> {
    /// Takes the bytes after a record's length.
    ///
    /// # Errors
    /// Its fields do not lie inside of it.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, RecordProblem> {
        if bytes.len() < FIXED {
            return Err(RecordProblem::TooShort(bytes.len() as u32));
        }
        let mut record = Self {
            bytes,
            cigar: 0,
            tags: 0,
        };
        let bases = u64::from(record.word(16));
        record.cigar = FIXED + usize::from(bytes[8]);
        let qualities = record.cigar as u64 + 4 * u64::from(record.half(12)) + bases.div_ceil(2);
        let tags = qualities + bases;
        if tags > bytes.len() as u64 {
            return Err(RecordProblem::Lengths);
        }
        record.tags = tags as usize;
        if bytes[8] == 0 || bytes[record.cigar - 1] != 0 {
            return Err(RecordProblem::Name);
        }
        Ok(record)
    }

    /// Takes bytes that have passed [`new`](Self::new) before, and looks for nothing but the name.
    #[inline]
    pub(crate) fn name_of(bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes
            .get(8)
            .map_or(0, |length| FIXED + usize::from(*length));
        bytes.get(FIXED..end.saturating_sub(1)).unwrap_or_default()
    }

    /// Holds both reference ids against the number of references.
    #[inline]
    pub(crate) fn check_references(&self, references: u32) -> Result<(), RecordProblem> {
        for id in [self.reference(), self.mate_reference()] {
            // -1 is none.
            if id < -1 || i64::from(id) >= i64::from(references) {
                return Err(RecordProblem::Reference(id));
            }
        }
        Ok(())
    }

    #[inline]
    fn word(&self, at: usize) -> u32 {
        let word = self.bytes[at..at + 4].first_chunk();
        word.map_or(0, |word| u32::from_le_bytes(*word))
    }

    #[inline]
    fn half(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])
    }

    pub(crate) fn reference(&self) -> i32 {
        self.word(0) as i32
    }

    /// From 0 on.
    pub(crate) fn position(&self) -> i32 {
        self.word(4) as i32
    }

    pub(crate) fn mapping_quality(&self) -> u8 {
        self.bytes[9]
    }

    pub(crate) fn flags(&self) -> u16 {
        self.half(14)
    }

    pub(crate) fn has(&self, flag: u16) -> bool {
        self.flags() & flag != 0
    }

    pub(crate) fn mate_reference(&self) -> i32 {
        self.word(20) as i32
    }

    pub(crate) fn mate_position(&self) -> i32 {
        self.word(24) as i32
    }

    pub(crate) fn name(&self) -> &'a [u8] {
        &self.bytes[FIXED..self.cigar - 1]
    }

    /// The operations: length and code of each.
    pub(crate) fn cigar(&self) -> impl DoubleEndedIterator<Item = (u32, u8)> + use<'a> {
        let end = self.cigar + 4 * usize::from(self.half(12));
        let words = self.bytes[self.cigar..end].as_chunks::<4>().0;
        words.iter().map(|word| {
            let word = u32::from_le_bytes(*word);
            (word >> 4, (word & 15) as u8)
        })
    }

    pub(crate) fn has_cigar(&self) -> bool {
        self.half(12) != 0
    }

    /// The bytes of all tags, and where they begin.
    pub(crate) fn tags(&self) -> (&'a [u8], usize) {
        (&self.bytes[self.tags..], self.tags)
    }
}
