//! The lists of free chunks of the calling thread, one for each pool that it uses.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::{Arc, Weak};

use super::core::Core;
use super::{Biased, List};

/// Pools whose lists a thread finds without looking for them.
const NEAR: usize = 8;

thread_local! {
    /// Lists that were used last, each at the place of its pool's number. They are among `ALL`.
    static LAST: [Cell<(u64, *const List)>; NEAR] =
        const { [const { Cell::new((0, ptr::null())) }; NEAR] };
    /// All lists of this thread.
    static ALL: RefCell<Lists> = const { RefCell::new(Lists(Vec::new())) };
}

struct Lists(Vec<Local>);

struct Local {
    pool: u64,
    core: Weak<Core>,
    list: Arc<List>,
}

/// Whether a list is new, and must be made known to its pool.
pub(super) enum Found {
    Known(Arc<List>),
    New(Arc<List>),
}

/// Enters this thread's list of the pool of this number; nothing where it has none, or is barred from it.
#[inline(always)]
pub(super) fn enter<R>(pool: u64, f: impl FnOnce(&mut Vec<super::Free>) -> R) -> Option<R> {
    // Nothing but two words leave the closure, and `f` is called in one place: what is done stays in registers. A chunk's two
    // addresses that go through memory are stored one by one and loaded at once, for which the processor waits.
    let (number, list) = LAST.with(|last| last[place(pool)].get());
    let list = if number == pool { list } else { find(pool)? };
    // SAFETY: what is in `LAST` is in `ALL` too, which keeps it; lists are entered by their threads through this function
    // and `own` only, and `f` does not come back here.
    unsafe { (*list).own(f) }
}

/// This thread's list of a pool, which is in `LAST` from now on.
#[cold]
fn find(pool: u64) -> Option<*const List> {
    let list = ALL.try_with(|all| {
        let all = all.borrow();
        let local = all.0.iter().find(|local| local.pool == pool)?;
        let list = Arc::as_ptr(&local.list);
        LAST.with(|last| last[place(pool)].set((pool, list)));
        Some(list)
    });
    list.ok()?
}

/// Enters a list of this thread.
pub(super) fn own<R>(list: &Arc<List>, f: impl FnOnce(&mut Vec<super::Free>) -> R) -> Option<R> {
    // SAFETY: lists come from `ALL`, which is this thread's; `f` does not enter the list again.
    unsafe { list.own(f) }
}

/// This thread's list of a pool, made where there is none; nothing when the thread is ending.
pub(super) fn list_of(core: &Core) -> Option<Found> {
    let found = ALL.try_with(|all| {
        let mut all = all.borrow_mut();
        if let Some(local) = all.0.iter().find(|local| local.pool == core.id()) {
            return Found::Known(Arc::clone(&local.list));
        }
        all.forget_closed();
        let room = Vec::with_capacity(core.layout().kept);
        let list = Arc::new(Biased::new(room, core.barrier()));
        all.0.push(Local {
            pool: core.id(),
            core: core.weak(),
            list: Arc::clone(&list),
        });
        LAST.with(|last| last[place(core.id())].set((core.id(), Arc::as_ptr(&list))));
        Found::New(list)
    });
    found.ok()
}

fn place(pool: u64) -> usize {
    pool as usize % NEAR
}

impl Lists {
    /// Lets go of the lists of pools that are gone; they are empty.
    fn forget_closed(&mut self) {
        self.0.retain(|local| {
            let there = local.core.strong_count() > 0;
            if !there {
                forget(local.pool);
            }
            there
        });
    }
}

fn forget(pool: u64) {
    LAST.with(|last| {
        let last = &last[place(pool)];
        if last.get().0 == pool {
            last.set((0, ptr::null()));
        }
    });
}

impl Drop for Lists {
    fn drop(&mut self) {
        for local in self.0.drain(..) {
            forget(local.pool);
            if let Some(core) = local.core.upgrade() {
                core.retire(&local.list);
            }
        }
    }
}
