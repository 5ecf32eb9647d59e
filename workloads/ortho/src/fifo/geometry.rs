//! The cells of a shape: their order, what each must agree with, and where they go when it grows.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

/// One shape and the tables of its cells. Cells are named by their rank in cell order: ascending
/// coordinate sum, ties by coordinates.
#[derive(Debug)]
pub(super) struct Shape {
    dims: Vec<usize>,
    lines: Vec<Vec<Vec<usize>>>,
    diagonals: Vec<Vec<usize>>,
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
    pub(super) moves: Vec<usize>,
}

impl Shape {
    fn new(dims: &[usize]) -> Self {
        let cells = cells(dims);
        let rank = ranks(&cells);
        let lines = cells
            .iter()
            .map(|cell| {
                (0..dims.len())
                    .filter(|&axis| cell[axis] > 0)
                    .map(|axis| {
                        (0..cell[axis])
                            .map(|at| {
                                let mut before = cell.clone();
                                before[axis] = at;
                                rank[&before]
                            })
                            .collect()
                    })
                    .collect()
            })
            .collect();
        let diagonals = cells
            .iter()
            .enumerate()
            .map(|(index, cell)| {
                (0..index)
                    .filter(|&other| shell(&cells[other]) == shell(cell))
                    .collect()
            })
            .collect();
        Self {
            dims: dims.to_vec(),
            lines,
            diagonals,
            growths: OnceCell::new(),
        }
    }

    /// For each axis on which `cell` is not first: the cells before it on that line, in order.
    pub(super) fn lines(&self, cell: usize) -> &[Vec<usize>] {
        &self.lines[cell]
    }

    /// The cells before `cell` in the same shell.
    pub(super) fn diagonal(&self, cell: usize) -> &[usize] {
        &self.diagonals[cell]
    }

    /// How this shape can grow; worked out when first asked for.
    pub(super) fn growths(&self) -> &Growths {
        self.growths.get_or_init(|| Growths {
            over: over(&self.dims),
            up: up(&self.dims),
        })
    }
}

/// Each distinct axis length, at its first occurrence, made longer by one.
fn over(dims: &[usize]) -> Vec<Growth> {
    (0..dims.len())
        .filter(|&axis| !dims[..axis].contains(&dims[axis]))
        .map(|axis| {
            let mut longer = dims.to_vec();
            longer[axis] += 1;
            Growth::new(dims, longer, |cell| cell.to_vec())
        })
        .collect()
}

/// A new axis put in after `before` axis cells, for each `before`; all-2 shapes only.
fn up(dims: &[usize]) -> Vec<Growth> {
    if dims.iter().any(|&dim| dim != 2) {
        return Vec::new();
    }
    let axes = dims.len();
    (0..=axes)
        .map(|before| {
            Growth::new(dims, vec![2; axes + 1], |cell| {
                let mut deeper = cell.to_vec();
                deeper.insert(axes - before, 0);
                deeper
            })
        })
        .collect()
}

impl Growth {
    fn new(from: &[usize], to: Vec<usize>, place: impl Fn(&[usize]) -> Vec<usize>) -> Self {
        let larger = cells(&to);
        let rank = ranks(&larger);
        Self {
            cells: larger.len(),
            moves: cells(from).iter().map(|cell| rank[&place(cell)]).collect(),
            dims: to,
        }
    }
}

/// All coordinates of a shape in cell order.
fn cells(dims: &[usize]) -> Vec<Vec<usize>> {
    let mut cells = vec![Vec::with_capacity(dims.len())];
    for &dim in dims {
        cells = cells
            .into_iter()
            .flat_map(|start| {
                (0..dim).map(move |at| {
                    let mut cell = start.clone();
                    cell.push(at);
                    cell
                })
            })
            .collect();
    }
    // The sort is stable and the coordinates are ascending already.
    cells.sort_by_key(|cell| shell(cell));
    cells
}

fn shell(cell: &[usize]) -> usize {
    cell.iter().sum()
}

fn ranks(cells: &[Vec<usize>]) -> HashMap<Vec<usize>, usize> {
    cells.iter().cloned().zip(0..).collect()
}

/// The shapes met so far.
#[derive(Debug, Default)]
pub(super) struct Shapes(HashMap<Vec<usize>, Rc<Shape>>);

impl Shapes {
    /// The tables of the shape `dims`, made when first asked for.
    pub(super) fn get(&mut self, dims: &[usize]) -> Rc<Shape> {
        if let Some(shape) = self.0.get(dims) {
            return Rc::clone(shape);
        }
        let shape = Rc::new(Shape::new(dims));
        self.0.insert(dims.to_vec(), Rc::clone(&shape));
        shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dims: &[usize]) -> String {
        let digits = |cell: &Vec<usize>| cell.iter().map(usize::to_string).collect::<String>();
        cells(dims).iter().map(digits).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn cells_go_by_shell_then_by_coordinates() {
        assert_eq!(written(&[2, 2]), "00 01 10 11");
        assert_eq!(written(&[3, 2]), "00 01 10 11 20 21");
        assert_eq!(written(&[3, 3]), "00 01 10 02 11 20 12 21 22");
        assert_eq!(written(&[2, 2, 2]), "000 001 010 100 011 101 110 111");
    }

    #[test]
    fn lines_run_up_to_a_cell_and_the_diagonal_is_the_shell_so_far() {
        let mut shapes = Shapes::default();
        assert!(shapes.get(&[2, 2]).lines(0).is_empty());
        assert_eq!(shapes.get(&[2, 2]).lines(3), [[1], [2]]);
        assert_eq!(shapes.get(&[3, 2]).lines(4), [[0, 2]]);
        assert_eq!(shapes.get(&[3, 3]).lines(8), [[3, 6], [5, 7]]);
        assert_eq!(shapes.get(&[3, 3]).diagonal(5), [3, 4]);
    }

    #[test]
    fn a_shape_grows_over_each_distinct_length_and_up_only_from_twos() {
        let grown = |dims: &[usize]| -> Vec<Vec<usize>> {
            let shape = Shape::new(dims);
            let Growths { over, up } = shape.growths();
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
        let shape = Shape::new(&[2, 2]);
        let axis_cells: Vec<_> = shape.growths().up.iter().map(|to| &to.moves[..3]).collect();
        assert_eq!(axis_cells, [[0, 2, 3], [0, 1, 3], [0, 1, 2]]);
    }
}
