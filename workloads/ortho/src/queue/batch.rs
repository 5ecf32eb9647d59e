//! A run of encoded orthos: the unit in which queues move orthos between memory and disk.

use crate::fifo::HeapOrtho;

/// A record of more bytes than this is taken for damage when it is read.
const MOST_RECORD_BYTES: usize = 1 << 26;

/// A record's length is one byte, or this mark and four bytes.
const LONG: u8 = u8::MAX;

/// Encoded orthos in order, written at the end and read from the start.
///
/// Each is a record: its length (one byte, or 255 and a little-endian `u32`), then the bincode
/// encoding of the ortho.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    bytes: Vec<u8>,
    read: usize,
    orthos: u64,
}

/// Why records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The bytes end within a record.
    #[error("it ends within a record")]
    Cut,
    /// A record is not an ortho.
    #[error("a record is not an ortho ({0})")]
    NotAnOrtho(String),
}

impl Batch {
    /// A batch of `orthos` records that lie in `bytes`.
    pub(super) fn from_bytes(bytes: Vec<u8>, orthos: u64) -> Self {
        Self {
            bytes,
            read: 0,
            orthos,
        }
    }

    /// An empty batch with room for a little more than `bytes`: a full batch and the record that filled it.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes + bytes / 64),
            ..Self::default()
        }
    }

    /// Empties it; the memory stays.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.read = 0;
        self.orthos = 0;
    }

    /// Appends an ortho.
    pub fn push(&mut self, ortho: &HeapOrtho) -> Result<(), BatchError> {
        let start = self.bytes.len();
        // Nearly every record is short: the long form is made only once the length is known.
        self.bytes.push(0);
        bincode::encode_into_std_write(ortho, &mut self.bytes, encoding()).map_err(|error| {
            self.bytes.truncate(start);
            BatchError::NotAnOrtho(error.to_string())
        })?;
        let length = self.bytes.len() - start - 1;
        match u8::try_from(length) {
            Ok(short) if short != LONG => self.bytes[start] = short,
            _ => {
                self.bytes[start] = LONG;
                let long = (length as u32).to_le_bytes();
                self.bytes.splice(start + 1..start + 1, long);
            }
        }
        self.orthos += 1;
        Ok(())
    }

    /// Appends a record made by another batch.
    pub(super) fn push_record(&mut self, record: &[u8]) {
        match u8::try_from(record.len()) {
            Ok(short) if short != LONG => self.bytes.push(short),
            _ => {
                self.bytes.push(LONG);
                self.bytes
                    .extend_from_slice(&(record.len() as u32).to_le_bytes());
            }
        }
        self.bytes.extend_from_slice(record);
        self.orthos += 1;
    }

    /// Takes the first ortho.
    pub fn pop(&mut self) -> Result<Option<HeapOrtho>, BatchError> {
        if self.orthos == 0 {
            return Ok(None);
        }
        let rest = &self.bytes[self.read..];
        let (record, after) = split_record(rest)?;
        let (ortho, used) = bincode::decode_from_slice(record, encoding())
            .map_err(|error| BatchError::NotAnOrtho(error.to_string()))?;
        if used != record.len() {
            return Err(BatchError::NotAnOrtho("bytes are left over".into()));
        }
        self.read += rest.len() - after.len();
        self.orthos -= 1;
        Ok(Some(ortho))
    }

    /// The records not yet taken, without their lengths.
    pub(super) fn records(&self) -> impl Iterator<Item = Result<&[u8], BatchError>> {
        let mut rest = self.bytes();
        (0..self.orthos).map(move |_| {
            let (record, after) = split_record(rest)?;
            rest = after;
            Ok(record)
        })
    }

    /// The records not yet taken, as they are stored.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.read..]
    }

    /// How many orthos are in it.
    pub fn len(&self) -> u64 {
        self.orthos
    }

    /// Whether no ortho is in it.
    pub fn is_empty(&self) -> bool {
        self.orthos == 0
    }

    /// Bytes of memory it takes.
    pub(super) fn bytes_held(&self) -> u64 {
        self.bytes.capacity() as u64
    }
}

fn encoding() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<MOST_RECORD_BYTES>()
}

/// Splits the first record off.
fn split_record(bytes: &[u8]) -> Result<(&[u8], &[u8]), BatchError> {
    let (&first, rest) = bytes.split_first().ok_or(BatchError::Cut)?;
    let (length, rest) = if first == LONG {
        let (long, rest) = rest.split_first_chunk().ok_or(BatchError::Cut)?;
        (u32::from_le_bytes(*long) as usize, rest)
    } else {
        (usize::from(first), rest)
    };
    rest.split_at_checked(length).ok_or(BatchError::Cut)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn emptied(mut batch: Batch) -> Result<Vec<HeapOrtho>, BatchError> {
        std::iter::from_fn(|| batch.pop().transpose()).collect()
    }

    #[test]
    fn short_and_long_records_come_back() {
        let mut batch = Batch::default();
        let orthos: Vec<HeapOrtho> = (1..12)
            .map(|axes| HeapOrtho::new(axes, vec![2; axes], vec![Some(axes * 1000); 1 << axes]))
            .collect();
        for ortho in &orthos {
            batch.push(ortho).unwrap();
        }
        let mut copy = Batch::default();
        for record in batch.records() {
            copy.push_record(record.unwrap());
        }
        assert_eq!(copy, batch);
        assert_eq!(emptied(batch).unwrap(), orthos);
    }

    #[test]
    fn records_are_compact() {
        let mut batch = Batch::default();
        let payload = vec![
            Some(1),
            Some(2),
            Some(3),
            Some(4),
            Some(1999),
            None,
            None,
            None,
        ];
        batch
            .push(&HeapOrtho::new(1, vec![2, 2, 2], payload))
            .unwrap();
        assert_eq!(batch.bytes().len(), 22);
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_orthos_are_refused_or_read_but_do_no_harm(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            orthos in 0_u64..10,
        ) {
            if let Ok(read) = emptied(Batch::from_bytes(bytes, orthos)) {
                prop_assert_eq!(read.len() as u64, orthos);
            }
        }

        #[test]
        fn a_cut_anywhere_is_found(cut in 1_usize..1000) {
            let mut batch = Batch::default();
            for version in 0..100 {
                batch.push(&HeapOrtho::seed(version)).unwrap();
            }
            let whole = batch.bytes();
            let left = whole.len().saturating_sub(cut);
            let cut = Batch::from_bytes(whole[..left].to_vec(), batch.len());
            prop_assert!(emptied(cut).is_err());
        }
    }
}
