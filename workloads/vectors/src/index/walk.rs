//! The search through the graph: a few vectors in view above, as many as are asked for below.
//!
//! Algorithms 2 and 5 of the paper (Malkov and Yashunin, 2018), with a sorted array in place of both heaps.

use super::IndexError;
use super::codes::{Codes, Origin};
use super::links::Links;
use super::near::Near;
use super::pool::Pool;
use super::prefetch::prefetch;
use super::visited::Visited;

/// Vectors that a query keeps in view above level 0, and begins with there.
///
/// The paper follows the nearest one alone. Where clusters lie well apart that may end in another one than the query's:
/// none of the links of the vectors there leads nearer, above or on level 0. Of a million generated vectors 1.8 % did
/// not find themselves so with 64 in view; with four 0.2 %, and with sixteen 0.1 %.
pub(super) const ABOVE: usize = 4;

/// An index, as a search sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) codes: Codes<'a>,
    pub(super) links: Links<'a>,
    /// Where searches begin: a vector of the top level.
    pub(super) entry: u32,
    /// The highest level of all vectors linked so far.
    pub(super) top: u8,
}

/// What one thread needs to search, used again for every search.
#[derive(Debug)]
pub(super) struct Walker {
    visited: Visited,
    pool: Pool,
    /// Distances computed so far.
    pub(super) evaluations: u64,
    /// Vectors expanded so far.
    pub(super) hops: u64,
}

impl Walker {
    /// For searches among `len` vectors.
    pub(super) fn new(len: usize) -> Result<Self, IndexError> {
        Ok(Self {
            visited: Visited::new(len)?,
            pool: Pool::default(),
            evaluations: 0,
            hops: 0,
        })
    }

    /// Bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        self.visited.bytes() + self.pool.bytes()
    }

    /// Begins a search at `from`.
    pub(super) fn start(&mut self, view: &View<'_>, origin: &Origin<'_>, from: u32) {
        self.evaluations += 1;
        view.codes
            .near(origin, &[from], None, |near| self.pool.start(near));
    }

    /// Begins a search at the entry, and goes down to `level`, or to the top if that is lower, with the `ef` nearest
    /// vectors in view.
    pub(super) fn descend(&mut self, view: &View<'_>, origin: &Origin<'_>, level: u8, ef: usize) {
        self.start(view, origin, view.entry);
        for level in (level + 1..=view.top).rev() {
            self.search(view, origin, level, ef);
        }
    }

    /// Looks for the `ef` nearest on `level`, beginning with what is found already, which is on this level too.
    pub(super) fn search(&mut self, view: &View<'_>, origin: &Origin<'_>, level: u8, ef: usize) {
        self.visited.clear();
        self.pool.again(ef);
        for near in self.pool.found() {
            self.visited.add(&[near.id()]);
        }
        while let Some(id) = self.pool.expand() {
            self.hops += 1;
            // Unless a nearer one turns up here, the next expansion is of this one: its links are fetched meanwhile,
            // and its first vectors beside the last distances.
            let expected = self.pool.peek().map(|next| view.links.of(next, level));
            if let Some(links) = expected {
                prefetch(links);
            }
            self.visited.add(view.links.of(id, level));
            let after = expected.and_then(|links| self.visited.unseen4(links));
            let unseen = self.visited.added();
            self.evaluations += unseen.len() as u64;
            view.codes
                .near(origin, unseen, after, |near| self.pool.offer(near));
        }
    }

    /// What was found, the nearest first.
    pub(super) fn found(&self) -> impl ExactSizeIterator<Item = Near> {
        self.pool.found()
    }
}
