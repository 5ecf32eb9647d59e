//! What the program that is retold takes of memory, told beforehand. It does not ask: nobody is refused by it.

use crate::job::Job;
use crate::rows::Rows;

/// Allocator's share of each allocation.
const ALLOCATION: u64 = 16;
/// What a point of the graph takes without links: its allocations, and a list for each of 16 levels.
const POINT: u64 = 640;
/// What all links of a point take for each link that it chooses. A link is an allocation of its own of 48 bytes, and a place in
/// a list; there is more than one for each that is chosen, for they go both ways. With the point that is 4 KiB where it chooses 48.
const LINK: u64 = 72;

/// The anonymous memory that the baseline's build adds to the process, in bytes, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Estimate {
    /// Every vector, as an allocation of its own, for as long as there is an index.
    pub(super) vectors: u64,
    /// The index's own copy of each.
    pub(super) copies: u64,
    /// The clone of the chunk that is being inserted.
    pub(super) chunk: u64,
    /// Points and links.
    pub(super) graph: u64,
}

impl Estimate {
    /// Of a run's build.
    pub(super) fn of(job: &Job<'_>) -> Self {
        let (base, params) = (job.inputs.base(), job.params);
        let (len, dim) = (base.len() as u64, base.dim() as u64);
        let vector = dim * size_of::<f32>() as u64 + size_of::<Vec<f32>>() as u64 + ALLOCATION;
        let of = |count: u64| count.saturating_mul(vector);
        let links = LINK.saturating_mul(params.m as u64);
        Self {
            vectors: of(len),
            copies: of(len),
            chunk: of(len.min(params.chunk as u64)),
            graph: len.saturating_mul(POINT + links),
        }
    }

    /// All of it, which is there at once while the last whole chunk is inserted.
    pub(super) fn peak(self) -> u64 {
        let parts = [self.vectors, self.copies, self.chunk, self.graph];
        parts.into_iter().fold(0, u64::saturating_add)
    }
}
