//! The hand-over of a thread's free list, under every order of steps that the memory model allows.

#![allow(unsafe_code, dead_code)]

/// What the hand-over is made of, from the model checker.
mod sync {
    pub(super) use loom::sync::atomic::AtomicBool;
    use loom::sync::atomic::Ordering::SeqCst;
    use loom::sync::atomic::fence;
    pub(super) use loom::thread::yield_now;

    #[derive(Debug)]
    pub(super) struct UnsafeCell<T>(loom::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(super) fn new(value: T) -> Self {
            Self(loom::cell::UnsafeCell::new(value))
        }

        pub(super) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            self.0.with_mut(f)
        }
    }

    /// Both sides are full barriers here: what the kernel's request makes of the light one is beyond the model.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct Barrier;

    impl Barrier {
        pub(super) fn light(self) {
            fence(SeqCst);
        }

        pub(super) fn heavy(self) {
            fence(SeqCst);
        }
    }
}

#[path = "../src/pool/raw/biased.rs"]
mod biased;

use loom::sync::{Arc, Mutex};
use loom::thread;

use biased::Biased;
use sync::Barrier;

/// Takes everything out of a list that is another thread's, under the lock that the pool has.
fn gather(list: &Biased<Vec<u32>>, shared: &Mutex<Vec<u32>>) {
    let mut shared = shared.lock().expect("no panic under the lock");
    list.bar();
    Barrier.heavy();
    // SAFETY: barred, the barrier has followed, under the lock.
    unsafe { list.enter(|list| shared.append(list)) };
    list.unbar();
}

#[test]
fn a_chunk_is_taken_by_its_thread_or_by_another_and_never_by_both() {
    loom::model(|| {
        let list = Arc::new(Biased::new(vec![1, 2], Barrier));
        let shared = Arc::new(Mutex::new(Vec::new()));
        let owner = thread::spawn({
            let list = Arc::clone(&list);
            move || {
                // SAFETY: this thread is the owner.
                let taken = unsafe { list.own(Vec::pop) }.flatten();
                // And gives it back, where it is let in.
                let mut kept = taken;
                // SAFETY: as above.
                unsafe { list.own(|list| list.extend(kept.take())) };
                kept
            }
        });
        gather(&list, &shared);
        let kept = owner.join().unwrap();
        gather(&list, &shared);
        let mut all = shared.lock().unwrap().clone();
        all.extend(kept);
        all.sort_unstable();
        assert_eq!(all, [1, 2]);
    });
}

#[test]
fn two_that_want_a_threads_chunks_get_them_one_after_the_other() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let list = Arc::new(Biased::new(vec![1], Barrier));
        let shared = Arc::new(Mutex::new(Vec::new()));
        let other = thread::spawn({
            let (list, shared) = (Arc::clone(&list), Arc::clone(&shared));
            move || gather(&list, &shared)
        });
        // SAFETY: this thread is the owner; its chunk goes back to the list, or to all.
        let taken = unsafe { list.own(Vec::pop) }.flatten();
        gather(&list, &shared);
        other.join().unwrap();
        let mut shared = shared.lock().unwrap();
        shared.extend(taken);
        assert_eq!(*shared, [1]);
    });
}
