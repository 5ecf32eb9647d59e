//! Packs: the deltas of a group that are compressed together.

use crate::damage::Damage;
use crate::delta::Columns;
use crate::varint::{Cursor, put};

/// A raw pack closes once the lengths of its segments add up to so many codes.
pub const RAW_PACK_CODES: usize = 1 << 20;

/// A pack that still takes deltas.
#[derive(Debug, Default)]
pub struct OpenPack {
    deltas: Vec<Columns>,
}

impl OpenPack {
    /// How many deltas it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.deltas.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a delta that equals this one.
    #[must_use]
    pub fn find(&self, delta: &Columns) -> Option<usize> {
        self.deltas.iter().position(|own| own == delta)
    }

    /// Adds a delta; its place.
    pub fn push(&mut self, delta: &Columns) -> usize {
        self.deltas.push(delta.clone());
        self.deltas.len() - 1
    }

    /// Appends the payload of the pack's block: the sizes of all columns, then the columns, kind after kind.
    pub fn payload(&self, out: &mut Vec<u8>) {
        for delta in &self.deltas {
            for column in [&delta.lens, &delta.pos, &delta.lits] {
                put(out, column.len() as u64);
            }
        }
        for column in [
            |delta: &Columns| &delta.lens,
            |delta: &Columns| &delta.pos,
            |delta: &Columns| &delta.lits,
        ] as [fn(&Columns) -> &Vec<u8>; 3]
        {
            for delta in &self.deltas {
                out.extend_from_slice(column(delta));
            }
        }
    }

    /// Empties the pack, and frees its memory.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.deltas.iter().map(Columns::len).sum()
    }
}

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
