//! How a step carries the words of one pattern into the next.

use std::ops::Range;

use super::graph::PatternId;
use super::shape::{Cell, Shape};

/// An edge of a [`Graph`](super::Graph).
pub type EdgeId = u32;

/// One way a step goes on: old cells move, and the new word lands in an empty cell.
#[derive(Debug)]
pub struct Edge {
    /// The pattern before.
    pub source: PatternId,
    /// The pattern after.
    pub target: PatternId,
    /// The cell of the target that takes the new word.
    pub landing: Cell,
    /// Whether cells keep their numbers and the shape stays, so that a step is one assignment.
    pub in_place: bool,
    /// Old and new cell of each filled cell of the source, ascending by old cell.
    pub moves: Vec<(Cell, Cell)>,
    /// Where taking it depends on the new word's place among the axis words.
    pub rank: Option<Rank>,
    /// The source's required lines, in cells of the target.
    pub lines: Vec<Vec<Cell>>,
    /// The source's diagonal cells, in cells of the target.
    pub diagonal: Vec<Cell>,
    /// The place among the edges into the target; the first valid one is the canonical parent's.
    pub order: usize,
    /// Whether the target can always be had through an earlier edge.
    pub duplicate: bool,
    /// Whether what may come next does not depend on the new word, but for the diagonal.
    pub shared: bool,
    /// Whether what may come next is just what could come here: the same lines, and no diagonal.
    pub inherited: bool,
    /// Whether the new word is on the diagonal of the target's position.
    pub on_diagonal: bool,
}

/// A new axis word's place: how many axis words come before the first greater one.
#[derive(Debug, Clone)]
pub struct Rank {
    /// The place.
    pub place: usize,
    /// The source's axis cells in cells of the target, in order; their words ascend.
    pub axes: Vec<Cell>,
}

impl Rank {
    /// Which of the ascending `words` take this place; `axis` gives the source's axis words from 0 on.
    #[inline]
    pub fn range(&self, words: &[u32], axis: impl Fn(usize) -> u32) -> Range<usize> {
        let before = |word| words.partition_point(|&other| other < word);
        let from = match self.place {
            0 => 0,
            place => before(axis(place - 1)),
        };
        let to = if self.place == self.axes.len() {
            words.len()
        } else {
            before(axis(self.place))
        };
        from..to
    }
}

/// An edge before its target is known to the graph.
pub(super) struct Draft {
    pub(super) shape: DraftShape,
    pub(super) moves: Vec<(Cell, Cell)>,
    pub(super) landing: Option<Cell>,
    pub(super) rank: Option<usize>,
    pub(super) duplicate: bool,
}

/// The shape that a draft leads to.
pub(super) enum DraftShape {
    Same,
    Dims(Vec<usize>),
}

/// What every step can do from a shape with the cells `filled`, of which `position` is the first
/// not among them: edges taken for every word, then edges of which the word's rank takes one.
pub(super) fn drafts(
    shape: &Shape,
    filled: &[Cell],
    position: Cell,
    resolve: &mut impl FnMut(&[usize]) -> std::rc::Rc<Shape>,
) -> Vec<Draft> {
    let identity = || filled.iter().map(|&cell| (cell, cell)).collect::<Vec<_>>();
    if shape.len() - filled.len() > 1 {
        if shape.dims() == [2, 2] && position == 2 {
            return vec![
                Draft {
                    shape: DraftShape::Same,
                    moves: identity(),
                    landing: Some(2),
                    rank: Some(1),
                    duplicate: false,
                },
                // Both axis words follow the origin, so the lesser one could have come first.
                Draft {
                    shape: DraftShape::Same,
                    moves: vec![(0, 0), (1, 2)],
                    landing: Some(1),
                    rank: Some(0),
                    duplicate: true,
                },
            ];
        }
        return vec![Draft {
            shape: DraftShape::Same,
            moves: identity(),
            landing: Some(position),
            rank: None,
            duplicate: false,
        }];
    }
    let mut drafts = Vec::new();
    let dims = shape.dims();
    for axis in 0..dims.len() {
        if dims[..axis].contains(&dims[axis]) {
            continue;
        }
        let mut longer = dims.to_vec();
        longer[axis] += 1;
        let new = resolve(&longer);
        drafts.push(Draft {
            moves: filled
                .iter()
                .map(|&cell| (cell, new.cell(shape.coordinates(cell))))
                .collect(),
            shape: DraftShape::Dims(longer),
            landing: None,
            rank: None,
            duplicate: false,
        });
    }
    if dims.iter().all(|&dim| dim == 2) {
        let axes = dims.len();
        let more = vec![2; axes + 1];
        let new = resolve(&more);
        for place in (0..=axes).rev() {
            let moves = filled
                .iter()
                .map(|&cell| {
                    let mut coordinates = shape.coordinates(cell).to_vec();
                    coordinates.insert(axes - place, 0);
                    (cell, new.cell(&coordinates))
                })
                .collect();
            drafts.push(Draft {
                shape: DraftShape::Dims(more.clone()),
                moves,
                landing: None,
                rank: Some(place),
                duplicate: false,
            });
        }
    }
    drafts
}
