//! Building the graph in batches, with the same result for any number of threads.
//!
//! The vectors of a batch search the graph as it was before the batch, so that each search is a function of that graph
//! alone. What they chose is then written, and the links back are sorted by the vector they go to, each of which takes
//! its new ones in one piece. Nobody waits for anybody, and no outcome depends on who comes first.

mod batch;
mod repair;
mod worker;

use rayon::ThreadPool;

use super::codes::Codes;
use super::links::Growing;
use super::near::Near;
use super::walk::View;
use super::{Counters, IndexError, Params};

use batch::Batch;
use worker::Worker;

pub(super) use batch::{LINK_BACK, MOST_CROWDED};
pub(super) use repair::Reached;

/// Vectors that are inserted together, at most.
const MOST_BATCH: usize = 4096;
/// Bytes of a link on its way.
pub(super) const LINK: usize = size_of::<Near>();

/// A graph that is complete but for its repair.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) graph: Growing,
    pub(super) entry: u32,
    pub(super) top: u8,
    pub(super) counters: Counters,
}

/// Links all vectors of `codes` in `graph`, which has room for them and no links. `progress` is told now and then how
/// many are in.
pub(super) fn build(
    codes: Codes<'_>,
    mut graph: Growing,
    params: Params,
    threads: &ThreadPool,
    progress: &mut dyn FnMut(u64),
) -> Result<Built, IndexError> {
    let len = codes.len();
    let count = threads.current_num_threads();
    let workers = (0..count).map(|_| Worker::new(len, params));
    let mut workers = workers.collect::<Result<Vec<Worker>, _>>()?;
    let (mut entry, mut top) = (0, graph.links().levels.first().copied().unwrap_or(0));
    // The first vector is in as soon as it is the entry.
    let mut inserted = len.min(1);
    progress(inserted as u64);
    while inserted < len {
        let end = len.min(inserted + size_after(inserted));
        let batch = Batch {
            ids: inserted as u32..end as u32,
            entry,
            top,
        };
        batch.insert(&codes, &mut graph, &mut workers, threads)?;
        for id in batch.ids {
            let level = graph.links().levels[id as usize];
            if level > top {
                (entry, top) = (id, level);
            }
        }
        inserted = end;
        progress(inserted as u64);
    }
    let mut worker = workers.swap_remove(0);
    repair::repair(&codes, &mut graph, &mut worker, entry, params)?;
    workers.push(worker);
    let links = graph.links();
    let counters = Counters {
        inserted: len as u64,
        evaluations: workers.iter().map(Worker::walked).sum(),
        selections: workers.iter().map(Worker::selected).sum(),
        hops: workers.iter().map(Worker::hops).sum(),
        links: links.counts.iter().map(|count| u64::from(*count)).sum(),
    };
    Ok(Built {
        graph,
        entry,
        top,
        counters,
    })
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
