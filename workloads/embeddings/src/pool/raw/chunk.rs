//! Chunks in use: owned by one, or shared by several who read it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::fence;

use super::core;
use super::slab::Free;

/// A chunk of a pool. It keeps what it needs of the pool, may go to another thread, and gives the chunk back when it is dropped.
///
/// What it holds at first is what its last owner left, or zeros; where the pool is `secure`, always zeros.
pub struct Chunk {
    place: Free,
}

impl Chunk {
    #[inline]
    pub(super) fn new(place: Free) -> Self {
        Self { place }
    }

    /// Its values; nothing where its bytes are no multiple of four.
    #[must_use]
    pub fn floats(&self) -> Option<&[f32]> {
        bytemuck::try_cast_slice(self).ok()
    }

    /// Its values, to be written; nothing where its bytes are no multiple of four.
    #[must_use]
    pub fn floats_mut(&mut self) -> Option<&mut [f32]> {
        bytemuck::try_cast_slice_mut(self).ok()
    }

    /// The same chunk for several owners, who read it only.
    #[inline]
    #[must_use]
    pub fn share(self) -> SharedChunk {
        let this = std::mem::ManuallyDrop::new(self);
        this.place.owners().store(1, Relaxed);
        SharedChunk {
            // SAFETY: this one is not used again, nor dropped.
            place: unsafe { this.place.again() },
        }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.place.bytes()
    }
}

impl DerefMut for Chunk {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: a chunk that one owns is no other's.
        unsafe { self.place.bytes_mut() }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunk({} bytes)", self.len())
    }
}

impl Drop for Chunk {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this one is not used again.
        core::release(unsafe { self.place.again() });
    }
}

/// A chunk that several read: a counted handle without memory of its own, for the values of a cache.
pub struct SharedChunk {
    place: Free,
}

impl SharedChunk {
    /// Its values; nothing where its bytes are no multiple of four.
    #[must_use]
    pub fn floats(&self) -> Option<&[f32]> {
        bytemuck::try_cast_slice(self).ok()
    }

    /// Bytes that the chunk takes of the process's memory: its part of a slab and of what is kept about it.
    #[must_use]
    pub fn held(&self) -> usize {
        self.place.held()
    }

    /// How many handles to this chunk there are now; 1 means that nobody else has one, nor can get one.
    #[must_use]
    pub fn owners(&self) -> u32 {
        self.place.owners().load(Acquire)
    }
}

impl Clone for SharedChunk {
    #[inline]
    fn clone(&self) -> Self {
        // Who has a handle may make another without ordering anything, as with `Arc`.
        let owners = self.place.owners().fetch_add(1, Relaxed);
        if owners > i32::MAX as u32 {
            // So many are leaked ones; before the count runs over, there is an end.
            std::process::abort();
        }
        Self {
            // SAFETY: both only read, and are counted.
            place: unsafe { self.place.again() },
        }
    }
}

impl Deref for SharedChunk {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.place.bytes()
    }
}

impl fmt::Debug for SharedChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedChunk({} bytes)", self.len())
    }
}

impl Drop for SharedChunk {
    #[inline]
    fn drop(&mut self) {
        let owners = self.place.owners();
        // A chunk of one owner gets no other: only who has a handle can make one. That saves the locked instruction.
        if owners.load(Acquire) == 1 || owners.fetch_sub(1, Release) == 1 {
            // All that the others read was read before the chunk goes to who writes it.
            fence(Acquire);
            // SAFETY: this was the last handle, and is not used again.
            core::release(unsafe { self.place.again() });
        }
    }
}
