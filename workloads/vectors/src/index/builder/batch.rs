//! One batch: search, write, link back.

use std::ops::Range;

use super::spread::spread;
use super::view;
use super::worker::{Worker, write};
use crate::index::IndexError;
use crate::index::account::Part;
use crate::index::codes::Codes;
use crate::index::columns::with_room;
use crate::index::links::Growing;
use crate::index::near::Near;
use crate::index::threads::Threads;

/// Bytes of a link back.
pub(in crate::index) const LINK_BACK: usize = size_of::<Back>();
/// Targets that choose anew at a time: their links wait in memory until all of these have chosen.
pub(in crate::index) const MOST_CROWDED: usize = 1024;

/// Vectors that are inserted together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) ids: Range<u32>,
    /// Where searches begin, before the batch.
    pub(super) entry: u32,
    /// The highest level before the batch.
    pub(super) top: u8,
}

/// A link back, from the vector that was chosen to the one that chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Back {
    level: u8,
    target: u32,
    /// The one that chose, at its distance: the same from both ends.
    source: Near,
}

impl Batch {
    /// Links the vectors of this batch, which have no links yet.
    pub(super) fn insert(
        &self,
        codes: &Codes<'_>,
        graph: &mut Growing,
        workers: &mut [Worker],
        threads: &Threads,
    ) -> Result<(), IndexError> {
        let frozen = view(codes, graph, self.entry, self.top);
        workers.iter_mut().for_each(Worker::clear);
        spread(threads, workers, self.ids.len(), |worker, at| {
            worker.insert(&frozen, self.ids.start + at as u32);
        });
        let count = workers.iter().map(Worker::count).sum();
        let mut back = with_room("links back", count)?;
        let _held = threads.hold(Part::Batch, count * LINK_BACK);
        for worker in &mut *workers {
            for (list, links) in worker.lists() {
                graph.set(list.id, list.level, links.iter().map(|near| near.id()));
                back.extend(links.iter().map(|near| Back {
                    level: list.level,
                    target: near.id(),
                    source: Near::new(near.distance(), list.id),
                }));
            }
        }
        back.sort_unstable();
        self.link_back(codes, graph, workers, threads, &back);
        Ok(())
    }

    /// Gives each target its new links, where there is room for them, and lets it choose anew where there is not.
    fn link_back(
        &self,
        codes: &Codes<'_>,
        graph: &mut Growing,
        workers: &mut [Worker],
        threads: &Threads,
        back: &[Back],
    ) {
        let mut crowded = Vec::with_capacity(MOST_CROWDED);
        for group in back.chunk_by(|a, b| (a.level, a.target) == (b.level, b.target)) {
            let Back { level, target, .. } = group[0];
            let taken = graph.links().of(target, level).len();
            if taken + group.len() > graph.room(level) {
                crowded.push(group);
                if crowded.len() == MOST_CROWDED {
                    self.choose_again(codes, graph, workers, threads, &crowded);
                    crowded.clear();
                }
                continue;
            }
            for link in group {
                graph.add(target, level, link.source.id());
            }
        }
        self.choose_again(codes, graph, workers, threads, &crowded);
    }

    /// Lets the targets of these groups choose anew, which each does by itself: how many do so at once changes nothing.
    fn choose_again(
        &self,
        codes: &Codes<'_>,
        graph: &mut Growing,
        workers: &mut [Worker],
        threads: &Threads,
        crowded: &[&[Back]],
    ) {
        let frozen = view(codes, graph, self.entry, self.top);
        workers.iter_mut().for_each(Worker::clear);
        spread(threads, workers, crowded.len(), |worker, at| {
            let group = crowded[at];
            let more = group.iter().map(|link| link.source);
            worker.choose_again(&frozen, group[0].target, group[0].level, more);
        });
        write(workers, graph);
    }
}
