//! The pool itself: its lock, what is behind it, and its end.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::List;
use super::chunk::Chunk;
use super::local::{self, Found};
use super::slab::{Free, Slab};
use super::sync::{self, Barrier};
use crate::pool::options::Layout;
use crate::pool::slabs::Slabs;
use crate::pool::{PoolError, PoolOptions, PoolStats};

/// A pool of equal chunks of memory. Clones are handles to the same pool.
///
/// Chunks in use keep the pool's memory when all handles are gone; the last one of them ends it.
#[derive(Clone)]
pub struct Pool {
    handle: Arc<Handle>,
}

impl Pool {
    /// Tells the kernel, once for the process, that there will be pools; the first pool does it where nobody has. A process of one
    /// thread gets the answer at once, one of several waits some ten milliseconds for it.
    pub fn announce() {
        sync::announce();
    }

    /// A pool without any slab yet.
    ///
    /// # Errors
    /// Chunks of no bytes, of more than can be addressed, or none of them.
    pub fn new(options: PoolOptions) -> Result<Self, PoolError> {
        Ok(Self {
            handle: Arc::new(Handle(Core::new(options.layout()?))),
        })
    }

    /// Bytes of a chunk.
    #[must_use]
    pub fn chunk_size(&self) -> usize {
        self.core().layout.chunk_size
    }

    /// Takes a chunk.
    ///
    /// # Errors
    /// All chunks that the pool may have are in use, those in the lists of other threads looked for; or the system has no memory for
    /// another slab.
    #[inline]
    pub fn try_alloc(&self) -> Result<Chunk, PoolError> {
        let core = self.core();
        let place = match local::enter(core.id, Vec::pop) {
            Some(Some(place)) => place,
            _ => core.refill()?,
        };
        Ok(Chunk::new(place))
    }

    /// Gives the slabs that no chunk in use lies in back to the system; how many bytes.
    pub fn trim(&self) -> u64 {
        let core = self.core();
        let mut shared = core.lock();
        core.gather(&mut shared);
        let empty = shared.slabs.take_empty();
        drop(shared);
        empty.iter().map(|slab| slab.bytes() as u64).sum()
    }

    /// What it has at one instant.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.core().stats()
    }

    #[inline]
    fn core(&self) -> &Core {
        &self.handle.0
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("stats", &self.stats())
            .finish()
    }
}

/// All [`Pool`]s of one core together.
struct Handle(Arc<Core>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What handles, chunks in use and the lists of threads refer to.
#[derive(Debug)]
pub(in crate::pool) struct Core {
    /// No other pool of the process has or had this number; never 0.
    id: u64,
    layout: Layout,
    barrier: Barrier,
    me: Weak<Core>,
    shared: Mutex<Shared>,
}

/// What is behind the lock.
#[derive(Debug, Default)]
struct Shared {
    slabs: Slabs,
    /// The lists of threads.
    lists: Vec<Arc<List>>,
    /// All handles are gone.
    closed: bool,
    /// What keeps the core when it is closed, until the last chunk is back.
    keep: Option<Arc<Core>>,
}

impl Core {
    fn new(layout: Layout) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Arc::new_cyclic(|me| Self {
            id: NEXT.fetch_add(1, Relaxed),
            layout,
            barrier: Barrier::new(),
            me: Weak::clone(me),
            shared: Mutex::default(),
        })
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    pub(super) fn barrier(&self) -> Barrier {
        self.barrier
    }

    pub(super) fn weak(&self) -> Weak<Self> {
        Weak::clone(&self.me)
    }

    /// Locks even after a panic in another thread: what is behind the lock is whole after every statement.
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calling thread's list, known to the pool.
    fn list(&self, shared: &mut Shared) -> Option<Arc<List>> {
        Some(match local::list_of(self)? {
            Found::Known(list) => list,
            Found::New(list) => {
                shared.lists.push(Arc::clone(&list));
                list
            }
        })
    }

    /// A chunk from what all share, and some more for the calling thread's list.
    #[cold]
    fn refill(&self) -> Result<Free, PoolError> {
        let mut shared = self.lock();
        let list = self.list(&mut shared);
        // The thread may have been barred from a list that is not empty.
        if let Some(place) = list.as_ref().and_then(|list| local::own(list, Vec::pop)?) {
            return Ok(place);
        }
        if shared.slabs.free() == 0 {
            let grown = self.grow(&mut shared);
            if !matches!(grown, Ok(true)) {
                self.gather(&mut shared);
            }
            if shared.slabs.free() == 0 {
                let maximum = self.layout.maximum;
                return Err(grown.err().unwrap_or(PoolError::Exhausted { maximum }));
            }
        }
        let slabs = &mut shared.slabs;
        let first = slabs.take();
        if let Some(list) = list {
            local::own(&list, |list| {
                let room = self.layout.kept / 2;
                list.extend(std::iter::from_fn(|| slabs.take()).take(room));
            });
        }
        let maximum = self.layout.maximum;
        first.ok_or(PoolError::Exhausted { maximum })
    }

    /// Maps another slab; false where the pool has all chunks that it may have.
    fn grow(&self, shared: &mut Shared) -> Result<bool, PoolError> {
        let more = self.layout.maximum - shared.slabs.total();
        if more == 0 {
            return Ok(false);
        }
        let chunks = more.min(self.layout.per_slab);
        let slab = Slab::map(self, shared.slabs.next_number(), chunks)?;
        shared.slabs.add(slab);
        Ok(true)
    }

    /// Bars all threads from their lists and enters each; they stay barred.
    fn bar(&self, shared: &mut Shared, mut f: impl FnMut(&mut Vec<Free>, &mut Slabs)) {
        for list in &shared.lists {
            list.bar();
        }
        self.barrier.heavy();
        for list in &shared.lists {
            // SAFETY: the owner is barred, the barrier has followed, and this is done under the lock only.
            unsafe { list.enter(|list| f(list, &mut shared.slabs)) };
        }
    }

    /// Brings the chunks of all lists together.
    fn gather(&self, shared: &mut Shared) {
        self.bar(shared, empty_into);
        shared.lists.iter().for_each(|list| list.unbar());
    }

    fn stats(&self) -> PoolStats {
        let mut shared = self.lock();
        let mut free = shared.slabs.free();
        self.bar(&mut shared, |list, _| free += list.len());
        shared.lists.iter().for_each(|list| list.unbar());
        let (slabs, mapped) = shared.slabs.mapped();
        let of_a_list = size_of::<List>() + self.layout.kept * size_of::<Free>();
        let lists = shared.lists.len() * of_a_list;
        let total = shared.slabs.total();
        PoolStats {
            slabs,
            mapped: mapped as u64,
            bookkeeping: (shared.slabs.bookkeeping() + lists) as u64,
            total,
            live: total - free,
            free,
        }
    }

    /// A chunk that the calling thread's list had no room for, or could not be had.
    #[cold]
    fn take_back(&self, place: Free) {
        let mut shared = self.lock();
        if shared.closed {
            shared.slabs.put(place);
            let last = shared.slabs.free() == shared.slabs.total();
            let keep = last.then(|| shared.keep.take());
            drop(shared);
            drop(keep);
            return;
        }
        let list = self.list(&mut shared);
        let slabs = &mut shared.slabs;
        let Some(list) = list else {
            return slabs.put(place);
        };
        // Its thread cannot be barred: that takes the lock.
        let mut place = Some(place);
        local::own(&list, |list| {
            if list.len() == list.capacity() {
                // The half that was put there first: the rest is warmer.
                list.drain(..list.len() / 2)
                    .for_each(|place| slabs.put(place));
            }
            list.extend(place.take());
        });
        if let Some(place) = place {
            slabs.put(place);
        }
    }

    /// A thread ends: its list comes back.
    pub(super) fn retire(&self, list: &Arc<List>) {
        let mut shared = self.lock();
        local::own(list, |list| empty_into(list, &mut shared.slabs));
        shared.lists.retain(|other| !Arc::ptr_eq(other, list));
    }

    /// All handles are gone: from now on chunks come back one by one, under the lock, so that the last one is known.
    fn close(&self) {
        let mut shared = self.lock();
        self.bar(&mut shared, empty_into);
        shared.lists.clear();
        shared.closed = true;
        if shared.slabs.free() < shared.slabs.total() {
            shared.keep = self.me.upgrade();
        }
    }
}

fn empty_into(list: &mut Vec<Free>, slabs: &mut Slabs) {
    list.drain(..).for_each(|place| slabs.put(place));
}

/// Gives a chunk back.
#[inline]
pub(super) fn release(mut place: Free) {
    if place.secure() {
        // SAFETY: whoever gives a chunk back has it to himself.
        unsafe { place.bytes_mut() }.fill(0);
    }
    let pool = place.pool();
    let mut place = Some(place);
    local::enter(pool, |list| {
        if list.len() < list.capacity()
            && let Some(place) = place.take()
        {
            list.push(place);
        }
    });
    if let Some(place) = place
        && let Some(core) = place.core()
    {
        core.take_back(place);
    }
}
