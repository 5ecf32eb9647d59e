//! A pack that still takes deltas. Thousands are open until the end, so what counts is their size.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::compact;
use crate::delta::Columns;
use crate::varint::{Cursor, put};

/// Bytes of the longest varint.
const LONGEST_VARINT: usize = 10;

/// Why no compact form in a pack is damaged.
const OWN: &str = "a pack holds what it wrote itself";

/// A pack that still takes deltas.
#[derive(Debug, Default)]
pub struct OpenPack {
    /// Of each delta the size of its compact form, and that. Grows by what it needs, no more.
    bytes: Vec<u8>,
    /// Of each delta a hash, so that nearly only equal ones are compared.
    hashes: Vec<u32>,
}

impl OpenPack {
    /// How many deltas it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether a delta that equals this one may be here: the hashes tell, wherever the bytes are.
    #[must_use]
    pub fn may_hold(&self, delta: &Columns) -> bool {
        self.hashes.contains(&hash(delta))
    }

    /// The place of the first delta that equals this one, given the bytes that were [taken out](Self::take_out).
    #[must_use]
    pub fn find(&self, taken_out: &[u8], delta: &Columns) -> Option<usize> {
        let wanted = hash(delta);
        let mut own = Columns::default();
        self.hashes
            .iter()
            .zip(self.deltas(taken_out))
            .position(|(hash, form)| {
                *hash == wanted && {
                    own.clear();
                    compact::read(&mut Cursor::new(form), &mut own).expect(OWN);
                    own == *delta
                }
            })
    }

    /// Takes the bytes of all deltas out, to be kept elsewhere. The pack goes on as before, but what asks for all
    /// deltas must be given all bytes taken out so far, in order.
    pub fn take_out(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Adds a delta; its place.
    ///
    /// # Panics
    /// If the columns are not those of a delta.
    pub fn push(&mut self, delta: &Columns) -> usize {
        let mut form = Vec::with_capacity(delta.len());
        compact::write(delta, &mut form).expect("columns are what an encoder wrote");
        self.bytes.reserve_exact(LONGEST_VARINT + form.len());
        put(&mut self.bytes, form.len() as u64);
        self.bytes.extend_from_slice(&form);
        self.hashes.reserve_exact(1);
        self.hashes.push(hash(delta));
        self.len() - 1
    }

    /// Appends the payload of the pack's block: the sizes of all columns, then the columns, kind after kind; given the
    /// bytes that were [taken out](Self::take_out).
    pub fn payload(&self, taken_out: &[u8], out: &mut Vec<u8>) {
        let mut all = Columns::default();
        let sizes = |columns: &Columns| [&columns.lens, &columns.pos, &columns.lits].map(Vec::len);
        for form in self.deltas(taken_out) {
            let before = sizes(&all);
            compact::read(&mut Cursor::new(form), &mut all).expect(OWN);
            for (before, after) in before.iter().zip(sizes(&all)) {
                put(out, (after - before) as u64);
            }
        }
        out.reserve(all.len());
        for column in [&all.lens, &all.pos, &all.lits] {
            out.extend_from_slice(column);
        }
    }

    /// Empties the pack, and frees its memory.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + self.hashes.capacity() * size_of::<u32>()
    }

    /// The compact forms, those taken out first.
    fn deltas<'a>(&'a self, taken_out: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        forms(taken_out).chain(forms(&self.bytes))
    }
}

/// The compact forms in these bytes.
fn forms(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut cursor = Cursor::new(bytes);
    std::iter::from_fn(move || {
        (!cursor.is_empty()).then(|| {
            let size = cursor.size().expect(OWN);
            cursor.take(size).expect(OWN)
        })
    })
}

/// Differs for most deltas that differ.
fn hash(delta: &Columns) -> u32 {
    [&delta.lens, &delta.pos, &delta.lits]
        .into_iter()
        .fold(0, |seed, column| xxh3_64_with_seed(column, seed)) as u32
}
