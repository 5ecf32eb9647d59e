//! Records packed by what tells them from another record of their group: at one position bases are nearly the same, and
//! names, flags and qualities differ in few bytes.
//!
//! A record is laid over its pattern field by field (fixed fields, name, CIGAR, bases, qualities, tags) and their
//! exclusive or is taken, which is zero nearly everywhere. Of it are kept, for each 64 bytes, which words of eight bytes
//! are not zero, and for each of those, which bytes are not, and these. Any bytes come back as they were; those that are
//! no record, or differ from the pattern everywhere, take a sixth more.

/// Bytes of the fields that every record has, which tell the lengths of others.
const FIXED: usize = 32;
/// Bytes that may be looked at behind the end of what is packed.
pub(super) const SLACK: usize = 8;
/// Bytes of a block, and of a word.
const BLOCK: usize = 64;
const WORD: usize = 8;

/// Where the fields of a record end.
type Fields = [usize; 6];
/// The one of the qualities.
const QUALITIES: usize = 4;

/// What records are laid over.
#[derive(Debug)]
pub(super) struct Pattern {
    bytes: Vec<u8>,
    fields: Fields,
}

impl Pattern {
    /// A record without its length, or any other bytes. Its qualities are made one, the most frequent: where they differ from
    /// read to read, they differ from that in the fewest places.
    pub(super) fn new(record: &[u8]) -> Self {
        let mut bytes = record.to_vec();
        let fields = fields(record);
        let qualities = &mut bytes[begin(&fields, QUALITIES)..fields[QUALITIES]];
        let mut counts = [0_usize; 256];
        (qualities.iter()).for_each(|quality| counts[usize::from(*quality)] += 1);
        let most = (0..=u8::MAX).max_by_key(|quality| counts[usize::from(*quality)]);
        qualities.fill(most.unwrap_or(0));
        Self { bytes, fields }
    }

    pub(super) fn heap_bytes(&self) -> u64 {
        self.bytes.capacity() as u64
    }

    /// Whether a record has fields of the same lengths.
    #[inline]
    pub(super) fn is_like(&self, record: &[u8]) -> bool {
        record.len() == self.bytes.len() && fields(record) == self.fields
    }

    /// Packs a record, of which it is told whether it is like this, to the beginning of `out`, which has room for
    /// [`most`] bytes; how many it takes. `laid` is room that is used again.
    #[inline]
    pub(super) fn pack(
        &self,
        record: &[u8],
        is_like: bool,
        laid: &mut Vec<u8>,
        out: &mut [u8],
    ) -> usize {
        if is_like {
            return suppress(record, &self.bytes, out);
        }
        laid.clear();
        laid.resize(record.len(), 0);
        self.over(&fields(record), 0, laid);
        suppress(record, laid, out)
    }

    /// Puts a record of `record.len()` bytes back, and tells how many packed bytes it took. Behind the packed bytes there
    /// are [`SLACK`] more. None where these cannot be such a record.
    #[inline]
    pub(super) fn unpack(&self, packed: &[u8], is_like: bool, record: &mut [u8]) -> Option<usize> {
        if is_like {
            if record.len() != self.bytes.len() {
                return None;
            }
            record.copy_from_slice(&self.bytes);
            return expand(packed, record);
        }
        record.fill(0);
        let taken = expand(packed, record)?;
        let fixed = record.len().min(FIXED);
        xor(&mut record[..fixed], &self.bytes[..self.fields[0]]);
        let fields = fields(record);
        self.over(&fields, 1, record);
        Some(taken)
    }

    /// Lays the pattern's fields over others, from one of them on.
    fn over(&self, fields: &Fields, from: usize, bytes: &mut [u8]) {
        for field in from..fields.len() {
            let own = begin(fields, field)..fields[field];
            let other = begin(&self.fields, field)..self.fields[field];
            xor(&mut bytes[own], &self.bytes[other]);
        }
    }
}

fn begin(fields: &Fields, field: usize) -> usize {
    match field {
        0 => 0,
        _ => fields[field - 1],
    }
}

/// Where the fields of a record end, all within its bytes.
#[inline]
fn fields(record: &[u8]) -> Fields {
    let length = record.len();
    let Some(fixed) = record.first_chunk::<FIXED>() else {
        return [length; 6];
    };
    let name = usize::from(fixed[8]);
    let operations = usize::from(u16::from_le_bytes([fixed[12], fixed[13]]));
    let bases = u32::from_le_bytes([fixed[16], fixed[17], fixed[18], fixed[19]]) as usize;
    let mut end = 0;
    [
        FIXED,
        name,
        4 * operations,
        bases.div_ceil(2),
        bases,
        length,
    ]
    .map(|bytes| {
        end = length.min(end + bytes);
        end
    })
}

/// As far as both reach.
fn xor(bytes: &mut [u8], others: &[u8]) {
    for (byte, other) in bytes.iter_mut().zip(others) {
        *byte ^= other;
    }
}

/// Bytes that a record of so many may take: one for each block and each word, and a last word that is written whole.
pub(super) fn most(bytes: usize) -> usize {
    bytes + bytes.div_ceil(BLOCK) + bytes.div_ceil(WORD) + 2 * WORD
}

/// Keeps what tells bytes from as many others; how many bytes that takes.
fn suppress(bytes: &[u8], others: &[u8], out: &mut [u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks();
    let (others, other_rest) = others.as_chunks();
    let mut at = 0;
    for (block, other) in blocks.iter().zip(others) {
        at += suppress_block(block, other, &mut out[at..]);
    }
    if !rest.is_empty() {
        let (mut block, mut other) = ([0; BLOCK], [0; BLOCK]);
        block[..rest.len()].copy_from_slice(rest);
        other[..rest.len()].copy_from_slice(other_rest);
        at += suppress_block(&block, &other, &mut out[at..]);
    }
    at
}

#[inline]
fn suppress_block(block: &[u8; BLOCK], other: &[u8; BLOCK], out: &mut [u8]) -> usize {
    let (words, others) = (block.as_chunks::<WORD>().0, other.as_chunks::<WORD>().0);
    let mut differ = [0; BLOCK / WORD];
    let mut left = 0_u32;
    for (number, (word, other)) in words.iter().zip(others).enumerate() {
        let word = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        differ[number] = word;
        left |= u32::from(word != 0) << number;
    }
    out[0] = left as u8;
    let mut at = 1;
    while left != 0 {
        let number = left.trailing_zeros() as usize;
        left &= left - 1;
        let (mask, kept) = gather(differ[number & (BLOCK / WORD - 1)]);
        if let Some(room) = out[at..].first_chunk_mut::<{ 1 + WORD }>() {
            room[0] = mask;
            room[1..].copy_from_slice(&kept.to_le_bytes());
        }
        at += 1 + mask.count_ones() as usize;
    }
    at
}

/// Lays what was kept over as many bytes; how many it took.
fn expand(packed: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks_mut();
    let mut at = 0;
    for block in blocks {
        at += expand_block(packed.get(at..)?, block)?;
    }
    if !rest.is_empty() {
        let mut block = [0; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        at += expand_block(packed.get(at..)?, &mut block)?;
        rest.copy_from_slice(&block[..rest.len()]);
    }
    Some(at)
}

#[inline]
fn expand_block(packed: &[u8], block: &mut [u8; BLOCK]) -> Option<usize> {
    let words = block.as_chunks_mut::<WORD>().0;
    let mut left = u32::from(*packed.first()?);
    let mut at = 1;
    while left != 0 {
        let number = left.trailing_zeros() as usize;
        left &= left - 1;
        let [mask, kept @ ..] = packed.get(at..)?.first_chunk::<{ 1 + WORD }>()?;
        let word = &mut words[number & (BLOCK / WORD - 1)];
        let differ = scatter(*mask, u64::from_le_bytes(*kept));
        *word = (u64::from_le_bytes(*word) ^ differ).to_le_bytes();
        at += 1 + mask.count_ones() as usize;
    }
    Some(at)
}

/// Which bytes of a word are not zero, and these one after another.
fn gather(word: u64) -> (u8, u64) {
    let (mut mask, mut kept, mut count) = (0, 0, 0);
    for place in 0..8 {
        let byte = word >> (8 * place) & 0xff;
        let is_kept = u32::from(byte != 0);
        kept |= byte << (8 * count);
        count += is_kept;
        mask |= is_kept << place;
    }
    (mask as u8, kept)
}

/// The inverse.
fn scatter(mask: u8, kept: u64) -> u64 {
    let (mut word, mut kept) = (0, kept);
    for place in 0..8 {
        let is_kept = u64::from(mask >> place & 1);
        word |= (kept & (0xff * is_kept)) << (8 * place);
        kept >>= 8 * is_kept;
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn comes_back(record: &[u8], pattern: &Pattern) -> usize {
        let mut packed = vec![0xff; most(record.len())];
        let is_like = pattern.is_like(record);
        let size = pattern.pack(record, is_like, &mut vec![1; 3], &mut packed);
        packed.truncate(size);
        packed.extend([0xff; SLACK]);
        let mut back = vec![0xaa; record.len()];
        assert_eq!(pattern.unpack(&packed, is_like, &mut back), Some(size));
        assert!(back == record);
        for end in 0..size {
            // Nothing is looked at that is not there.
            let _ = pattern.unpack(&packed[..end], is_like, &mut back);
        }
        size
    }

    /// Bytes whose lengths of fields are those of a record more often than not.
    fn record() -> impl Strategy<Value = Vec<u8>> {
        let lengths = (0_u8..20, 0_u16..4, 0_u32..60);
        (
            proptest::collection::vec(any::<u8>(), 0..300),
            lengths,
            any::<bool>(),
        )
            .prop_map(|(mut bytes, (name, operations, bases), is_record)| {
                if bytes.len() >= FIXED && is_record {
                    bytes[8] = name;
                    bytes[12..14].copy_from_slice(&operations.to_le_bytes());
                    bytes[16..20].copy_from_slice(&bases.to_le_bytes());
                }
                bytes
            })
    }

    proptest! {
        #[test]
        fn any_bytes_come_back_over_any_pattern(one in record(), other in record(), changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..20)) {
            comes_back(&one, &Pattern::new(&other));
            let mut changed = one.clone();
            for (at, byte) in changes {
                if !changed.is_empty() {
                    let at = at % changed.len();
                    changed[at] = byte;
                }
            }
            comes_back(&changed, &Pattern::new(&one));
        }
    }

    #[test]
    fn what_is_equal_takes_a_byte_for_each_block() {
        let mut record = vec![7; 640];
        let pattern = Pattern::new(&record);
        assert_eq!(comes_back(&record, &pattern), 10);
        // Bases that differ in one byte, tags that are longer.
        record[100] = 1;
        record.extend([9; 3]);
        assert_eq!(comes_back(&record, &pattern), 11 + 2 + 4);
    }

    #[test]
    fn fields_are_laid_over_fields() {
        let record = |name: &[u8]| {
            let mut bytes = vec![0; FIXED];
            bytes[8] = name.len() as u8;
            bytes[16] = 100;
            bytes.extend(name);
            bytes.extend((0..50).map(|base| base ^ 0x55));
            bytes.extend([37; 100]);
            // Each read has its own poor bases.
            bytes[100 + name.len()] = 2;
            bytes
        };
        let size = comes_back(&record(b"longer\0"), &Pattern::new(&record(b"short\0")));
        assert!(size < 20, "{size}");
    }
}
