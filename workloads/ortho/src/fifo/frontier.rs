//! What is kept of the orthos that nothing new came from: everything, or nothing.

use std::collections::{HashMap, HashSet};

use super::ortho::HeapOrtho;

/// Hears which orthos join and leave the frontier: those of which no new child has come.
pub(super) trait Frontier {
    /// Whether anything is kept at all.
    const KEPT: bool;

    /// A text's search begins.
    fn begin(&mut self);
    /// A new ortho was found.
    fn insert(&mut self, id: u64, ortho: &HeapOrtho);
    /// An ortho had a new child.
    fn remove(&mut self, ortho: &HeapOrtho);
    /// A text's search is over.
    fn end(&mut self);
    /// Bytes held, as their owner would count them.
    fn bytes(&self) -> u64;
}

/// Keeps no frontier.
#[derive(Debug)]
pub(super) struct NoFrontier;

impl Frontier for NoFrontier {
    const KEPT: bool = false;

    fn begin(&mut self) {}
    fn insert(&mut self, _id: u64, _ortho: &HeapOrtho) {}
    fn remove(&mut self, _ortho: &HeapOrtho) {}
    fn end(&mut self) {}
    fn bytes(&self) -> u64 {
        0
    }
}

/// Keeps the frontier's ids and a clone of each of its orthos, during a text and between texts.
#[derive(Debug, Default)]
pub(super) struct KeptFrontier {
    frontier: HashSet<u64>,
    frontier_orthos: HashMap<u64, HeapOrtho>,
    frontier_orthos_saved: HashMap<u64, HeapOrtho>,
    bytes: u64,
}

impl KeptFrontier {
    fn size(ortho: &HeapOrtho) -> u64 {
        size_of::<u64>() as u64 + ortho.bytes()
    }
}

impl Frontier for KeptFrontier {
    const KEPT: bool = true;

    fn begin(&mut self) {
        self.frontier.clear();
    }

    fn insert(&mut self, id: u64, ortho: &HeapOrtho) {
        self.frontier.insert(id);
        self.bytes += Self::size(ortho);
        self.frontier_orthos.insert(id, ortho.clone());
    }

    fn remove(&mut self, ortho: &HeapOrtho) {
        let id = ortho.id();
        self.frontier.remove(&id);
        if let Some(kept) = self.frontier_orthos.remove(&id) {
            self.bytes -= Self::size(&kept);
        }
    }

    fn end(&mut self) {
        let frontier = &self.frontier;
        self.frontier_orthos_saved
            .retain(|id, _| frontier.contains(id));
        let orthos = std::mem::take(&mut self.frontier_orthos);
        self.frontier_orthos_saved.extend(orthos);
        self.bytes = self.frontier_orthos_saved.values().map(Self::size).sum();
    }

    fn bytes(&self) -> u64 {
        self.bytes + size_of::<u64>() as u64 * self.frontier.len() as u64
    }
}

#[cfg(test)]
impl KeptFrontier {
    /// The orthos kept between texts.
    pub(super) fn saved(&self) -> impl Iterator<Item = &HeapOrtho> {
        assert_eq!(self.frontier.len(), self.frontier_orthos_saved.len());
        self.frontier_orthos_saved.values()
    }
}
