//! The slabs of a pool, and which of their chunks lie in no thread's list.

use std::sync::Arc;

use super::bits::Bits;
use super::raw::{Free, Slab};

/// Slabs by number, and the free chunks of each that lie in no thread's list. Chunks are taken from the slab of the lowest number,
/// from its front: what is in use stays together, and slabs at the end become empty.
#[derive(Debug, Default)]
pub(super) struct Slabs {
    shelves: Vec<Option<Shelf>>,
    /// Slabs with a free chunk.
    ready: Bits,
    /// Numbers below the length of `shelves` that no slab has.
    vacant: Bits,
    total: usize,
    free: usize,
    mapped: usize,
    owners: usize,
}

#[derive(Debug)]
struct Shelf {
    slab: Arc<Slab>,
    free: Bits,
}

impl Slabs {
    /// Chunks of all slabs.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Those of them that lie here.
    pub(super) fn free(&self) -> usize {
        self.free
    }

    /// Slabs, and bytes of them.
    pub(super) fn mapped(&self) -> (usize, usize) {
        (self.shelves.len() - self.vacant.len(), self.mapped)
    }

    /// Bytes of all that is kept about slabs and chunks.
    pub(super) fn bookkeeping(&self) -> usize {
        let bits: usize = self
            .shelves
            .iter()
            .flatten()
            .map(|shelf| shelf.free.bytes())
            .sum();
        let slabs = (self.shelves.len() - self.vacant.len()) * size_of::<Slab>();
        let shelves = self.shelves.capacity() * size_of::<Option<Shelf>>();
        bits + slabs + shelves + self.owners + self.ready.bytes() + self.vacant.bytes()
    }

    /// The number that the next slab must have.
    pub(super) fn next_number(&self) -> usize {
        self.vacant.first().unwrap_or(self.shelves.len())
    }

    /// Adds a slab of the [next number](Self::next_number), all of whose chunks are free.
    pub(super) fn add(&mut self, slab: Arc<Slab>) {
        let number = slab.number();
        debug_assert_eq!(number, self.next_number());
        self.total += slab.chunks();
        self.free += slab.chunks();
        self.mapped += slab.bytes();
        self.owners += slab.bytes_of_owners();
        let free = Bits::all_below(slab.chunks());
        let shelf = Some(Shelf { slab, free });
        if number < self.shelves.len() {
            self.vacant.remove(number);
            self.shelves[number] = shelf;
        } else {
            self.shelves.push(shelf);
        }
        self.ready.insert(number);
    }

    /// Takes a free chunk.
    pub(super) fn take(&mut self) -> Option<Free> {
        let number = self.ready.first()?;
        let shelf = self.shelves[number].as_mut()?;
        let index = shelf.free.take_first()?;
        if shelf.free.len() == 0 {
            self.ready.remove(number);
        }
        self.free -= 1;
        // It was in the set of free ones, and is in it no more.
        Some(Slab::hand_out(&shelf.slab, index))
    }

    /// Puts a free chunk back.
    pub(super) fn put(&mut self, free: Free) {
        let (number, index) = free.into_place();
        if let Some(shelf) = self.shelves[number].as_mut() {
            if shelf.free.len() == 0 {
                self.ready.insert(number);
            }
            shelf.free.insert(index);
            self.free += 1;
        }
    }

    /// Takes out the slabs all of whose chunks lie here.
    pub(super) fn take_empty(&mut self) -> Vec<Arc<Slab>> {
        let mut empty = Vec::new();
        for (number, place) in self.shelves.iter_mut().enumerate() {
            let Some(shelf) = place.take_if(|shelf| shelf.free.len() == shelf.slab.chunks()) else {
                continue;
            };
            self.ready.remove(number);
            self.vacant.insert(number);
            self.total -= shelf.slab.chunks();
            self.free -= shelf.slab.chunks();
            self.mapped -= shelf.slab.bytes();
            self.owners -= shelf.slab.bytes_of_owners();
            empty.push(shelf.slab);
        }
        empty
    }
}
