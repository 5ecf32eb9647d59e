//! What codes lose of a record's bytes: lower case, and letters other than `ACGTN`.
//!
//! Both layers are runs in the record's own direction. They are kept in the form in which the archive stores them,
//! a few bytes a run, however long the record.

use crate::damage::Damage;
use crate::varint::{Cursor, put};

/// The runs of both layers of one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layers {
    case: Runs,
    others: Runs,
}

/// Runs as written: how many, and their varints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Runs {
    count: u64,
    bytes: Vec<u8>,
}

impl Layers {
    /// Appends both layers: the number of runs, then gap and length of each (and the byte, of the others).
    pub fn write(&self, out: &mut Vec<u8>) {
        for runs in [&self.case, &self.others] {
            put(out, runs.count);
            out.extend_from_slice(&runs.bytes);
        }
    }

    /// Reads what [`write`](Self::write) wrote, for a record of `length` bytes.
    ///
    /// # Errors
    /// The bytes end early, or the runs are longer than the record.
    pub fn read(from: &mut Cursor<'_>, length: u64) -> Result<Self, Damage> {
        let case = Runs::read(from, length, false)?;
        let others = Runs::read(from, length, true)?;
        Ok(Self { case, others })
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.case.bytes.capacity() + self.others.bytes.capacity()
    }

    /// Puts the layers back onto a record's letters, piece after piece.
    #[must_use]
    pub fn restore(&self) -> Restore<'_> {
        Restore {
            at: 0,
            case: Replay::new(&self.case, false),
            others: Replay::new(&self.others, true),
        }
    }
}

impl Runs {
    fn read(from: &mut Cursor<'_>, record: u64, with_byte: bool) -> Result<Self, Damage> {
        let count = from.varint()?;
        let before = from.rest();
        let mut end = 0_u64;
        for _ in 0..count {
            for _ in 0..2 {
                let step = from.varint()?;
                end = end
                    .checked_add(step)
                    .filter(|end| *end <= record)
                    .ok_or_else(|| Damage::new("a layer reaches past its record"))?;
            }
            if with_byte {
                from.byte()?;
            }
        }
        let bytes = before[..before.len() - from.rest().len()].to_vec();
        Ok(Self { count, bytes })
    }
}

/// Collects the layers of a record whose bytes come piece by piece.
#[derive(Debug, Default)]
pub struct LayerBuilder {
    at: u64,
    case: OpenRun,
    others: OpenRun,
}

#[derive(Debug, Default)]
struct OpenRun {
    runs: Runs,
    /// End of the last run written.
    written: u64,
    start: u64,
    length: u64,
    byte: u8,
}

impl OpenRun {
    fn extend(&mut self, at: u64, byte: u8, with_byte: bool) {
        if self.length > 0 && self.start + self.length == at && (!with_byte || self.byte == byte) {
            self.length += 1;
            return;
        }
        self.close(with_byte);
        (self.start, self.length, self.byte) = (at, 1, byte);
    }

    fn close(&mut self, with_byte: bool) {
        if self.length == 0 {
            return;
        }
        put(&mut self.runs.bytes, self.start - self.written);
        put(&mut self.runs.bytes, self.length);
        if with_byte {
            self.runs.bytes.push(self.byte);
        }
        self.runs.count += 1;
        self.written = self.start + self.length;
        self.length = 0;
    }
}

/// Whether the letters alone give the byte back.
#[inline]
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'A' | b'C' | b'G' | b'T' | b'N')
}

impl LayerBuilder {
    /// Takes the record's next bytes, all of them upper-case A, C, G, T or N: `count` bytes without a layer.
    pub fn skip(&mut self, count: usize) {
        self.at += count as u64;
    }

    /// Takes the record's next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        for (at, &byte) in (self.at..).zip(bytes) {
            if is_plain(byte) {
                continue;
            }
            if is_plain(byte.to_ascii_uppercase()) {
                self.case.extend(at, 0, false);
            } else {
                self.others.extend(at, byte, true);
            }
        }
        self.skip(bytes.len());
    }

    /// Ends the record, and starts the next.
    #[must_use]
    pub fn finish(&mut self) -> Layers {
        let mut ended = std::mem::take(self);
        ended.case.close(false);
        ended.others.close(true);
        Layers {
            case: ended.case.runs,
            others: ended.others.runs,
        }
    }
}

/// See [`Layers::restore`].
#[derive(Debug)]
pub struct Restore<'a> {
    at: u64,
    case: Replay<'a>,
    others: Replay<'a>,
}

#[derive(Debug)]
struct Replay<'a> {
    left: u64,
    from: Cursor<'a>,
    with_byte: bool,
    /// The current run; past the end of every record when there is none left.
    start: u64,
    end: u64,
    byte: u8,
}

impl<'a> Replay<'a> {
    fn new(runs: &'a Runs, with_byte: bool) -> Self {
        let mut replay = Self {
            left: runs.count,
            from: Cursor::new(&runs.bytes),
            with_byte,
            start: 0,
            end: 0,
            byte: 0,
        };
        replay.advance();
        replay
    }

    fn advance(&mut self) {
        let next = |replay: &mut Self| -> Result<(u64, u64, u8), Damage> {
            replay.left = replay
                .left
                .checked_sub(1)
                .ok_or_else(|| Damage::new("no run is left"))?;
            let start = replay.end + replay.from.varint()?;
            let end = start + replay.from.varint()?;
            let byte = if replay.with_byte {
                replay.from.byte()?
            } else {
                0
            };
            Ok((start, end, byte))
        };
        // The runs were built or checked before, so the only end is that of the runs.
        (self.start, self.end, self.byte) = next(self).unwrap_or((u64::MAX, u64::MAX, 0));
    }

    /// Calls `f` with every part of `piece`, which starts at `at`, that is in a run.
    fn over(&mut self, at: u64, piece: &mut [u8], mut f: impl FnMut(&mut [u8], u8)) {
        let piece_end = at + piece.len() as u64;
        while self.start < piece_end {
            let from = self.start.max(at) - at;
            let to = self.end.min(piece_end) - at;
            f(&mut piece[from as usize..to as usize], self.byte);
            if self.end > piece_end {
                return;
            }
            self.advance();
        }
    }
}

impl Restore<'_> {
    /// Changes the record's next letters into its bytes.
    pub fn apply(&mut self, piece: &mut [u8]) {
        self.case
            .over(self.at, piece, |letters, _| letters.make_ascii_lowercase());
        self.others
            .over(self.at, piece, |letters, byte| letters.fill(byte));
        self.at += piece.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::code::{LETTERS, code};

    fn built(bytes: &[u8], cut: usize) -> Layers {
        let mut builder = LayerBuilder::default();
        let (front, back) = bytes.split_at(cut.min(bytes.len()));
        builder.push(front);
        builder.push(back);
        builder.finish()
    }

    fn written(layers: &Layers) -> Vec<u8> {
        let mut out = Vec::new();
        layers.write(&mut out);
        out
    }

    #[test]
    fn runs_are_gaps_and_lengths() {
        let layers = built(b"ACgtnNRRYaA--", 4);
        // Case: 2 on, 3 long; 4 on, 1 long. Others: 6 on, 2 R; 0 on, 1 Y; 2 on, 2 -.
        assert_eq!(
            written(&layers),
            [2, 2, 3, 4, 1, 3, 6, 2, b'R', 0, 1, b'Y', 2, 2, b'-']
        );
    }

    proptest! {
        #[test]
        fn layers_bring_every_byte_back(
            bytes in proptest::collection::vec(
                prop_oneof![4 => proptest::sample::select(b"ACGTN".to_vec()),
                            4 => proptest::sample::select(b"acgtnRYKM-*".to_vec()),
                            1 => any::<u8>()], 0..120),
            cut in 0_usize..120,
            other_cut in 0_usize..120,
        ) {
            let layers = built(&bytes, cut);
            let stored = written(&layers);
            let mut cursor = Cursor::new(&stored);
            let read = Layers::read(&mut cursor, bytes.len() as u64).unwrap();
            prop_assert!(cursor.is_empty());
            prop_assert_eq!(&read, &layers);
            let mut letters: Vec<u8> = bytes.iter().map(|byte| LETTERS[code(*byte) as usize]).collect();
            let at = other_cut.min(letters.len());
            let (front, back) = letters.split_at_mut(at);
            let mut restore = read.restore();
            restore.apply(front);
            restore.apply(back);
            prop_assert_eq!(letters, bytes);
        }

        #[test]
        fn damaged_layers_never_panic(bytes: Vec<u8>, length in 0_u64..300) {
            if let Ok(layers) = Layers::read(&mut Cursor::new(&bytes), length) {
                layers.restore().apply(&mut vec![b'A'; length as usize]);
            }
        }
    }

    #[test]
    fn a_layer_longer_than_its_record_is_refused() {
        let stored = [1, 2, 3, 0];
        assert!(Layers::read(&mut Cursor::new(&stored), 5).is_ok());
        assert!(Layers::read(&mut Cursor::new(&stored), 4).is_err());
    }
}
