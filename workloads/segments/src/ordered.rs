//! Puts what several workers make back into input order, within a window of bytes.
//!
//! Every ordinal from 0 on is delivered once, by any worker, each worker's own ordinals ascending. A worker that is
//! ahead of the others waits while the window is full; the one that holds the lowest ordinal not yet delivered, the
//! *head*, never waits for room, so that the window always empties. Memory stays within the window and one delivery a
//! worker.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Takes blocks once they are in order.
pub trait BlockSink {
    /// What is put in order.
    type Block: Debug;
    /// Why no more is taken.
    type Error: Debug;

    /// Bytes that a waiting block holds.
    fn bytes(block: &Self::Block) -> usize;

    /// Takes the next block.
    ///
    /// # Errors
    /// Nothing more will be written.
    fn take(&mut self, block: Self::Block) -> Result<(), Self::Error>;
}

/// The writing ended before this worker did: another one failed, or the sink did. Whoever ends the run knows why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the writing of the archive has ended")]
pub struct Closed;

/// Why the sink does not come back.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfinished<E> {
    /// The sink failed.
    Sink(E),
    /// A worker left without [`Worker::finish`], or an ordinal was never delivered.
    Incomplete,
}

/// An order-restoring writer, shared by its workers.
#[derive(Debug)]
pub struct Ordered<S: BlockSink> {
    window: usize,
    state: Mutex<State<S>>,
    /// Told whenever room or the right to write may have come.
    changed: Condvar,
}

#[derive(Debug)]
struct State<S: BlockSink> {
    head: u64,
    waiting: BTreeMap<u64, Delivery<S::Block>>,
    held: usize,
    peak: usize,
    /// Away with the worker that writes.
    sink: Option<S>,
    closed: bool,
    failure: Option<S::Error>,
}

/// What one ordinal brings, or several in a row.
#[derive(Debug)]
struct Delivery<B> {
    blocks: Vec<B>,
    bytes: usize,
}

/// What an ordinal costs while it waits, apart from its blocks.
const SLOT: usize = mem::size_of::<(u64, Delivery<u8>)>();

impl<S: BlockSink> Ordered<S> {
    /// Writes to `sink`; what waits there holds `window` bytes, give or take a delivery.
    pub fn new(sink: S, window: usize) -> Self {
        Self {
            window,
            state: Mutex::new(State {
                head: 0,
                waiting: BTreeMap::new(),
                held: 0,
                peak: 0,
                sink: Some(sink),
                closed: false,
                failure: None,
            }),
            changed: Condvar::new(),
        }
    }

    /// A worker's hand. Dropped without [`Worker::finish`], by an error or a panic, it closes the writing for all.
    pub fn worker(&self) -> Worker<'_, S> {
        Worker {
            ordered: self,
            finished: false,
        }
    }

    /// Ends the writing: workers that wait, and later deliveries, get [`Closed`].
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether nothing more will be written.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Most bytes that waited at any time.
    pub fn peak(&self) -> usize {
        self.lock().peak
    }

    /// The sink, once all workers are done; `delivered` ordinals must have come.
    ///
    /// # Errors
    /// The sink failed, or not everything was delivered.
    pub fn finish(self, delivered: u64) -> Result<S, Unfinished<S::Error>> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        match (state.failure, state.sink) {
            (Some(error), _) => Err(Unfinished::Sink(error)),
            (None, Some(sink)) if !state.closed && state.head == delivered => Ok(sink),
            (None, _) => Err(Unfinished::Incomplete),
        }
    }

    /// Every change of the state is whole before the lock is let go, so a panic elsewhere leaves it whole.
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deliver(&self, ordinal: u64, blocks: Vec<S::Block>) -> Result<(), Closed> {
        let bytes = SLOT + blocks.iter().map(S::bytes).sum::<usize>();
        let mut state = self.lock();
        // While another worker writes, the head waits too: a slow disk would otherwise let it pile up blocks. The one
        // who writes waits for nobody.
        while !state.closed
            && state.held + bytes > self.window
            && (ordinal != state.head || state.sink.is_none())
        {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return Err(Closed);
        }
        state.insert(ordinal, blocks, bytes);
        self.drain(state)
    }

    /// Writes what is in order, unless another worker does so already; that one will find it.
    fn drain<'a>(&'a self, mut state: MutexGuard<'a, State<S>>) -> Result<(), Closed> {
        while let Some((mut sink, ready)) = state.begin() {
            drop(state);
            // Without the lock, so that the others go on meanwhile.
            let written = ready
                .blocks
                .into_iter()
                .try_for_each(|block| sink.take(block));
            state = self.lock();
            state.held -= ready.bytes;
            match written {
                Ok(()) => state.sink = Some(sink),
                Err(error) => {
                    state.failure = Some(error);
                    state.closed = true;
                }
            }
            self.changed.notify_all();
            if state.closed {
                return Err(Closed);
            }
        }
        Ok(())
    }
}

impl<S: BlockSink> State<S> {
    fn insert(&mut self, ordinal: u64, blocks: Vec<S::Block>, bytes: usize) {
        debug_assert!(ordinal >= self.head, "{ordinal} was delivered before");
        self.held += bytes;
        self.peak = self.peak.max(self.held);
        self.waiting.insert(ordinal, Delivery { blocks, bytes });
    }

    /// The sink and what is to be written next, if there is anything and nobody has the sink.
    fn begin(&mut self) -> Option<(S, Delivery<S::Block>)> {
        let first = self.waiting.first_entry()?;
        if *first.key() != self.head {
            return None;
        }
        let sink = self.sink.take()?;
        let mut ready = Delivery {
            blocks: Vec::new(),
            bytes: 0,
        };
        while let Some(delivery) = self.waiting.remove(&self.head) {
            self.head += 1;
            ready.bytes += delivery.bytes;
            ready.blocks.extend(delivery.blocks);
        }
        Some((sink, ready))
    }
}

/// One worker's hand on an [`Ordered`].
#[derive(Debug)]
pub struct Worker<'a, S: BlockSink> {
    ordered: &'a Ordered<S>,
    finished: bool,
}

impl<S: BlockSink> Worker<'_, S> {
    /// Delivers an ordinal's blocks, none or several, and waits for room if it is ahead.
    ///
    /// # Errors
    /// The writing has ended.
    pub fn deliver(&mut self, ordinal: u64, blocks: Vec<S::Block>) -> Result<(), Closed> {
        self.ordered.deliver(ordinal, blocks)
    }

    /// All of this worker's ordinals are delivered.
    pub fn finish(mut self) {
        self.finished = true;
    }
}

impl<S: BlockSink> Drop for Worker<'_, S> {
    fn drop(&mut self) {
        if !self.finished {
            self.ordered.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    /// Keeps numbers, fails from the number `full` on.
    #[derive(Debug, PartialEq, Eq)]
    struct Numbers {
        taken: Vec<u64>,
        full: u64,
    }

    impl Numbers {
        fn new(full: u64) -> Self {
            Self {
                taken: Vec::new(),
                full,
            }
        }
    }

    impl BlockSink for Numbers {
        type Block = u64;
        type Error = &'static str;

        fn bytes(_: &u64) -> usize {
            100
        }

        fn take(&mut self, block: u64) -> Result<(), &'static str> {
            if block >= self.full {
                return Err("full");
            }
            self.taken.push(block);
            Ok(())
        }
    }

    /// The blocks of an ordinal: none, one or two.
    fn blocks(ordinal: u64) -> Vec<u64> {
        (0..ordinal % 3).map(|part| ordinal * 2 + part).collect()
    }

    /// Each worker delivers the ordinals that `owner` gives to it.
    fn deliver_all(
        ordered: &Ordered<Numbers>,
        owner: &[usize],
        workers: usize,
    ) -> Vec<Result<(), Closed>> {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..workers)
                .map(|own| {
                    scope.spawn(move || {
                        let mut worker = ordered.worker();
                        for (ordinal, _) in (0..).zip(owner).filter(|(_, owner)| **owner == own) {
                            worker.deliver(ordinal, blocks(ordinal))?;
                        }
                        worker.finish();
                        Ok(())
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_split_over_workers_comes_out_in_order_and_within_the_window(
            workers in 1_usize..6,
            owner in prop::collection::vec(0_usize..6, 0..300),
            window in 0_usize..2_000,
        ) {
            let owner: Vec<usize> = owner.iter().map(|owner| owner % workers).collect();
            let count = owner.len() as u64;
            let ordered = Ordered::new(Numbers::new(u64::MAX), window);
            for result in deliver_all(&ordered, &owner, workers) {
                prop_assert_eq!(result, Ok(()));
            }
            prop_assert!(ordered.peak() <= window + 2 * (SLOT + 200), "{}", ordered.peak());
            let sink = ordered.finish(count).unwrap();
            prop_assert_eq!(sink.taken, (0..count).flat_map(blocks).collect::<Vec<_>>());
        }

        #[test]
        fn a_sink_that_fails_stops_every_worker(
            workers in 1_usize..6,
            owner in prop::collection::vec(0_usize..6, 60..200),
            window in 0_usize..2_000,
            full in 0_u64..40,
        ) {
            let owner: Vec<usize> = owner.iter().map(|owner| owner % workers).collect();
            let ordered = Ordered::new(Numbers::new(full * 2), window);
            let results = deliver_all(&ordered, &owner, workers);
            prop_assert!(results.contains(&Err(Closed)));
            prop_assert!(ordered.is_closed());
            let failure = ordered.finish(owner.len() as u64).unwrap_err();
            prop_assert_eq!(failure, Unfinished::Sink("full"));
        }
    }

    /// A worker that is ahead and waits for room; what it ends with.
    fn ahead(ordered: &Arc<Ordered<Numbers>>) -> mpsc::Receiver<Result<(), Closed>> {
        let (tell, told) = mpsc::channel();
        let ordered = Arc::clone(ordered);
        thread::spawn(move || {
            let mut worker = ordered.worker();
            let result = worker.deliver(1, vec![1]);
            worker.finish();
            drop(ordered);
            tell.send(result).unwrap();
        });
        told
    }

    fn waits(told: &mpsc::Receiver<Result<(), Closed>>) {
        let early = told.recv_timeout(Duration::from_millis(20));
        assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout));
    }

    #[test]
    fn whoever_is_ahead_of_a_full_window_waits_for_the_head() {
        let ordered = Arc::new(Ordered::new(Numbers::new(9), 50));
        let told = ahead(&ordered);
        waits(&told);
        let mut worker = ordered.worker();
        worker.deliver(0, vec![0]).unwrap();
        worker.finish();
        assert_eq!(told.recv().unwrap(), Ok(()));
        let sink = Arc::into_inner(ordered).unwrap().finish(2).unwrap();
        assert_eq!(sink.taken, [0, 1]);
    }

    #[test]
    fn whoever_waits_is_woken_by_an_error_and_by_a_panic_elsewhere() {
        for panics in [false, true] {
            let ordered = Arc::new(Ordered::new(Numbers::new(9), 50));
            let told = ahead(&ordered);
            waits(&told);
            let end = catch_unwind(AssertUnwindSafe(|| {
                let _worker = ordered.worker();
                assert!(!panics, "this test's own panic");
            }));
            assert_eq!(end.is_err(), panics);
            assert_eq!(told.recv().unwrap(), Err(Closed));
            let mut late = ordered.worker();
            assert_eq!(late.deliver(0, vec![0]), Err(Closed));
        }
    }

    #[test]
    fn what_was_not_delivered_is_missed() {
        let ordered = Ordered::new(Numbers::new(9), 1_000);
        let mut worker = ordered.worker();
        worker.deliver(0, vec![0]).unwrap();
        worker.deliver(2, vec![2]).unwrap();
        worker.finish();
        assert_eq!(ordered.finish(3), Err(Unfinished::Incomplete));
    }

    /// Panics at its second block, or takes its time and notes whether two write at once.
    #[derive(Debug)]
    struct Slow {
        writing: Arc<AtomicBool>,
        taken: Arc<AtomicUsize>,
        panics: bool,
    }

    impl BlockSink for Slow {
        type Block = ();
        type Error = ();

        fn bytes((): &()) -> usize {
            100
        }

        fn take(&mut self, (): ()) -> Result<(), ()> {
            assert!(
                !self.writing.swap(true, Ordering::SeqCst),
                "two write at once"
            );
            thread::sleep(Duration::from_micros(200));
            let before = self.taken.fetch_add(1, Ordering::SeqCst);
            assert!(!self.panics || before == 0, "this test's own panic");
            self.writing.store(false, Ordering::SeqCst);
            Ok(())
        }
    }

    fn run_slow(panics: bool) -> (Ordered<Slow>, usize, usize) {
        let taken = Arc::new(AtomicUsize::new(0));
        let sink = Slow {
            writing: Arc::default(),
            taken: Arc::clone(&taken),
            panics,
        };
        let ordered = Ordered::new(sink, 500);
        let ended = thread::scope(|scope| {
            let workers: Vec<_> = (0..4_u64)
                .map(|own| {
                    let ordered = &ordered;
                    scope.spawn(move || {
                        let mut worker = ordered.worker();
                        for ordinal in (own..200).step_by(4) {
                            if worker.deliver(ordinal, vec![()]).is_err() {
                                return;
                            }
                        }
                        worker.finish();
                    })
                })
                .collect();
            workers
                .into_iter()
                .filter_map(|worker| worker.join().err())
                .count()
        });
        let taken = taken.load(Ordering::SeqCst);
        (ordered, taken, ended)
    }

    #[test]
    fn a_slow_sink_is_used_by_one_at_a_time_and_does_not_let_the_head_pile_up() {
        let (ordered, taken, panicked) = run_slow(false);
        assert_eq!((taken, panicked), (200, 0));
        assert!(ordered.peak() <= 500 + SLOT + 100, "{}", ordered.peak());
        ordered.finish(200).unwrap();
    }

    #[test]
    fn a_sink_that_panics_stops_every_worker() {
        let (ordered, taken, panicked) = run_slow(true);
        assert_eq!((taken, panicked), (2, 1));
        assert!(matches!(ordered.finish(200), Err(Unfinished::Incomplete)));
    }
}
