//! The search of one thread.

use std::ops::Range;

use crate::Tally;
use crate::ancestry::Ancestry;
use crate::candidates::candidates;
use crate::census::Census;
use crate::digest::{absorb, fold};
use crate::interner::{Token, Trie};
use crate::pattern::{Graph, PatternId, SEED};

use super::frame::Frame;

/// Visits orthos depth first and counts them.
#[derive(Debug)]
pub(super) struct Engine<'t> {
    trie: &'t Trie,
    /// Level at which orthos are not expanded.
    cap: u32,
    graph: Graph,
    ancestry: Ancestry,
    frames: Vec<Frame>,
    /// Cells of the orthos on the way; a plain step works in its parent's.
    cells: Vec<Token>,
    /// Candidate lists of the orthos on the way.
    words: Vec<Token>,
    census: Census,
    candidates: u64,
    leaves: u64,
}

impl<'t> Engine<'t> {
    pub(super) fn new(trie: &'t Trie, max_filled: Option<u32>) -> Self {
        Self {
            trie,
            cap: max_filled.unwrap_or(u32::MAX),
            graph: Graph::default(),
            ancestry: Ancestry::default(),
            frames: Vec::new(),
            cells: Vec::new(),
            words: Vec::new(),
            census: Census::default(),
            candidates: 0,
            leaves: 0,
        }
    }

    /// Bytes held, but for the trie.
    pub(super) fn bytes(&self) -> u64 {
        ((self.cells.capacity() + self.words.capacity()) * size_of::<Token>()
            + self.frames.capacity() * size_of::<Frame>()) as u64
    }

    /// Visits the orthos whose first word is one of `words`. Every so often `go_on` is told the
    /// orthos found so far and says whether to; if not, the visit ends early with a false.
    pub(super) fn visit(
        &mut self,
        words: impl Iterator<Item = Token>,
        mut go_on: impl FnMut(u64) -> bool,
    ) -> bool {
        self.words.clear();
        self.cells.clear();
        self.words.extend(words);
        let seed = self.graph.pattern(SEED);
        let digest = seed.digest;
        self.cells.resize(seed.shape.len(), 0);
        self.push(SEED, 0, digest, 0..self.words.len(), 0);
        let mut steps = 0_u32;
        while !self.frames.is_empty() {
            self.step();
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(1 << 18) && !go_on(self.census.orthos()) {
                self.frames.clear();
                return false;
            }
        }
        go_on(self.census.orthos())
    }

    /// What was counted so far.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = self.census.tally(&self.graph, self.cap);
        tally.add_candidates(self.candidates);
        tally.add_leaves(self.leaves);
        tally
    }

    /// Makes an ortho the one whose children are visited; its candidates are `words`, its own ones
    /// those from `start` on.
    fn push(
        &mut self,
        id: PatternId,
        cells: usize,
        digest: u64,
        words: Range<usize>,
        start: usize,
    ) {
        let level = self.graph.pattern(id).level;
        if self.graph.reach(level + 1) {
            self.census.make_room(&self.graph);
        }
        let pattern = self.graph.pattern(id);
        self.candidates += words.len() as u64 * pattern.children_per_word();
        self.frames.push(Frame {
            pattern: id,
            cells,
            cells_end: self.cells.len(),
            digest,
            words,
            words_start: start,
            words_end: self.words.len(),
            edge: pattern.outgoing.start.wrapping_sub(1),
            todo: 0..0,
            child: cells,
            child_digest: 0,
            shared: None,
        });
    }

    /// Visits one child of the top ortho, or turns to its next edge.
    #[inline]
    fn step(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let Some(at) = frame.todo.next() else {
            self.next_edge();
            return;
        };
        let word = self.words[at];
        let edge = self.graph.edge(frame.edge);
        let cells = &mut self.cells[frame.child..];
        cells[edge.landing as usize] = word;
        if edge.order > 0
            && self
                .ancestry
                .is_duplicate(&self.graph, self.trie, edge, cells)
        {
            return;
        }
        let target = self.graph.pattern(edge.target);
        let (landing, position) = (edge.landing as usize, target.position as usize);
        let digest = absorb(frame.child_digest, u64::from(word));
        let digest = fold(digest, &cells[landing + 1..position]);
        let hash = fold(digest, &cells[position..]);
        self.census.record(edge.target, target, hash, cells);
        if target.level == self.cap {
            return;
        }
        let start = self.words.len();
        let words = match &frame.shared {
            Some(shared) if edge.on_diagonal => {
                for at in shared.clone() {
                    let other = self.words[at];
                    if other != word {
                        self.words.push(other);
                    }
                }
                start..self.words.len()
            }
            Some(shared) => shared.clone(),
            None => {
                candidates(self.trie, target, cells, &mut self.words);
                start..self.words.len()
            }
        };
        if words.is_empty() {
            self.leaves += 1;
        } else {
            let (target, child) = (edge.target, frame.child);
            self.push(target, child, digest, words, start);
        }
    }

    /// Turns the top ortho to its next edge, or leaves it where there is none.
    fn next_edge(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let pattern = self.graph.pattern(frame.pattern);
        // What the last edge has left behind.
        self.words.truncate(frame.words_end);
        if pattern.outgoing.contains(&frame.edge) {
            let edge = self.graph.edge(frame.edge);
            if edge.in_place {
                self.cells[frame.cells + edge.landing as usize] = 0;
            } else {
                self.cells.truncate(frame.cells_end);
            }
        }
        frame.edge = frame.edge.wrapping_add(1);
        if frame.edge == pattern.outgoing.end {
            self.words.truncate(frame.words_start);
            self.frames.pop();
            return;
        }
        let edge = self.graph.edge(frame.edge);
        if edge.duplicate {
            return;
        }
        frame.todo = match &edge.rank {
            None => frame.words.clone(),
            Some(rank) => {
                let range = rank.range(&self.words[frame.words.clone()], |axis| {
                    self.cells[frame.cells + axis + 1]
                });
                frame.words.start + range.start..frame.words.start + range.end
            }
        };
        if frame.todo.is_empty() {
            return;
        }
        let target = self.graph.pattern(edge.target);
        if edge.in_place {
            frame.child = frame.cells;
            frame.child_digest = frame.digest;
        } else {
            frame.child = self.cells.len();
            self.cells.resize(frame.child + target.shape.len(), 0);
            for &(old, new) in &edge.moves {
                self.cells[frame.child + new as usize] = self.cells[frame.cells + old as usize];
            }
            let before = &self.cells[frame.child..][..edge.landing as usize];
            frame.child_digest = fold(target.digest, before);
        }
        frame.shared = if !edge.shared || target.level == self.cap {
            None
        } else if edge.inherited {
            Some(frame.words.clone())
        } else {
            let start = self.words.len();
            let cells = &self.cells[frame.child..];
            candidates(self.trie, target, cells, &mut self.words);
            Some(start..self.words.len())
        };
    }
}
