//! One step of the search: an ortho and all its children.

use super::geometry::Geometries;
use super::interner::Interner;
use super::ortho::HeapOrtho;

/// Makes children by the words of an interner.
#[derive(Debug)]
pub(super) struct Expander<'a> {
    interner: &'a Interner,
    version: usize,
    geometries: Geometries,
}

impl<'a> Expander<'a> {
    /// An expander whose children bear the text number `version`.
    pub(super) fn new(interner: &'a Interner, version: usize) -> Self {
        Self {
            interner,
            version,
            geometries: Geometries::default(),
        }
    }

    /// All children of `parent`, by ascending word.
    pub(super) fn children(&mut self, parent: &HeapOrtho) -> Vec<HeapOrtho> {
        let geometry = self.geometries.get(parent.dims());
        let position = parent.position();
        let lines = geometry.lines(position).iter();
        let required: Vec<Vec<usize>> = lines.map(|line| parent.words(line)).collect();
        let forbidden = parent.words(geometry.diagonal(position));
        let mut children = Vec::new();
        for word in self.interner.intersect(&required, &forbidden) {
            parent.add(word, &geometry, self.version, &mut children);
        }
        children
    }
}
