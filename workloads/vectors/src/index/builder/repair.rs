//! The repair pass: leaves no vector that cannot be reached from the entry along level 0.
//!
//! Vectors become unreachable when all who linked to them chose anew and left them out: rarely, except among many
//! equal ones, of which the rule of diversity keeps one.

use super::view;
use super::worker::Worker;
use crate::index::codes::Codes;
use crate::index::columns::with_room;
use crate::index::links::{Growing, Links};
use crate::index::visited::Visited;
use crate::index::walk::Walker;
use crate::index::{IndexError, Params};

/// Links to every vector that is not reached, from the nearest one that is, and has room.
pub(super) fn repair(
    codes: &Codes<'_>,
    graph: &mut Growing,
    worker: &mut Worker,
    entry: u32,
    params: Params,
) -> Result<(), IndexError> {
    if codes.len() == 0 {
        return Ok(());
    }
    let walker = worker.walker();
    let mut reached = Reached::new(codes.len())?;
    reached.extend(&graph.links(), entry);
    for id in 0..codes.len() as u32 {
        if !reached.contains(id) {
            attach(codes, graph, walker, entry, id, params.ef_construction);
            reached.extend(&graph.links(), id);
        }
    }
    Ok(())
}

/// Links to `id` from a vector that is reached, so that all that was reached before still is.
fn attach(
    codes: &Codes<'_>,
    graph: &mut Growing,
    walker: &mut Walker,
    entry: u32,
    id: u32,
    ef: usize,
) {
    // Along level 0 only: whatever is found there is reached.
    let view = view(codes, graph, entry, 0);
    let mut unpacked = Vec::new();
    let origin = codes.origin(id, &mut unpacked);
    walker.start(&view, &origin, entry);
    walker.search(&view, &origin, 0, ef);
    if walker.found().any(|near| graph.add(near.id(), 0, id)) {
        return;
    }
    // All of them are full. The nearest gives up its last link, which `id` takes over.
    let Some(nearest) = walker.found().next() else {
        return;
    };
    if let Some(displaced) = graph.replace_last(nearest.id(), id)
        && !graph.links().of(id, 0).contains(&displaced)
        && !graph.add(id, 0, displaced)
    {
        graph.replace_last(id, displaced);
    }
}

/// Bytes of what can be reached, of `len` vectors.
pub(super) fn bytes(len: usize) -> usize {
    len.div_ceil(8) + 2 * len * size_of::<u32>()
}

/// What can be reached along level 0.
#[derive(Debug)]
pub(in crate::index) struct Reached {
    seen: Visited,
    open: Vec<u32>,
}

impl Reached {
    /// Nothing, of `len` vectors.
    pub(in crate::index) fn new(len: usize) -> Result<Self, IndexError> {
        let mut seen = Visited::new(len)?;
        // The links of a vector are added before it is told which of them are new.
        seen.reserve(len.saturating_add(2 * Params::MOST_M))?;
        Ok(Self {
            seen,
            open: with_room("vectors to look at", len)?,
        })
    }

    pub(in crate::index) fn contains(&self, id: u32) -> bool {
        self.seen.contains(id)
    }

    /// Adds `id` and all that can be reached from it.
    pub(in crate::index) fn extend(&mut self, links: &Links<'_>, id: u32) {
        self.seen.add(&[id]);
        self.open.extend(self.seen.added());
        while let Some(id) = self.open.pop() {
            self.seen.add(links.of(id, 0));
            self.open.extend(self.seen.added());
        }
    }
}
