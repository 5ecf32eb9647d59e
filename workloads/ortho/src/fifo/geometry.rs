//! What the search asks of a shape, in tables: the cells that each cell must agree with, and where
//! cells go when the shape grows.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::pattern::{Cell, Shape};

/// The tables of one shape.
#[derive(Debug)]
pub(super) struct Geometry {
    shape: Shape,
    lines: Vec<Vec<Vec<Cell>>>,
    diagonals: Vec<Vec<Cell>>,
    growths: OnceCell<Growths>,
}

/// The ways in which a shape can grow.
#[derive(Debug)]
pub(super) struct Growths {
    /// One axis longer by one.
    pub(super) over: Vec<Growth>,
    /// One more axis of length 2, by the number of axis cells that stay before the new one. Empty
    /// where an axis is longer than 2.
    pub(super) up: Vec<Growth>,
}

/// One way in which a shape can grow.
#[derive(Debug)]
pub(super) struct Growth {
    /// The larger shape.
    pub(super) dims: Vec<usize>,
    /// How many cells it has.
    pub(super) cells: usize,
    /// Where each old cell goes.
    pub(super) moves: Vec<Cell>,
}

impl Geometry {
    fn new(dims: &[usize]) -> Self {
        let shape = Shape::new(dims);
        Self {
            lines: cells(&shape).map(|cell| shape.lines(cell)).collect(),
            diagonals: cells(&shape).map(|cell| shape.diagonal(cell)).collect(),
            shape,
            growths: OnceCell::new(),
        }
    }

    /// For each axis on which `cell` is not first: the cells before it on that line, in order.
    pub(super) fn lines(&self, cell: usize) -> &[Vec<Cell>] {
        &self.lines[cell]
    }

    /// The cells before `cell` in the same shell.
    pub(super) fn diagonal(&self, cell: usize) -> &[Cell] {
        &self.diagonals[cell]
    }

    /// How this shape can grow; worked out when first asked for.
    pub(super) fn growths(&self) -> &Growths {
        self.growths.get_or_init(|| Growths {
            over: over(&self.shape),
            up: up(&self.shape),
        })
    }
}

/// Each distinct axis length, at its first occurrence, made longer by one.
fn over(shape: &Shape) -> Vec<Growth> {
    let dims = shape.dims();
    (0..dims.len())
        .filter(|&axis| !dims[..axis].contains(&dims[axis]))
        .map(|axis| {
            let mut longer = dims.to_vec();
            longer[axis] += 1;
            Growth::new(shape, longer, <[u32]>::to_vec)
        })
        .collect()
}

/// A new axis put in after `before` axis cells, for each `before`; all-2 shapes only.
fn up(shape: &Shape) -> Vec<Growth> {
    let dims = shape.dims();
    if dims.iter().any(|&dim| dim != 2) {
        return Vec::new();
    }
    let axes = dims.len();
    (0..=axes)
        .map(|before| {
            Growth::new(shape, vec![2; axes + 1], |coordinates| {
                let mut deeper = coordinates.to_vec();
                deeper.insert(axes - before, 0);
                deeper
            })
        })
        .collect()
}

impl Growth {
    fn new(from: &Shape, dims: Vec<usize>, place: impl Fn(&[u32]) -> Vec<u32>) -> Self {
        let larger = Shape::new(&dims);
        Self {
            dims,
            cells: larger.len(),
            moves: cells(from)
                .map(|cell| larger.cell(&place(from.coordinates(cell))))
                .collect(),
        }
    }
}

fn cells(shape: &Shape) -> impl Iterator<Item = Cell> {
    0..shape.len() as Cell
}

/// The shapes met so far.
#[derive(Debug, Default)]
pub(super) struct Geometries(HashMap<Vec<usize>, Rc<Geometry>>);

impl Geometries {
    /// The tables of the shape `dims`, made when first asked for.
    pub(super) fn get(&mut self, dims: &[usize]) -> Rc<Geometry> {
        if let Some(known) = self.0.get(dims) {
            return Rc::clone(known);
        }
        let made = Rc::new(Geometry::new(dims));
        self.0.insert(dims.to_vec(), Rc::clone(&made));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_grows_over_each_distinct_length_and_up_only_from_twos() {
        let grown = |dims: &[usize]| -> Vec<Vec<usize>> {
            let geometry = Geometry::new(dims);
            let Growths { over, up } = geometry.growths();
            over.iter().chain(up).map(|to| to.dims.clone()).collect()
        };
        assert_eq!(grown(&[3, 2]), [[4, 2], [3, 3]]);
        assert_eq!(grown(&[3, 3]), [[4, 3]]);
        assert_eq!(grown(&[4, 2]), [[5, 2], [4, 3]]);
        let mut from_cube = vec![vec![3, 2, 2]];
        from_cube.extend(vec![vec![2; 4]; 4]);
        assert_eq!(grown(&[2, 2, 2]), from_cube);
    }

    #[test]
    fn axis_cells_make_way_for_the_new_axis() {
        let geometry = Geometry::new(&[2, 2]);
        let up = geometry.growths().up.iter();
        let axis_cells: Vec<_> = up.map(|to| &to.moves[..3]).collect();
        assert_eq!(axis_cells, [[0, 2, 3], [0, 1, 3], [0, 1, 2]]);
    }
}
