//! The form in which an open pack holds a delta: about half the size of its columns.
//!
//! Nearly every item of a delta is one literal and then a match on the diagonal. Such an item is the one integer
//! `2 * length + 1`; any other is `2 * literals`, and then the integers that the columns have for it. The literals
//! follow as a plain block, at two bits a base.

use crate::damage::Damage;
use crate::delta::Columns;
use crate::plain;
use crate::varint::{Cursor, put};

/// Appends the compact form of a delta.
///
/// # Errors
/// The columns are not those of a delta.
pub(super) fn write(delta: &Columns, out: &mut Vec<u8>) -> Result<(), Damage> {
    let (mut lens, mut pos) = (Cursor::new(&delta.lens), Cursor::new(&delta.pos));
    loop {
        let (literals, kind) = (lens.varint()?, lens.varint()?);
        let follows = match kind {
            0 => None,
            1 => Some(lens.varint()?),
            _ => Some(pos.varint()?),
        };
        if literals == 1 && kind >= 2 && follows == Some(0) {
            put(out, 2 * (kind - 2) + 1);
            continue;
        }
        put(out, 2 * literals);
        put(out, kind);
        match follows {
            Some(value) => put(out, value),
            None => break,
        }
    }
    plain::write(&delta.lits, out);
    Ok(())
}

/// Appends to each column that of the delta at the cursor.
///
/// # Errors
/// The bytes are not a compact form.
pub(super) fn read(from: &mut Cursor<'_>, out: &mut Columns) -> Result<(), Damage> {
    loop {
        let first = from.varint()?;
        let (literals, kind, step) = if first % 2 == 1 {
            (1, first / 2 + 2, Some(0))
        } else {
            (first / 2, from.varint()?, None)
        };
        put(&mut out.lens, literals);
        put(&mut out.lens, kind);
        match kind {
            0 => break,
            1 => put(&mut out.lens, from.varint()?),
            _ => put(&mut out.pos, step.map_or_else(|| from.varint(), Ok)?),
        }
    }
    plain::append(from, usize::MAX, &mut out.lits)
}
