//! Reading a pack back.

use crate::damage::Damage;
use crate::varint::Cursor;

/// The payload of a pack's block, taken apart.
#[derive(Debug)]
pub struct PackView<'a> {
    deltas: Vec<[&'a [u8]; 3]>,
}

impl<'a> PackView<'a> {
    /// Reads the payload of a pack of `deltas` deltas.
    ///
    /// # Errors
    /// The payload is not one of so many deltas.
    pub fn new(payload: &'a [u8], deltas: usize) -> Result<Self, Damage> {
        // A delta takes three bytes at least: memory is bounded by the payload, whatever the number claims.
        if deltas > payload.len() / 3 {
            return Err(Damage::new(format!(
                "a pack of {deltas} deltas in {} bytes",
                payload.len()
            )));
        }
        let mut cursor = Cursor::new(payload);
        let mut sizes = Vec::with_capacity(deltas);
        for _ in 0..deltas {
            sizes.push([cursor.size()?, cursor.size()?, cursor.size()?]);
        }
        let mut views = vec![[&[][..]; 3]; deltas];
        for column in 0..3 {
            for (view, sizes) in views.iter_mut().zip(&sizes) {
                view[column] = cursor.take(sizes[column])?;
            }
        }
        if !cursor.is_empty() {
            return Err(Damage::new("a pack goes on after its deltas"));
        }
        Ok(Self { deltas: views })
    }

    /// LENS, POS and LITS of the delta at a place; nothing past the last.
    #[must_use]
    pub fn delta(&self, place: usize) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
        self.deltas
            .get(place)
            .map(|[lens, pos, lits]| (*lens, *pos, *lits))
    }
}
