//! All patterns level by level, with every edge between two levels; words play no part in it.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use super::shape::{Cell, Shape};
use super::transition::{DraftShape, Edge, EdgeId, Rank, drafts};

/// A pattern of a [`Graph`].
pub type PatternId = u32;

/// A shape and the set of its filled cells.
#[derive(Debug)]
pub struct Pattern {
    /// The shape.
    pub shape: Rc<Shape>,
    /// Number of filled cells.
    pub level: u32,
    /// The filled cells, ascending.
    pub filled: Vec<Cell>,
    /// The first empty cell: the one that the next word is sought for.
    pub position: Cell,
    /// The required lines of the position.
    pub lines: Vec<Vec<Cell>>,
    /// The cells whose words the position may not repeat.
    pub diagonal: Vec<Cell>,
    /// Edges to the next level: first those taken for every word, from `ranked` on those of which
    /// one is taken by the word's rank, the highest rank first.
    pub outgoing: Range<EdgeId>,
    /// The first ranked edge.
    pub ranked: EdgeId,
    /// Edges from the level before.
    pub incoming: Vec<EdgeId>,
    /// Volume and level in one number: where it is less than another's, so is the rank of all its orthos.
    pub merit: u64,
    /// Digest of the dims.
    pub digest: u64,
}

impl Pattern {
    fn new(shape: Rc<Shape>, filled: Vec<Cell>) -> Self {
        // The filled cells ascend, so the first one out of step shows the gap.
        let position = filled
            .iter()
            .enumerate()
            .find(|&(i, &cell)| i != cell as usize)
            .map_or(filled.len(), |(i, _)| i) as Cell;
        let volume: u64 = shape.dims().iter().map(|&dim| dim as u64 - 1).product();
        Self {
            level: filled.len() as u32,
            lines: shape.lines(position),
            diagonal: shape.diagonal(position),
            digest: crate::digest::begin(shape.dims()),
            merit: volume << 32 | filled.len() as u64,
            shape,
            filled,
            position,
            outgoing: 0..0,
            ranked: 0,
            incoming: Vec::new(),
        }
    }

    /// How many children each word gives.
    pub fn children_per_word(&self) -> u64 {
        u64::from(self.ranked - self.outgoing.start) + u64::from(self.ranked < self.outgoing.end)
    }
}

/// The patterns that steps lead to from the empty 2x2 box, as many levels as were asked for.
#[derive(Debug)]
pub struct Graph {
    patterns: Vec<Pattern>,
    edges: Vec<Edge>,
    /// Where each level's patterns start, and where the last one's end.
    levels: Vec<PatternId>,
    shapes: HashMap<Vec<usize>, Rc<Shape>>,
}

/// The pattern of the empty 2x2 box.
pub const SEED: PatternId = 0;

impl Default for Graph {
    fn default() -> Self {
        let shape = Rc::new(Shape::new(&[2, 2]));
        Self {
            shapes: HashMap::from([(vec![2, 2], Rc::clone(&shape))]),
            patterns: vec![Pattern::new(shape, Vec::new())],
            edges: Vec::new(),
            levels: vec![0, 1],
        }
    }
}

impl Graph {
    /// Makes sure that all patterns with `level` filled cells, and all edges to them, are there;
    /// whether any had to be made.
    #[inline]
    pub fn reach(&mut self, level: u32) -> bool {
        let missing = self.levels.len() <= level as usize + 1;
        while self.levels.len() <= level as usize + 1 {
            self.grow();
        }
        missing
    }

    /// Whether more than one edge into a pattern gives orthos of its own, so that equal ones can meet.
    pub fn merges(&self, id: PatternId) -> bool {
        let incoming = &self.pattern(id).incoming;
        let own = incoming.iter().filter(|&&edge| !self.edge(edge).duplicate);
        own.count() > 1
    }

    /// A pattern by number.
    #[inline]
    pub fn pattern(&self, id: PatternId) -> &Pattern {
        &self.patterns[id as usize]
    }

    /// An edge by number.
    #[inline]
    pub fn edge(&self, id: EdgeId) -> &Edge {
        &self.edges[id as usize]
    }

    /// The patterns of a level that was reached.
    pub fn level(&self, level: u32) -> Range<PatternId> {
        self.levels[level as usize]..self.levels[level as usize + 1]
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Never: the seed is always there.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    #[cold]
    fn grow(&mut self) {
        let sources = self.level(self.levels.len() as u32 - 2);
        let mut known: HashMap<(Vec<usize>, Vec<Cell>), PatternId> = HashMap::new();
        for source in sources {
            let pattern = &self.patterns[source as usize];
            let (shape, position) = (Rc::clone(&pattern.shape), pattern.position);
            let (lines, diagonal) = (pattern.lines.clone(), pattern.diagonal.clone());
            let filled = pattern.filled.clone();
            let shapes = &mut self.shapes;
            let mut resolve = |dims: &[usize]| {
                let make = || Rc::new(Shape::new(dims));
                Rc::clone(shapes.entry(dims.to_vec()).or_insert_with(make))
            };
            let start = self.edges.len() as EdgeId;
            let mut ranked = None;
            for draft in drafts(&shape, &filled, position, &mut resolve) {
                let new = match &draft.shape {
                    DraftShape::Same => Rc::clone(&shape),
                    DraftShape::Dims(dims) => resolve(dims),
                };
                let mut cells: Vec<Cell> = draft.moves.iter().map(|&(_, cell)| cell).collect();
                cells.sort_unstable();
                let landing = draft
                    .landing
                    .unwrap_or_else(|| Pattern::new(Rc::clone(&new), cells.clone()).position);
                let at = cells.partition_point(|&cell| cell < landing);
                cells.insert(at, landing);
                let patterns = &mut self.patterns;
                let target = *known
                    .entry((new.dims().to_vec(), cells.clone()))
                    .or_insert_with(|| {
                        patterns.push(Pattern::new(new, cells));
                        patterns.len() as PatternId - 1
                    });
                let id = self.edges.len() as EdgeId;
                if draft.rank.is_some() {
                    ranked.get_or_insert(id);
                }
                let carried = |cell: &Cell| {
                    let at = filled.partition_point(|other| other < cell);
                    draft.moves[at].1
                };
                let target_pattern = &mut self.patterns[target as usize];
                let on_line = target_pattern.lines.iter().flatten().any(|&c| c == landing);
                let lines: Vec<Vec<Cell>> = lines
                    .iter()
                    .map(|line| line.iter().map(carried).collect())
                    .collect();
                let same_lines = lines.iter().all(|line| target_pattern.lines.contains(line))
                    && lines.len() == target_pattern.lines.len();
                self.edges.push(Edge {
                    source,
                    target,
                    landing,
                    in_place: matches!(draft.shape, DraftShape::Same) && landing == position,
                    rank: draft.rank.map(|place| Rank {
                        place,
                        axes: (1..=shape.dims().len() as Cell)
                            .filter(|cell| *cell != position)
                            .take_while(|cell| filled.contains(cell))
                            .map(|cell| carried(&cell))
                            .collect(),
                    }),
                    inherited: same_lines
                        && diagonal.is_empty()
                        && target_pattern.diagonal.is_empty(),
                    lines,
                    diagonal: diagonal.iter().map(carried).collect(),
                    order: target_pattern.incoming.len(),
                    duplicate: draft.duplicate,
                    shared: !on_line,
                    on_diagonal: target_pattern.diagonal.contains(&landing),
                    moves: draft.moves,
                });
                target_pattern.incoming.push(id);
            }
            let end = self.edges.len() as EdgeId;
            let pattern = &mut self.patterns[source as usize];
            pattern.outgoing = start..end;
            pattern.ranked = ranked.unwrap_or(end);
        }
        self.levels.push(self.patterns.len() as PatternId);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_orders_of_three_axis_words_meet_in_one_pattern() {
        let mut graph = Graph::default();
        graph.reach(4);
        let cube = graph
            .level(4)
            .find(|&id| graph.pattern(id).shape.dims() == [2, 2, 2])
            .unwrap();
        assert_eq!(graph.pattern(cube).incoming.len(), 3);
        assert!(graph.merges(cube));
        let square = graph.level(3).start;
        assert_eq!(graph.pattern(square).incoming.len(), 2);
        assert!(
            !graph.merges(square),
            "one of its edges gives duplicates only"
        );
    }

    #[test]
    fn a_box_can_come_from_two_shapes() {
        let mut graph = Graph::default();
        graph.reach(9);
        let sources: Vec<_> = graph
            .level(9)
            .filter(|&id| graph.pattern(id).shape.dims() == [4, 3])
            .map(|id| {
                let incoming = &graph.pattern(id).incoming;
                let source = |&edge| graph.pattern(graph.edge(edge).source).shape.dims();
                incoming.iter().map(source).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(sources, [[&[4, 3][..], &[3, 3][..]]]);
    }

    #[test]
    fn patterns_grow_slowly_and_fill_what_they_say() {
        let mut graph = Graph::default();
        graph.reach(64);
        assert!(graph.len() < 2_100, "{} patterns", graph.len());
        for level in 0..=64 {
            for id in graph.level(level) {
                let pattern = graph.pattern(id);
                assert_eq!(pattern.filled.len(), level as usize);
                assert!(pattern.filled.len() < pattern.shape.len());
                assert!(!pattern.filled.contains(&pattern.position));
                assert!((0..pattern.position).all(|cell| pattern.filled.contains(&cell)));
            }
        }
    }
}
