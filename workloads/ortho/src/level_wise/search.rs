//! Level after level, text after text, each from the files of the one before.
//!
//! A text after the first is a continuation: orthos that it brings are expanded wholly, those of
//! earlier texts only where a required line has got new completions, and then only by the new
//! words. A child that only one edge leads to is new if its parent is or if the word is; any other
//! is held against the rows of the earlier texts when it is merged.

use plimsoll_workload::{Context, Progress};

use super::checkpoint::{Checkpoint, LevelFile};
use super::collector::Collector;
use super::error::LevelError;
use super::expand::Expander;
use super::file::{Head, LevelReader};
use super::merge::{KnownRows, Rows};
use super::rows::Packing;
use super::store::Store;
use crate::digest::fold;
use crate::interner::{Interner, Token, Trie};
use crate::pattern::{Graph, PatternId, SEED};
use crate::{Options, Summary};

/// A search with its files.
pub(super) struct Search<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) options: &'a Options,
    pub(super) context: &'a Context,
    pub(super) cancelled: &'a dyn Fn() -> bool,
    pub(super) progress: Progress,
    pub(super) state: Checkpoint,
    pub(super) graph: Graph,
}

impl Search<'_> {
    /// Makes all levels that text number `text` is still missing, and its summary.
    pub(super) fn finish_text(
        &mut self,
        text: u32,
        interner: &Interner,
        before: Option<&Trie>,
    ) -> Result<(), LevelError> {
        let cap = self.options.max_filled.unwrap_or(u32::MAX);
        let deepest = |state: &Checkpoint| state.files.iter().map(|file| file.level).max();
        let goes_on = |state: &Checkpoint| {
            state.level < cap && (state.level == 0 || deepest(state) >= Some(state.level))
        };
        while goes_on(&self.state) {
            self.make_level(text, interner.trie(), before, cap)?;
            self.state.level += 1;
            self.state.save(self.store)?;
        }
        let words = interner.vocabulary();
        let summary = Summary::new(
            &self.state.tally,
            words.len(),
            |index| words.word(index + 1).to_owned(),
            self.options.max_filled,
            self.state.summaries.last(),
        );
        self.state.summaries.push(summary);
        self.state.save(self.store)
    }

    /// Makes the level after `self.state.level`.
    fn make_level(
        &mut self,
        text: u32,
        trie: &Trie,
        before: Option<&Trie>,
        cap: u32,
    ) -> Result<(), LevelError> {
        let level = self.state.level + 1;
        self.graph.reach(level);
        let file = LevelFile { text, level };
        let packing = Packing::for_words(trie.words());
        let mut collector = Collector::new(
            self.store,
            file.name(),
            Head {
                packing,
                level,
                text,
            },
            &self.graph,
            self.graph.level(level),
            self.options.buffer.0 as usize,
            level < cap,
        )?;
        let mut expander = Expander::new(&self.graph, trie, before);
        self.expand_all(text, &mut expander, &mut collector)?;
        let mut cells: Vec<Token> = Vec::new();
        let graph = &self.graph;
        let census = &mut expander.census;
        let (progress, before_level) = (&self.progress, self.state.tally.orthos());
        let mut merged = 0_u32;
        let rows = collector.finish(
            |id| self.known(id, file, packing),
            |id, tokens| {
                let pattern = graph.pattern(id);
                cells.clear();
                cells.resize(pattern.shape.len(), 0);
                for (&cell, token) in pattern.filled.iter().zip(tokens) {
                    cells[cell as usize] = token;
                }
                let hash = fold(pattern.digest, &cells);
                census.record(id, pattern, hash, &cells);
                merged = merged.wrapping_add(1);
                if merged.is_multiple_of(1 << 18) {
                    progress.set(before_level + census.orthos());
                }
            },
        )?;
        let tally = &mut self.state.tally;
        tally.merge(&expander.census.tally(graph, cap));
        tally.add_candidates(expander.candidates);
        tally.add_leaves(expander.leaves);
        tally.remove_leaves(expander.lost_leaves);
        if rows > 0 {
            self.state.files.push(file);
        } else {
            self.store.remove(&file.name()).map_err(|error| {
                super::file::io_error(self.store, &file.name(), "remove", error)
            })?;
        }
        self.progress.set(self.state.tally.orthos());
        Ok(())
    }

    /// Expands the level before the one that `collector` takes.
    fn expand_all(
        &self,
        text: u32,
        expander: &mut Expander<'_>,
        collector: &mut Collector<'_>,
    ) -> Result<(), LevelError> {
        let level = self.state.level;
        if level == 0 {
            return expander.expand_seed(SEED, collector);
        }
        let buffers = self.context.ledger("level buffers");
        let mut cells: Vec<Token> = Vec::new();
        for &file in self.state.files.iter().filter(|file| file.level == level) {
            let mut reader = self.open(file)?;
            let packing = reader.packing();
            while let Some(block) = reader.next()? {
                if (self.cancelled)() {
                    return Err(LevelError::Cancelled {
                        level: level + 1,
                        text: text as usize + 1,
                        place: self.store.place(),
                    });
                }
                let pattern = self.graph.pattern(block.pattern);
                cells.clear();
                cells.resize(pattern.shape.len(), 0);
                for row in block.bytes.chunks_exact(packing.bytes(level as usize)) {
                    for (i, &cell) in pattern.filled.iter().enumerate() {
                        cells[cell as usize] = packing.get(row, i);
                    }
                    if file.text == text {
                        expander.expand_new(block.pattern, &cells, collector)?;
                    } else {
                        expander.expand_known(block.pattern, &cells, collector)?;
                    }
                }
                self.progress
                    .set(self.state.tally.orthos() + expander.census.orthos());
                buffers.set((collector.held() + block.bytes.len()) as u64);
            }
        }
        buffers.set(0);
        Ok(())
    }

    /// The rows of a pattern that earlier texts have brought.
    fn known(
        &self,
        id: PatternId,
        new: LevelFile,
        packing: Packing,
    ) -> Result<Vec<Box<dyn Rows + '_>>, LevelError> {
        self.state
            .files
            .iter()
            .filter(|file| file.level == new.level)
            .map(|&file| {
                let reader = self.open(file)?;
                let rows = KnownRows::new(reader, id, file.level, packing);
                Ok(Box::new(rows) as Box<dyn Rows>)
            })
            .collect()
    }

    fn open(&self, file: LevelFile) -> Result<LevelReader<'_>, LevelError> {
        let patterns = self.graph.level(file.level);
        LevelReader::open(self.store, file.name(), file.level, file.text, patterns)
    }
}
