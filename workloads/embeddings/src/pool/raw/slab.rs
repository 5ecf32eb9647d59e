//! Slabs, and the right to a chunk of one.

use std::ptr::NonNull;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Weak};

use memmap2::MmapMut;

use super::core::Core;
use crate::pool::PoolError;
use crate::pool::options::Layout;

/// Memory that chunks are cut from.
#[derive(Debug)]
pub(in crate::pool) struct Slab {
    pool: u64,
    core: Weak<Core>,
    layout: Layout,
    number: usize,
    /// What a chunk takes of the process's memory: its part of the map and of the counts.
    held: usize,
    /// 2^64 over the stride, rounded up: distances from the base become numbers of chunks by a product.
    reciprocal: u64,
    /// Where `map` begins.
    base: NonNull<u8>,
    map: MmapMut,
    /// How many own each chunk, where it is shared.
    owners: Box<[AtomicU32]>,
}

// SAFETY: `base` is the address of `map`, which is owned here; chunks of it are entered by who has the right to them.
unsafe impl Send for Slab {}
// SAFETY: as above; what is shared of a slab itself is not changed, its counts aside, which are atomic.
unsafe impl Sync for Slab {}

impl Slab {
    /// Maps a slab of so many chunks, at least one and at most as many as a whole slab has.
    pub(super) fn map(core: &Core, number: usize, chunks: usize) -> Result<Arc<Self>, PoolError> {
        let layout = core.layout();
        let bytes = layout.slab_bytes(chunks);
        let refused = |source| PoolError::OutOfMemory { bytes, source };
        let mut map = MmapMut::map_anon(bytes).map_err(refused)?;
        let base = NonNull::from(&mut map[..]).cast();
        Ok(Arc::new(Self {
            pool: core.id(),
            core: core.weak(),
            layout,
            number,
            held: bytes.div_ceil(chunks) + size_of::<AtomicU32>(),
            reciprocal: u64::MAX / layout.stride as u64 + 1,
            base,
            map,
            owners: std::iter::repeat_with(|| AtomicU32::new(0))
                .take(chunks)
                .collect(),
        }))
    }

    pub(in crate::pool) fn number(&self) -> usize {
        self.number
    }

    pub(in crate::pool) fn chunks(&self) -> usize {
        self.owners.len()
    }

    pub(in crate::pool) fn bytes(&self) -> usize {
        self.map.len()
    }

    pub(in crate::pool) fn bytes_of_owners(&self) -> usize {
        size_of_val(&*self.owners)
    }

    /// The right to a chunk, which has just been taken out of the set of free ones.
    pub(in crate::pool) fn hand_out(slab: &Arc<Self>, index: usize) -> Free {
        assert!(index < slab.chunks(), "a chunk of this slab");
        Free {
            // SAFETY: the map has `stride` bytes for each of its chunks.
            memory: unsafe { slab.base.add(index * slab.layout.stride) },
            slab: NonNull::from(&**slab),
        }
    }
}

/// The right to a chunk that nobody uses. Two addresses: they are handed on in registers.
#[derive(Debug)]
pub(in crate::pool) struct Free {
    memory: NonNull<u8>,
    slab: NonNull<Slab>,
}

// SAFETY: it is the only way to its chunk, or counted with the others; slabs may be shared.
unsafe impl Send for Free {}
// SAFETY: a shared reference to it reads the chunk at most.
unsafe impl Sync for Free {}

impl Free {
    #[inline]
    fn slab(&self) -> &Slab {
        // SAFETY: a slab with a chunk that is not in the set of free ones is kept.
        unsafe { self.slab.as_ref() }
    }

    /// The number of the chunk in its slab. The product is exact: the rounding of the reciprocal adds less than a stride times the
    /// distance, and slabs of more than one chunk are shorter than 2 MiB and a page.
    #[inline]
    fn index(&self) -> usize {
        let slab = self.slab();
        let distance = self.memory.addr().get() - slab.base.addr().get();
        ((distance as u128 * u128::from(slab.reciprocal)) >> 64) as usize
    }

    /// The number of its pool.
    #[inline]
    pub(super) fn pool(&self) -> u64 {
        self.slab().pool
    }

    /// Its pool's core, which is there as long as a chunk is in use.
    pub(super) fn core(&self) -> Option<Arc<Core>> {
        self.slab().core.upgrade()
    }

    /// Whether chunks of its pool are zeroed when they come back.
    #[inline]
    pub(super) fn secure(&self) -> bool {
        self.slab().layout.secure
    }

    /// What the chunk takes of the process's memory.
    #[inline]
    pub(super) fn held(&self) -> usize {
        self.slab().held
    }

    /// The bytes of the chunk.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        let len = self.slab().layout.chunk_size;
        // SAFETY: they are mapped and initialised, and changed by nobody who has not the right to the chunk to himself.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr(), len) }
    }

    /// The bytes of the chunk, to be written.
    ///
    /// # Safety
    /// Nobody else has this right: it has not been [repeated](Self::again), or those repeated are gone.
    #[inline]
    pub(super) unsafe fn bytes_mut(&mut self) -> &mut [u8] {
        let len = self.slab().layout.chunk_size;
        // SAFETY: as above, and by this function's contract.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr(), len) }
    }

    /// How many own the chunk, where it is shared.
    #[inline]
    pub(super) fn owners(&self) -> &AtomicU32 {
        &self.slab().owners[self.index()]
    }

    /// The same right once more.
    ///
    /// # Safety
    /// Either this one is not used again, or both only read, and are counted.
    #[inline]
    pub(super) unsafe fn again(&self) -> Self {
        Self {
            memory: self.memory,
            slab: self.slab,
        }
    }

    /// Ends the right; what it was to: number of the slab, and number of the chunk in it.
    pub(in crate::pool) fn into_place(self) -> (usize, usize) {
        (self.slab().number, self.index())
    }
}
