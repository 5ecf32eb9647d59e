//! A delta back to its text.

use crate::code::N;
use crate::damage::Damage;
use crate::varint::{Cursor, unzigzag};

/// Puts a text of `length` codes, which its delta against `reference` describes, in the place of what `out` held.
///
/// Nothing is written, and no memory taken, before the delta is known to describe just so many codes.
///
/// # Errors
/// The columns are not those of a text of `length` codes against this reference.
pub fn decode(
    lens: &[u8],
    pos: &[u8],
    lits: &[u8],
    reference: &[u8],
    length: usize,
    out: &mut Vec<u8>,
) -> Result<(), Damage> {
    out.clear();
    if described(lens)? != length as u64 {
        return Err(Damage::new(format!(
            "a delta is not of the {length} codes it should be of"
        )));
    }
    out.try_reserve_exact(length)
        .map_err(|error| Damage::new(format!("a segment of {length} codes: {error}")))?;
    let (mut lens, mut pos, mut lits) = (Cursor::new(lens), Cursor::new(pos), Cursor::new(lits));
    let mut expected = 0_usize;
    loop {
        let literals = lits.take(lens.size()?)?;
        if literals.iter().any(|code| *code > N) {
            return Err(Damage::new("a literal of a delta is not a code"));
        }
        out.extend_from_slice(literals);
        // No sum can pass the length of the text, but where a match begins is anywhere.
        expected = expected.saturating_add(literals.len());
        match lens.size()? {
            0 => break,
            1 => {
                let run = lens.size()?;
                out.resize(out.len() + run, N);
                expected = expected.saturating_add(run);
            }
            matched => {
                let copied = matched - 2;
                let step = unzigzag(pos.varint()?);
                let from = i64::try_from(expected)
                    .ok()
                    .and_then(|expected| expected.checked_add(step))
                    .and_then(|from| usize::try_from(from).ok());
                let copy = from
                    .and_then(|from| reference.get(from..)?.get(..copied))
                    .ok_or_else(|| Damage::new("a match of a delta is outside its reference"))?;
                expected = from.unwrap_or_default() + copied;
                out.extend_from_slice(copy);
            }
        }
    }
    if lens.is_empty() && pos.is_empty() && lits.is_empty() {
        return Ok(());
    }
    Err(Damage::new("a delta goes on after its end"))
}

/// How many codes a delta describes.
fn described(lens: &[u8]) -> Result<u64, Damage> {
    let too_long = || Damage::new("a delta is of more codes than there can be");
    let mut lens = Cursor::new(lens);
    let mut sum = 0_u64;
    loop {
        sum = sum.checked_add(lens.varint()?).ok_or_else(too_long)?;
        let codes = match lens.varint()? {
            0 => return Ok(sum),
            1 => lens.varint()?,
            matched => matched - 2,
        };
        sum = sum.checked_add(codes).ok_or_else(too_long)?;
    }
}
