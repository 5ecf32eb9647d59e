//! Codes at two bits a base, four a byte, the first in the lowest bits.

/// Appends the codes, four a byte; an N is written as 0, and so is what the last byte has left over.
pub fn pack(codes: &[u8], out: &mut Vec<u8>) {
    let (fours, rest) = codes.as_chunks::<4>();
    out.extend(fours.iter().map(|four| pack_four(*four)));
    out.extend(pack_rest(rest));
}

/// The last byte, if there are codes left over.
fn pack_rest(codes: &[u8]) -> Option<u8> {
    let mut four = [0; 4];
    four[..codes.len()].copy_from_slice(codes);
    (!codes.is_empty()).then(|| pack_four(four))
}

#[inline]
fn pack_four(codes: [u8; 4]) -> u8 {
    let word = u32::from_le_bytes(codes) & 0x0303_0303;
    (word | word >> 6 | word >> 12 | word >> 18) as u8
}

/// Whether `packed` is what [`pack`] makes of the codes; most that differ do so early.
#[must_use]
pub fn equals(packed: &[u8], codes: &[u8]) -> bool {
    const BLOCK: usize = 64;
    if packed.len() != codes.len().div_ceil(4) {
        return false;
    }
    let (fours, rest) = codes.as_chunks::<4>();
    let (whole, last) = packed.split_at(fours.len());
    let blocks = fours.chunks(BLOCK).zip(whole.chunks(BLOCK));
    // One comparison a block, so that what is within runs without branches.
    blocks.into_iter().all(|(fours, bytes)| {
        let pairs = fours.iter().zip(bytes);
        pairs.fold(0, |differences, (four, byte)| {
            differences | pack_four(*four) ^ byte
        }) == 0
    }) && last == pack_rest(rest).as_slice()
}

/// Appends the first `count` codes of `packed`, or as many as it has.
pub fn unpack(packed: &[u8], count: usize, out: &mut Vec<u8>) {
    let (whole, rest) = packed.split_at(packed.len().min(count / 4));
    out.extend(whole.iter().flat_map(|byte| unpack_four(*byte)));
    if let Some(byte) = rest.first() {
        out.extend_from_slice(&unpack_four(*byte)[..count.min(4 * packed.len()) % 4]);
    }
}

#[inline]
fn unpack_four(byte: u8) -> [u8; 4] {
    let word = u32::from(byte);
    ((word | word << 6 | word << 12 | word << 18) & 0x0303_0303).to_le_bytes()
}

/// The first `width` codes, 1 to 32, as a number of two bits each, the first in the lowest; nothing if there are
/// fewer, or one of them is an N.
#[must_use]
#[inline]
pub fn value(codes: &[u8], width: usize) -> Option<u64> {
    codes.get(..width)?;
    let mut ended = [0; 32];
    let codes = codes.first_chunk().unwrap_or_else(|| {
        ended[..codes.len()].copy_from_slice(codes);
        &ended
    });
    // Of the codes, and of the marks that Ns leave at their places.
    let mask = u64::MAX >> (64 - 2 * width);
    let (words, _) = codes.as_chunks::<8>();
    let (mut value, mut marks) = (0, 0);
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        value |= pack_eight(word) << (16 * at);
        marks |= pack_eight(word >> 2) << (16 * at);
    }
    (marks & mask == 0).then_some(value & mask)
}

/// The lowest two bits of eight bytes.
#[inline]
fn pack_eight(word: u64) -> u64 {
    let twos = word & 0x0303_0303_0303_0303;
    let fours = (twos | twos >> 6) & 0x000f_000f_000f_000f;
    let eights = (fours | fours >> 12) & 0x0000_00ff_0000_00ff;
    (eights | eights >> 24) & 0xffff
}
