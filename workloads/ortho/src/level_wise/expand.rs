//! The children of one row.

use super::collector::Collector;
use super::error::LevelError;
use crate::candidates::candidates;
use crate::census::Census;
use crate::digest::fold;
use crate::interner::{Token, Trie};
use crate::pattern::{Graph, Pattern, PatternId};

/// Makes children, of orthos of one level and text.
pub(super) struct Expander<'a> {
    pub(super) graph: &'a Graph,
    pub(super) trie: &'a Trie,
    /// The completions before this text, if it is not the first.
    pub(super) before: Option<&'a Trie>,
    pub(super) census: Census,
    /// Children made that no earlier text has counted.
    pub(super) candidates: u64,
    /// Orthos found to have no child.
    pub(super) leaves: u64,
    /// Leaves of earlier texts that now have a child.
    pub(super) lost_leaves: u64,
    words: Vec<Token>,
    words_before: Vec<Token>,
    child: Vec<Token>,
    row: Vec<u8>,
}

impl<'a> Expander<'a> {
    pub(super) fn new(graph: &'a Graph, trie: &'a Trie, before: Option<&'a Trie>) -> Self {
        let mut census = Census::default();
        census.make_room(graph);
        Self {
            graph,
            trie,
            before,
            census,
            candidates: 0,
            leaves: 0,
            lost_leaves: 0,
            words: Vec::new(),
            words_before: Vec::new(),
            child: Vec::new(),
            row: Vec::new(),
        }
    }

    /// The first words: those that no earlier text had.
    pub(super) fn expand_seed(
        &mut self,
        id: PatternId,
        to: &mut Collector<'_>,
    ) -> Result<(), LevelError> {
        let known = self.before.map_or(0, Trie::words);
        self.words.clear();
        self.words
            .extend(known as Token + 1..=self.trie.words() as Token);
        let pattern = self.graph.pattern(id);
        self.candidates += self.words.len() as u64 * pattern.children_per_word();
        self.emit(pattern, &vec![0; pattern.shape.len()], to)
    }

    /// All children of an ortho that this text has brought.
    pub(super) fn expand_new(
        &mut self,
        id: PatternId,
        cells: &[Token],
        to: &mut Collector<'_>,
    ) -> Result<(), LevelError> {
        let pattern = self.graph.pattern(id);
        self.words.clear();
        candidates(self.trie, pattern, cells, &mut self.words);
        if self.words.is_empty() {
            self.leaves += 1;
            return Ok(());
        }
        self.candidates += self.words.len() as u64 * pattern.children_per_word();
        self.emit(pattern, cells, to)
    }

    /// The children that an ortho of an earlier text has got by this one.
    pub(super) fn expand_known(
        &mut self,
        id: PatternId,
        cells: &[Token],
        to: &mut Collector<'_>,
    ) -> Result<(), LevelError> {
        let pattern = self.graph.pattern(id);
        let Some(before) = self.before else {
            return Ok(());
        };
        if !has_changed(pattern, cells, before, self.trie) {
            return Ok(());
        }
        self.words.clear();
        self.words_before.clear();
        candidates(self.trie, pattern, cells, &mut self.words);
        candidates(before, pattern, cells, &mut self.words_before);
        let old = &self.words_before;
        self.words.retain(|word| old.binary_search(word).is_err());
        if self.words.is_empty() {
            return Ok(());
        }
        self.lost_leaves += u64::from(old.is_empty());
        self.candidates += self.words.len() as u64 * pattern.children_per_word();
        self.emit(pattern, cells, to)
    }

    /// Hands on the children that `self.words` give.
    fn emit(
        &mut self,
        pattern: &Pattern,
        cells: &[Token],
        to: &mut Collector<'_>,
    ) -> Result<(), LevelError> {
        for edge in pattern.outgoing.clone().map(|edge| self.graph.edge(edge)) {
            if edge.duplicate {
                continue;
            }
            let words = match &edge.rank {
                None => &self.words[..],
                Some(rank) => &self.words[rank.range(&self.words, |axis| cells[axis + 1])],
            };
            if words.is_empty() {
                continue;
            }
            let target = self.graph.pattern(edge.target);
            self.child.clear();
            self.child.resize(target.shape.len(), 0);
            for &(old, new) in &edge.moves {
                self.child[new as usize] = cells[old as usize];
            }
            let landing = edge.landing as usize;
            if to.merges(edge.target) {
                for &word in words {
                    self.child[landing] = word;
                    let child = &self.child;
                    let tokens = target.filled.iter().map(|&cell| child[cell as usize]);
                    to.sort(edge.target, tokens)?;
                }
                continue;
            }
            let packing = to.packing();
            let child = &mut self.child;
            self.row.clear();
            packing.push_bytes(
                target.filled.iter().map(|&cell| child[cell as usize]),
                &mut self.row,
            );
            // Cells before the landing are all filled, so it is the landing's place in the row too.
            let prefix = fold(target.digest, &child[..landing]);
            for &word in words {
                child[landing] = word;
                packing.set(&mut self.row, landing, word);
                let hash = fold(prefix, &child[landing..]);
                self.census.record(edge.target, target, hash, child);
                to.stream(edge.target, &self.row)?;
            }
        }
        Ok(())
    }
}

/// Whether a required line has more completions than `before`.
fn has_changed(pattern: &Pattern, cells: &[Token], before: &Trie, now: &Trie) -> bool {
    pattern.lines.iter().any(|line| {
        let completions = |trie: &Trie| {
            trie.node(line.iter().map(|&cell| cells[cell as usize]))
                .map_or(0, |node| trie.children(node).len())
        };
        completions(now) != completions(before)
    })
}
