//! Plain blocks: codes at two bits a base, and the runs of Ns apart. References are held in this form.

use crate::code::N;
use crate::damage::Damage;
use crate::two_bit;
use crate::varint::{Cursor, put};

/// Appends the plain block of `codes`.
pub fn write(codes: &[u8], out: &mut Vec<u8>) {
    put(out, codes.len() as u64);
    put(out, Runs::new(codes).count() as u64);
    let mut last = 0;
    for (start, end) in Runs::new(codes) {
        put(out, (start - last) as u64);
        put(out, (end - start) as u64);
        last = end;
    }
    two_bit::pack(codes, out);
}

/// Reads the plain block at the cursor into the place of what `out` held.
///
/// # Errors
/// The bytes are not a plain block, or one of more than `limit` codes.
pub fn read(cursor: &mut Cursor<'_>, limit: usize, out: &mut Vec<u8>) -> Result<(), Damage> {
    out.clear();
    append(cursor, limit, out)
}

/// The same, behind what `out` holds.
pub(crate) fn append(
    cursor: &mut Cursor<'_>,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), Damage> {
    let block = Block::read(cursor)?;
    if block.length > limit {
        return Err(Damage::new(format!(
            "a plain block holds {} codes, where at most {limit} belong",
            block.length
        )));
    }
    out.try_reserve_exact(block.length)
        .map_err(|error| Damage::new(format!("a block of {} codes: {error}", block.length)))?;
    let first = out.len();
    two_bit::unpack(block.packed, block.length, out);
    for (start, end) in block.runs {
        out[first..][start..end].fill(N);
    }
    Ok(())
}

/// How many codes a plain block holds.
///
/// # Errors
/// The bytes do not begin with a length.
pub fn length(block: &[u8]) -> Result<usize, Damage> {
    Cursor::new(block).size()
}

/// Whether a plain block holds just these codes. Nothing is unpacked.
#[must_use]
pub fn equals(block: &[u8], codes: &[u8]) -> bool {
    let Ok(block) = Block::read(&mut Cursor::new(block)) else {
        return false;
    };
    block.length == codes.len()
        && two_bit::equals(block.packed, codes)
        && block.runs.eq(Runs::new(codes))
}

/// A plain block taken apart: everything in it is known to be in its bounds.
struct Block<'a> {
    length: usize,
    runs: StoredRuns<'a>,
    packed: &'a [u8],
}

impl<'a> Block<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Damage> {
        let length = cursor.size()?;
        let count = cursor.size()?;
        let runs = StoredRuns {
            left: count,
            end: 0,
            from: *cursor,
        };
        let mut end = 0_usize;
        for _ in 0..count {
            for _ in 0..2 {
                end = end
                    .checked_add(cursor.size()?)
                    .filter(|end| *end <= length)
                    .ok_or_else(|| Damage::new("a run of Ns reaches past its block"))?;
            }
        }
        let packed = cursor.take(length.div_ceil(4))?;
        Ok(Self {
            length,
            runs,
            packed,
        })
    }
}

/// The runs of Ns that a block stores: start and end of each.
struct StoredRuns<'a> {
    left: usize,
    end: usize,
    from: Cursor<'a>,
}

impl Iterator for StoredRuns<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let start = self.end + self.from.size().ok()?;
        self.end = start + self.from.size().ok()?;
        Some((start, self.end))
    }
}

/// The runs of Ns among codes: start and end of each.
struct Runs<'a> {
    codes: &'a [u8],
    at: usize,
}

impl<'a> Runs<'a> {
    fn new(codes: &'a [u8]) -> Self {
        Self { codes, at: 0 }
    }
}

impl Iterator for Runs<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at + memchr::memchr(N, &self.codes[self.at..])?;
        let run = self.codes[start..].iter().position(|code| *code != N);
        self.at = run.map_or(self.codes.len(), |run| start + run);
        Some((start, self.at))
    }
}
