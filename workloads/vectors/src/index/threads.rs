//! The threads of a build, and the watch over them.
//!
//! While they have tasks, a watchdog looks whether any is finished. None in half a minute, though the process has
//! computed or fetched pages all the time, is no slow build but a stuck one: it ends with an error that says what the
//! process did instead, as soon as the thread that is stuck comes back. Where none computes either, they wait for the
//! disk or for a processor that others have: that is left to whoever set a limit on the time.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rayon::ThreadPool;

use super::IndexError;
use super::account::{Account, Held, Part};
use super::stalled::{Judge, Stalled, Usage};

/// How long there may be nothing.
const LIMIT: Duration = Duration::from_secs(30);
/// The process is looked at so many times meanwhile. What stops the process as a whole stops the looking, too.
const LOOKS: u32 = 10;

/// Threads of a build's own.
#[derive(Debug)]
pub(super) struct Threads {
    pool: ThreadPool,
    /// Tasks finished: each thread adds its own.
    finished: AtomicU64,
    /// Whether there are tasks.
    busy: AtomicBool,
    stalled: OnceLock<Stalled>,
    account: Account,
}

impl Threads {
    /// So many threads.
    pub(super) fn new(count: usize) -> Result<Self, IndexError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(count)
            .thread_name(|thread| format!("index-{thread}"))
            .build();
        let pool = pool.map_err(|error| IndexError::Threads {
            threads: count,
            error,
        })?;
        Ok(Self {
            pool,
            finished: AtomicU64::new(0),
            busy: AtomicBool::new(false),
            stalled: OnceLock::new(),
            account: Account::default(),
        })
    }

    /// The same; what they hold goes on this account.
    pub(super) fn telling(self, account: &Account) -> Self {
        Self {
            account: account.clone(),
            ..self
        }
    }

    /// So many bytes are held for `part` of what they do, until this is dropped.
    pub(super) fn hold(&self, part: Part, bytes: usize) -> Held {
        self.account.hold(part, bytes)
    }

    /// Runs `tasks`, which count themselves by [`Threads::finish`] and leave the rest when that says so.
    pub(super) fn busy<R>(&self, tasks: impl FnOnce() -> R) -> R {
        self.busy.store(true, Relaxed);
        let result = tasks();
        self.busy.store(false, Relaxed);
        result
    }

    /// Runs `tasks` on the threads, as [`Threads::busy`].
    pub(super) fn work<R: Send>(&self, tasks: impl FnOnce() -> R + Send) -> R {
        self.busy(|| self.pool.install(tasks))
    }

    /// A task is finished. Whether there is any use in another one.
    #[inline]
    pub(super) fn finish(&self) -> bool {
        self.finished.fetch_add(1, Relaxed);
        self.stalled.get().is_none()
    }

    /// The error of a build that was stuck.
    pub(super) fn moving(&self) -> Result<(), IndexError> {
        match self.stalled.get() {
            Some(stalled) => Err(IndexError::Stalled(stalled.clone())),
            None => Ok(()),
        }
    }

    /// Runs a build and watches it.
    pub(super) fn watched<R>(&self, build: impl FnOnce() -> R) -> R {
        self.watched_for(LIMIT, build)
    }

    /// The same, with another patience.
    fn watched_for<R>(&self, limit: Duration, build: impl FnOnce() -> R) -> R {
        let (ended, wake) = (Mutex::new(false), Condvar::new());
        std::thread::scope(|scope| {
            let watch = || self.watch(limit, &ended, &wake);
            // A build without a watch is better than none.
            let watching = std::thread::Builder::new()
                .name("index-watch".to_owned())
                .spawn_scoped(scope, watch);
            let end = Ended {
                ended: &ended,
                wake: &wake,
            };
            let result = build();
            drop(end);
            drop(watching);
            result
        })
    }

    fn watch(&self, limit: Duration, ended: &Mutex<bool>, wake: &Condvar) {
        let mut judge = Judge::new(limit, LOOKS);
        let mut over = ended.lock().unwrap_or_else(PoisonError::into_inner);
        while !*over && self.stalled.get().is_none() {
            let waited = wake.wait_timeout(over, limit / LOOKS);
            over = waited.unwrap_or_else(PoisonError::into_inner).0;
            let finished = self.finished.load(Relaxed);
            let busy = self.busy.load(Relaxed);
            if let Some(stalled) = judge.look(busy, finished, Usage::now()) {
                // Only this thread sets it.
                let _ = self.stalled.set(stalled);
            }
        }
    }
}

/// Ends the watch, also where the build panics.
struct Ended<'a> {
    ended: &'a Mutex<bool>,
    wake: &'a Condvar,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.notify_all();
    }
}

impl Deref for Threads {
    type Target = ThreadPool;

    fn deref(&self) -> &ThreadPool {
        &self.pool
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::encode::encode;
    use crate::index::{Means, Resources, Width};
    use crate::rows::{Rows, RowsError};

    /// Vectors whose reading computes and computes, until somebody finds it stuck.
    struct Stuck<'a>(&'a Threads);

    impl Rows for Stuck<'_> {
        fn len(&self) -> usize {
            100
        }

        fn dim(&self) -> usize {
            8
        }

        fn read(&self, _: usize, _: &mut [f32]) -> Result<(), RowsError> {
            while self.0.moving().is_ok() {
                std::hint::spin_loop();
            }
            Ok(())
        }
    }

    #[test]
    fn a_build_that_computes_and_gets_nowhere_ends_with_what_it_did() {
        let threads = Threads::new(2).unwrap();
        let means = Means::from(Resources::new(2));
        let limit = Duration::from_millis(50);
        let encode = || encode(&Stuck(&threads), Width::Eight, &threads, &means);
        let error = threads.watched_for(limit, encode).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, IndexError::Stalled(_)), "{message}");
        assert!(message.contains("of CPU time"), "{message}");
        assert!(!threads.finish());
    }

    #[test]
    fn a_watch_ends_with_the_build_whatever_its_end() {
        let threads = Threads::new(1).unwrap();
        assert_eq!(threads.watched(|| 7), 7);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            threads.watched(|| panic!("as asked"))
        }));
        assert!(panicked.is_err());
        threads.moving().unwrap();
    }
}
