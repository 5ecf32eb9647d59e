//! Building the graph in batches, with the same result for any number of threads.
//!
//! The vectors of a batch search the graph as it was before the batch, so that each search is a function of that graph
//! alone. What they chose is then written, and the links back are sorted by the vector they go to, each of which takes
//! its new ones in one piece. Nobody waits for anybody, and no outcome depends on who comes first.

mod batch;
pub(super) mod bulk;
mod repair;
mod spread;
mod worker;

use std::ops::Range;

use super::account::Part;
use super::codes::Codes;
use super::links::Growing;
use super::near::Near;
use super::threads::Threads;
use super::walk::View;
use super::{Counters, IndexError, Params};

use batch::Batch;
use worker::{Shares, Worker};

pub(super) use batch::{LINK_BACK, MOST_CROWDED};
pub(super) use repair::Reached;

/// Vectors that are inserted together, at most.
const MOST_BATCH: usize = 4096;
/// Bytes of a link on its way.
pub(super) const LINK: usize = size_of::<Near>();

/// How a graph is built. It decides which index it is, as the parameters do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builder {
    /// Vectors search what is built so far, a batch of them at a time.
    Batches,
    /// All at once, from overlapping groups of near vectors.
    Leaves,
}

/// How far a build is at the end of a batch: with the graph, all that the rest of it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Where searches begin.
    pub(super) entry: u32,
    /// The highest level of what is in.
    pub(super) top: u8,
    /// What it took so far, for as many vectors as are in.
    pub(super) counters: Counters,
}

impl Standing {
    /// Before the first batch: the first vector is in as soon as it is the entry.
    pub(super) fn first(graph: &Growing) -> Self {
        let levels = graph.links().levels;
        let counters = Counters {
            inserted: levels.len().min(1) as u64,
            ..Counters::default()
        };
        Self {
            entry: 0,
            top: levels.first().copied().unwrap_or(0),
            counters,
        }
    }

    /// These vectors are in, too.
    fn grow(&mut self, graph: &Growing, ids: Range<u32>) {
        for id in ids {
            let level = graph.links().levels[id as usize];
            if level > self.top {
                (self.entry, self.top) = (id, level);
            }
        }
    }

    /// What the workers did is added to what it took before they began.
    fn count(&mut self, before: Counters, inserted: usize, workers: &[Worker]) {
        let sum = |of: fn(&Worker) -> u64| workers.iter().map(of).sum::<u64>();
        self.counters = Counters {
            inserted: inserted as u64,
            evaluations: before.evaluations + sum(Worker::walked),
            selections: before.selections + sum(Worker::selected),
            hops: before.hops + sum(Worker::hops),
            links: 0,
        };
    }
}

/// Links the vectors of `codes` in `graph`, which has room for all and holds links as a build left them that stood as
/// `from` says. `batch_ended` is told after every batch how it stands; an error of its ends the build.
pub(super) fn build(
    codes: Codes<'_>,
    mut graph: Growing,
    from: Standing,
    params: Params,
    threads: &Threads,
    batch_ended: &mut dyn FnMut(&Growing, &Standing) -> Result<(), IndexError>,
) -> Result<(Growing, Standing), IndexError> {
    let len = codes.len();
    let count = threads.current_num_threads();
    let workers = (0..count).map(|_| Worker::new(len, params));
    let mut workers = workers.collect::<Result<Vec<Worker>, _>>()?;
    let mut shares = Shares::of(&workers, threads);
    let mut standing = from;
    let mut inserted = from.counters.inserted as usize;
    batch_ended(&graph, &standing)?;
    while inserted < len {
        let end = len.min(inserted + size_after(inserted));
        let batch = Batch {
            ids: inserted as u32..end as u32,
            entry: standing.entry,
            top: standing.top,
        };
        batch.insert(&codes, &mut graph, &mut workers, threads)?;
        shares.look(&workers);
        standing.grow(&graph, batch.ids);
        standing.count(from.counters, end, &workers);
        inserted = end;
        batch_ended(&graph, &standing)?;
    }
    let _held = threads.hold(Part::Repair, repair::bytes(len));
    let mut worker = workers.swap_remove(0);
    repair::repair(&codes, &mut graph, &mut worker, standing.entry, params)?;
    workers.push(worker);
    standing.count(from.counters, len, &workers);
    let counts = graph.links().counts.iter();
    standing.counters.links = counts.map(|count| u64::from(*count)).sum();
    Ok((graph, standing))
}

/// How many vectors the next batch has: a 32nd of those that are in, for they do not see each other.
pub(super) fn size_after(inserted: usize) -> usize {
    (inserted / 32).clamp(1, MOST_BATCH)
}

fn view<'a>(codes: &Codes<'a>, graph: &'a Growing, entry: u32, top: u8) -> View<'a> {
    View {
        codes: *codes,
        links: graph.links(),
        entry,
        top,
    }
}
