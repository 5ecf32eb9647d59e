//! The way back: one frame per ortho between the seed and the one at hand.

use std::ops::Range;

use crate::pattern::{EdgeId, PatternId};

/// An ortho whose children are being visited. Offsets point into the engine's arenas.
#[derive(Debug)]
pub(super) struct Frame {
    /// The ortho's pattern.
    pub(super) pattern: PatternId,
    /// Where its cells start.
    pub(super) cells: usize,
    /// Where all cells ended when its visit began.
    pub(super) cells_end: usize,
    /// Digest of the dims and of the cells before the position.
    pub(super) digest: u64,
    /// The words that may come next; they may be those of the parent's shared list.
    pub(super) words: Range<usize>,
    /// Where all words ended before this ortho's own, and with them.
    pub(super) words_start: usize,
    pub(super) words_end: usize,
    /// The edge being taken.
    pub(super) edge: EdgeId,
    /// The words for which it is still to be taken.
    pub(super) todo: Range<usize>,
    /// Where the children's cells start.
    pub(super) child: usize,
    /// Digest of the children's dims and of their cells before the landing.
    pub(super) child_digest: u64,
    /// Where the edge is shared: what all children may go on with.
    pub(super) shared: Option<Range<usize>>,
}
