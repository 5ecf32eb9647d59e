//! Records back from an archive, in input order and bounded memory.

use super::blocks::Loader;
use super::error::{DecompressError, ReadError};
use super::meta::{RecordRow, Row, SegmentRow, Walk};
use super::packs::Packs;
use super::raw::RawSegments;
use super::read::Archive;
use super::references::References;
use crate::code::reverse_complement;
use crate::damage::Damage;
use crate::delta;
use crate::pack::PackView;

/// Takes what an archive holds, in the order of its input.
pub trait RecordSink {
    /// Why it does not take more.
    type Error;

    /// The next sample begins.
    ///
    /// # Errors
    /// It does not take more.
    fn sample(&mut self, name: &[u8]) -> Result<(), Self::Error>;

    /// The sample's next record begins.
    ///
    /// # Errors
    /// It does not take more.
    fn record(&mut self, header: &[u8]) -> Result<(), Self::Error>;

    /// The next bytes of the record's sequence.
    ///
    /// # Errors
    /// It does not take more.
    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// Bytes of decompressed packs that are held. A yeast pangenome of ten samples fits.
const PACK_BYTES: usize = 16 << 20;

impl Archive {
    /// Gives every record back.
    ///
    /// Held are all references at two bits a base, at most 16 MiB of packs (or one pack), and one segment.
    ///
    /// # Errors
    /// The archive cannot be read or is not what was written, or the sink does not take more.
    pub fn decompress<S: RecordSink>(&self, sink: &mut S) -> Result<(), DecompressError<S::Error>> {
        self.decompress_holding(PACK_BYTES, sink)
    }

    /// Gives every record back, and holds at most so many bytes of packs (or one pack). Packs that do not fit are
    /// decompressed anew when they are needed again.
    ///
    /// # Errors
    /// As for [`decompress`](Self::decompress).
    pub fn decompress_holding<S: RecordSink>(
        &self,
        pack_bytes: usize,
        sink: &mut S,
    ) -> Result<(), DecompressError<S::Error>> {
        let mut segments = Segments::new(self, pack_bytes)?;
        let mut walk = self.catalog().walk();
        let damaged = |damage: Damage| self.damaged(damage);
        while let Some(row) = walk.next().map_err(damaged)? {
            match row {
                Row::Sample(name) => sink.sample(name).map_err(DecompressError::Sink)?,
                Row::Record(record) => {
                    sink.record(record.header).map_err(DecompressError::Sink)?;
                    segments.record(&record, &mut walk, sink)?;
                }
                Row::Segment(_) => {
                    return Err(damaged(Damage::new("a segment is of no record")).into());
                }
            }
        }
        Ok(segments.raw.check_end()?)
    }
}

/// Where segments come from, and the buffers they are made in.
struct Segments<'a> {
    archive: &'a Archive,
    loader: Loader<'a>,
    references: References,
    packs: Packs<'a>,
    raw: RawSegments<'a>,
    reference: Vec<u8>,
    codes: Vec<u8>,
}

impl<'a> Segments<'a> {
    fn new(archive: &'a Archive, pack_bytes: usize) -> Result<Self, ReadError> {
        let mut loader = archive.loader()?;
        Ok(Self {
            references: References::load(archive, &mut loader)?,
            loader,
            packs: Packs::new(archive, pack_bytes)?,
            raw: RawSegments::new(archive),
            reference: Vec::new(),
            codes: Vec::new(),
            archive,
        })
    }

    /// Gives the sequence of a record to the sink, segment after segment.
    fn record<S: RecordSink>(
        &mut self,
        record: &RecordRow<'_>,
        walk: &mut Walk<'_>,
        sink: &mut S,
    ) -> Result<(), DecompressError<S::Error>> {
        let archive = self.archive;
        let damaged = |damage: Damage| {
            let part = format!("the record \"{}\"", record.header.escape_ascii());
            archive.damaged(damage.within(part))
        };
        let mut layers = record.layers.restore();
        let mut left = record.length;
        let mut shared = 0;
        for _ in 0..record.segments {
            let Some(Row::Segment(segment)) = walk.next().map_err(damaged)? else {
                return Err(damaged(Damage::new("it has too few segments")).into());
            };
            // Known to fit the record before anything of its size is made.
            let reference = match segment.group {
                0 => 0,
                group => self.references.length(group).map_err(damaged)?,
            };
            let length = segment.length(reference).map_err(damaged)?;
            left = length
                .checked_sub(shared as u64)
                .and_then(|new| left.checked_sub(new))
                .ok_or_else(|| damaged(Damage::new("its segments are longer than it is")))?;
            let length = usize::try_from(length)
                .map_err(|_| damaged(Damage::new("a segment is beyond this machine's sizes")))?;
            self.segment(segment, length)?;
            let piece = &mut self.codes[shared..];
            letters(piece);
            layers.apply(piece);
            sink.sequence(piece).map_err(DecompressError::Sink)?;
            shared = archive.k();
        }
        if left == 0 {
            return Ok(());
        }
        Err(damaged(Damage::new("its segments are shorter than it is")).into())
    }

    /// Makes the codes of a segment, in the record's own direction.
    fn segment(&mut self, segment: SegmentRow, length: usize) -> Result<(), ReadError> {
        let SegmentRow { group, member, .. } = segment;
        let archive = self.archive;
        let damaged = |damage: Damage| {
            archive.damaged(damage.within(format!("member {member} of group {group}")))
        };
        if group == 0 {
            self.raw
                .read_next(length, &mut self.loader, &mut self.codes)?;
        } else if member == 0 {
            self.references
                .unpack(group, &mut self.codes)
                .map_err(damaged)?;
        } else {
            self.references
                .unpack(group, &mut self.reference)
                .map_err(damaged)?;
            let (pack, place, deltas) = archive.catalog().place(group, member);
            let payload = self.packs.payload(group, pack, &mut self.loader)?;
            let view = PackView::new(payload, deltas).map_err(damaged)?;
            let (lens, pos, lits) = view
                .delta(place)
                .ok_or_else(|| damaged(Damage::new("its pack is too short")))?;
            delta::decode(lens, pos, lits, &self.reference, length, &mut self.codes)
                .map_err(damaged)?;
        }
        if self.codes.len() != length {
            let damage = Damage::new(format!(
                "it has {} codes, where {length} belong",
                self.codes.len()
            ));
            return Err(damaged(damage));
        }
        if segment.turned {
            reverse_complement(&mut self.codes);
        }
        Ok(())
    }
}

/// Codes into their letters. Comparisons alone, so that the compiler makes them many at a time.
fn letters(codes: &mut [u8]) {
    for code in codes {
        let is = |other: u8| u8::from(*code == other);
        let n = u8::from(*code >= 4);
        *code = b'A' + 2 * is(1) + 6 * is(2) + 19 * is(3) + 13 * n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::LETTERS;

    #[test]
    fn codes_become_their_letters() {
        let mut codes: Vec<u8> = (0..5).cycle().take(100).collect();
        let expected: Vec<u8> = LETTERS.iter().copied().cycle().take(100).collect();
        letters(&mut codes);
        assert_eq!(codes, expected);
    }
}
