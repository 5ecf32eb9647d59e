//! One thread's share of a batch.

use crate::index::account::{Held, Part};
use crate::index::codes::Codes;
use crate::index::links::Growing;
use crate::index::near::Near;
use crate::index::select::Selector;
use crate::index::threads::Threads;
use crate::index::walk::{View, Walker};
use crate::index::{IndexError, Params};

/// The links of one vector on one level, as they are to be.
#[derive(Debug)]
pub(super) struct List {
    pub(super) id: u32,
    pub(super) level: u8,
    /// Where they end in [`Worker::links`]; they begin where the list before ends.
    end: usize,
}

/// What one thread needs to insert vectors, and what it found out in this step of the batch.
#[derive(Debug)]
pub(super) struct Worker {
    params: Params,
    walker: Walker,
    selector: Selector,
    candidates: Vec<Near>,
    unpacked: Vec<i8>,
    lists: Vec<List>,
    links: Vec<Near>,
}

impl Worker {
    pub(super) fn new(len: usize, params: Params) -> Result<Self, IndexError> {
        Ok(Self {
            params,
            walker: Walker::new(len)?,
            selector: Selector::default(),
            candidates: Vec::new(),
            unpacked: Vec::new(),
            lists: Vec::new(),
            links: Vec::new(),
        })
    }

    /// Begins a step.
    pub(super) fn clear(&mut self) {
        self.lists.clear();
        self.links.clear();
    }

    /// What was found out in this step: lists of links, at their distances from the vectors that have them.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&List, &[Near])> {
        let starts = std::iter::once(0).chain(self.lists.iter().map(|list| list.end));
        let spans = self.lists.iter().zip(starts);
        spans.map(|(list, start)| (list, &self.links[start..list.end]))
    }

    /// How many links it found out in this step.
    pub(super) fn count(&self) -> usize {
        self.links.len()
    }

    /// Chooses the neighbours of vector `id`, which is not in the graph yet, on each of its levels.
    pub(super) fn insert(&mut self, view: &View<'_>, id: u32) {
        let own = view.links.levels[id as usize];
        let mut unpacked = std::mem::take(&mut self.unpacked);
        let origin = view.codes.origin(id, &mut unpacked);
        // As the paper does. With `ef_construction` in view below, all but about one in a thousand vectors leave a wrong
        // cluster again.
        self.walker.descend(view, &origin, own, 1);
        for level in (0..=own.min(view.top)).rev() {
            let ef = self.params.ef_construction;
            self.walker.search(view, &origin, level, ef);
            self.candidates.clear();
            self.candidates.extend(self.walker.found());
            self.choose(&view.codes, id, level, self.params.m);
        }
        self.unpacked = unpacked;
    }

    /// Chooses anew among the links that vector `id` has on `level` and `more`, for which there is no room.
    ///
    /// A quarter of the room is left free, so that the next such choice is that many links away.
    pub(super) fn choose_again(
        &mut self,
        view: &View<'_>,
        id: u32,
        level: u8,
        more: impl Iterator<Item = Near>,
    ) {
        let links = view.links.of(id, level);
        self.candidates.clear();
        self.candidates.extend(more);
        let room = self.params.room(level);
        self.choose_with(&view.codes, id, level, links, room - room / 4);
    }

    /// Chooses at most `most` neighbours of vector `id` on `level` among `ids`: any but itself, none twice.
    pub(super) fn choose_among(
        &mut self,
        codes: &Codes<'_>,
        id: u32,
        level: u8,
        ids: &[u32],
        most: usize,
    ) {
        self.candidates.clear();
        self.choose_with(codes, id, level, ids, most);
    }

    /// The same among `ids` and the candidates.
    fn choose_with(&mut self, codes: &Codes<'_>, id: u32, level: u8, ids: &[u32], most: usize) {
        self.selector.evaluations += ids.len() as u64;
        let origin = codes.origin(id, &mut self.unpacked);
        let candidates = &mut self.candidates;
        codes.near(&origin, ids, None, |near| candidates.push(near));
        self.candidates.sort_unstable();
        self.choose(codes, id, level, most);
    }

    /// Writes down at most `most` of the candidates as the links of `id`.
    fn choose(&mut self, codes: &Codes<'_>, id: u32, level: u8, most: usize) {
        let links = &mut self.links;
        let candidates = self.candidates.iter().copied();
        self.selector
            .choose(codes, candidates, most, |near| links.push(near));
        let end = links.len();
        self.lists.push(List { id, level, end });
    }

    /// Bytes that it needs for itself.
    fn own_bytes(&self) -> usize {
        let candidates = self.candidates.capacity() * size_of::<Near>();
        self.walker.bytes() + candidates + self.unpacked.capacity()
    }

    /// Bytes of what it found out, and of the room for more.
    fn found_bytes(&self) -> usize {
        self.lists.capacity() * size_of::<List>() + self.links.capacity() * size_of::<Near>()
    }

    pub(super) fn walker(&mut self) -> &mut Walker {
        &mut self.walker
    }

    /// Distances computed in walks.
    pub(super) fn walked(&self) -> u64 {
        self.walker.evaluations
    }

    /// Distances computed in choices.
    pub(super) fn selected(&self) -> u64 {
        self.selector.evaluations
    }

    /// Vectors expanded.
    pub(super) fn hops(&self) -> u64 {
        self.walker.hops
    }
}

/// What the workers of a build hold, on its account.
#[derive(Debug)]
pub(super) struct Shares {
    own: Held,
    found: Held,
}

impl Shares {
    /// Of the workers of a build on these threads.
    pub(super) fn of(workers: &[Worker], threads: &Threads) -> Self {
        let mut shares = Self {
            own: threads.hold(Part::Threads, 0),
            found: threads.hold(Part::Batch, 0),
        };
        shares.look(workers);
        shares
    }

    /// Looks at what they hold now.
    pub(super) fn look(&mut self, workers: &[Worker]) {
        self.own.set(workers.iter().map(Worker::own_bytes).sum());
        self.found
            .set(workers.iter().map(Worker::found_bytes).sum());
    }
}

/// Writes what the workers found out in this step into the graph.
pub(super) fn write(workers: &[Worker], graph: &mut Growing) {
    for (list, links) in workers.iter().flat_map(Worker::lists) {
        graph.set(list.id, list.level, links.iter().map(|near| near.id()));
    }
}
