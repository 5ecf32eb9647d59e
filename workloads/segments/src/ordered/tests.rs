//! Deliveries in every order, by several workers, and with whatever may fail failing.

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
