//! Codes at two bits a base, four a byte, the first in the lowest bits.

use crate::code::N;

/// Appends the codes, four a byte; an N is written as 0, and so is what the last byte has left over.
pub fn pack(codes: &[u8], out: &mut Vec<u8>) {
    let (fours, rest) = codes.as_chunks::<4>();
    out.extend(fours.iter().map(|four| pack_four(*four)));
    if !rest.is_empty() {
        let mut four = [0; 4];
        four[..rest.len()].copy_from_slice(rest);
        out.push(pack_four(four));
    }
}

#[inline]
fn pack_four(codes: [u8; 4]) -> u8 {
    let word = u32::from_le_bytes(codes) & 0x0303_0303;
    (word | word >> 6 | word >> 12 | word >> 18) as u8
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

/// The first `width` codes, at most 32, as a number of two bits each, the first in the lowest; nothing if there are
/// fewer, or one of them is an N.
#[must_use]
#[inline]
pub fn value(codes: &[u8], width: usize) -> Option<u64> {
    let codes = codes.get(..width)?;
    let mut value = 0;
    for (at, &code) in codes.iter().enumerate() {
        if code >= N {
            return None;
        }
        value |= u64::from(code) << (2 * at);
    }
    Some(value)
}
