//! A digest of the records of all samples.

use std::convert::Infallible;

use crate::fasta::Sink;

/// Gathered before they are hashed: long, even pieces let BLAKE3 hash many of its chunks at once.
const BUFFER: usize = 64 << 10;

/// What stands before a sample's name and before a record's header.
const SAMPLE: u8 = 1;
const RECORD: u8 = 2;

/// The digest of samples whose records come piece by piece, in order; how sequence is cut into pieces does not matter.
///
/// BLAKE3 over, for each sample, a 1, its name's length and its name; for each record, a 2, its header's length, its
/// header, its sequence's length, and the BLAKE3 of its sequence. Lengths are 8 bytes, little-endian. So no two lists of
/// samples give the same bytes.
#[derive(Debug)]
pub struct RecordsDigest {
    all: blake3::Hasher,
    sequence: blake3::Hasher,
    buffer: Vec<u8>,
    length: u64,
    /// A record has begun and not ended.
    open: bool,
}

impl Default for RecordsDigest {
    fn default() -> Self {
        Self {
            all: blake3::Hasher::new(),
            sequence: blake3::Hasher::new(),
            buffer: Vec::with_capacity(BUFFER),
            length: 0,
            open: false,
        }
    }
}

impl RecordsDigest {
    /// The next sample begins.
    pub fn sample(&mut self, name: &[u8]) {
        self.begin(SAMPLE, name);
    }

    /// The sample's next record begins.
    pub fn record(&mut self, header: &[u8]) {
        self.begin(RECORD, header);
        self.open = true;
    }

    /// The record goes on.
    pub fn sequence(&mut self, mut bytes: &[u8]) {
        debug_assert!(self.open, "sequence of no record");
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = BUFFER - self.buffer.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            if self.buffer.len() == BUFFER {
                self.flush();
            }
            bytes = later;
        }
    }

    /// The digest: `blake3:` and 64 hex digits.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.end_record();
        format!("blake3:{}", self.all.finalize().to_hex())
    }

    fn begin(&mut self, what: u8, name: &[u8]) {
        self.end_record();
        self.all.update(&[what]);
        self.all.update(&(name.len() as u64).to_le_bytes());
        self.all.update(name);
    }

    fn end_record(&mut self) {
        if !self.open {
            return;
        }
        self.flush();
        self.all.update(&self.length.to_le_bytes());
        self.all.update(self.sequence.finalize().as_bytes());
        self.sequence.reset();
        self.length = 0;
        self.open = false;
    }

    fn flush(&mut self) {
        self.sequence.update(&self.buffer);
        self.buffer.clear();
    }
}

impl Sink for RecordsDigest {
    type Error = Infallible;

    fn record(&mut self, header: &[u8]) -> Result<(), Infallible> {
        self.record(header);
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.sequence(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Samples = Vec<(Vec<u8>, Vec<(Vec<u8>, Vec<u8>)>)>;

    fn digest(samples: &Samples, piece: usize) -> String {
        let mut digest = RecordsDigest::default();
        for (name, records) in samples {
            digest.sample(name);
            for (header, sequence) in records {
                digest.record(header);
                sequence
                    .chunks(piece)
                    .for_each(|bytes| digest.sequence(bytes));
            }
        }
        digest.finish()
    }

    /// Names, headers and sequences that are likely to be alike.
    fn samples() -> impl Strategy<Value = Samples> {
        let text = || prop::collection::vec(0_u8..3, 0..3);
        let records = prop::collection::vec((text(), text()), 0..3);
        prop::collection::vec((text(), records), 0..3)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn only_equal_samples_have_equal_digests(one in samples(), other in samples()) {
            prop_assert_eq!(digest(&one, 1) == digest(&other, 2), one == other);
        }
    }

    #[test]
    fn the_digest_is_that_of_the_bytes_described() {
        let sequence: Vec<u8> = (0..3 * BUFFER + 5).map(|i| (i % 251) as u8).collect();
        let long = sequence.len() as u64;
        let bytes = [
            &[1, 1, 0, 0, 0, 0, 0, 0, 0, b's'][..],
            &[2, 2, 0, 0, 0, 0, 0, 0, 0, b'h', b'1'],
            &long.to_le_bytes(),
            blake3::hash(&sequence).as_bytes(),
            &[2, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0; 8],
            blake3::hash(b"").as_bytes(),
        ]
        .concat();
        let samples = vec![(
            b"s".to_vec(),
            vec![(b"h1".to_vec(), sequence), (Vec::new(), Vec::new())],
        )];
        let expected = format!("blake3:{}", blake3::hash(&bytes).to_hex());
        for piece in [1, 80, BUFFER - 1, BUFFER, 2 * BUFFER + 1, usize::MAX] {
            assert_eq!(digest(&samples, piece), expected, "pieces of {piece}");
        }
    }
}
