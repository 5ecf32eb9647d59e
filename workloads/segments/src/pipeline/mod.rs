//! Work spread over threads by group, its blocks written in the order of the input.
//!
//! What a segment becomes depends on the segments of its group before it, and on no other group. So every group
//! belongs to one worker, which gets its segments in order and shares nothing; blocks carry the ordinal of the
//! segment that made them, by which [`Ordered`] restores the order. Nothing grows without a bound: work on its way is
//! bounded by a credit in bytes, blocks that wait for their turn by the window of the writer.

mod block;
mod credit;
mod feed;
#[cfg(test)]
mod tests;
mod worker;

pub use block::Block;
pub use feed::Feed;
pub use worker::Shard;

use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use plimsoll_workload::{Context, Failure};

use crate::ordered::{BlockSink, Ordered, Unfinished};
use credit::Credit;
use worker::{Worker, stopped};

/// A segment's worker is kept in two bytes.
const MOST_WORKERS: usize = u16::MAX as usize;

/// How wide a run is, and what it may hold on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// Threads, this one included; at least 1.
    pub threads: usize,
    /// Bytes of work that may wait for workers.
    pub on_the_way: usize,
    /// Bytes of blocks that may wait for their turn to be written.
    pub window: usize,
}

impl Width {
    /// Workers: all threads but the feeder's, or one on the feeder's own.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.threads.saturating_sub(1).clamp(1, MOST_WORKERS)
    }
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct Done<R, K> {
    /// The feeder's own result.
    pub fed: R,
    /// The member number of every segment, in the order of the input.
    pub members: Vec<u32>,
    /// Where the blocks went.
    pub sink: K,
}

/// What the threads of one run share.
#[derive(Debug)]
struct Shared<'a, K: BlockSink> {
    context: &'a Context,
    ordered: Ordered<K>,
    credit: Credit,
    /// Why the run ends early; the first reason counts.
    failure: Mutex<Option<Failure>>,
}

impl<K: BlockSink> Shared<'_, K> {
    /// Ends the run: nobody waits any more.
    fn stop(&self) {
        self.credit.close();
        self.ordered.close();
    }

    fn fail(&self, failure: Failure) {
        self.failure().get_or_insert(failure);
        self.stop();
    }

    fn failure(&self) -> MutexGuard<'_, Option<Failure>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops the run when its thread ends by a panic: the others would wait for it for ever.
struct StopOnPanic<'a, K: BlockSink>(&'a Shared<'a, K>);

impl<K: BlockSink> Drop for StopOnPanic<'_, K> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

/// Runs `feeder` on this thread and [`Width::workers`] shards, each made by `make`, on threads of their own (a single
/// one on this thread where there is no other). Groups go to the shards in turn. Blocks go to `sink` in order. The
/// stages `encode` and `write` are told to `context`.
///
/// # Errors
/// The first that the feeder or a shard ends with, or that writing meets.
pub fn run<S, K, R>(
    context: &Context,
    width: Width,
    sink: K,
    make: impl Fn() -> Result<S, Failure>,
    feeder: impl FnOnce(&mut Feed<'_, S, K>) -> Result<R, Failure>,
) -> Result<Done<R, K>, Failure>
where
    S: Shard,
    K: BlockSink<Block = S::Block, Error = Failure> + Send,
    K::Block: Send,
{
    let shared = Shared {
        context,
        ordered: Ordered::new(sink, width.window),
        credit: Credit::new(width.on_the_way),
        failure: Mutex::default(),
    };
    let mut workers = (0..width.workers())
        .map(|_| Ok(Worker::new(make()?, &shared)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let inline = if width.threads <= 1 {
        workers.pop()
    } else {
        None
    };
    let (fed, route, members) = thread::scope(|scope| {
        let _stop = StopOnPanic(&shared);
        let (mut senders, mut threads) = (Vec::new(), Vec::new());
        for (number, worker) in workers.into_iter().enumerate() {
            let (sender, receiver) = mpsc::channel();
            let work = move || worker.run(&receiver);
            match thread::Builder::new().spawn_scoped(scope, work) {
                Ok(thread) => {
                    senders.push(sender);
                    threads.push(thread);
                }
                Err(error) => {
                    shared.fail(Failure::Other(format!(
                        "starting worker {}: {error}; use fewer threads, or raise the limit on processes",
                        number + 1
                    )));
                    break;
                }
            }
        }
        let mut feed = match inline {
            Some(worker) => Feed::inline(worker),
            None => Feed::threads(senders, &shared),
        };
        let started = shared.failure().is_none();
        let fed = if started {
            feed.complete(feeder)
        } else {
            Err(stopped())
        };
        let (route, own) = feed.into_route();
        let joined = threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        let members: Vec<Vec<u32>> = own.into_iter().chain(joined).collect();
        (fed, route, members)
    });
    // That the feeder or a worker was stopped is a consequence; the reason is with who failed first.
    if let Some(failure) = shared.failure().take() {
        return Err(failure);
    }
    let (fed, delivered) = match fed {
        Ok((fed, delivered)) => (Ok(fed), delivered),
        Err(failure) => (Err(failure), 0),
    };
    match (shared.ordered.finish(delivered), fed) {
        (Err(Unfinished::Sink(failure)), _) | (_, Err(failure)) => Err(failure),
        (Err(Unfinished::Incomplete), Ok(_)) => Err(Failure::Other(
            "a worker ended before all blocks were written; this is a defect of the program"
                .to_owned(),
        )),
        (Ok(sink), Ok(fed)) => Ok(Done {
            fed,
            members: in_input_order(&route, members),
            sink,
        }),
    }
}

/// Brings together what the workers numbered, by the route that the segments took.
fn in_input_order(route: &[u16], members: Vec<Vec<u32>>) -> Vec<u32> {
    let mut members: Vec<_> = members.into_iter().map(Vec::into_iter).collect();
    route
        .iter()
        .filter_map(|worker| members[usize::from(*worker)].next())
        .collect()
}
