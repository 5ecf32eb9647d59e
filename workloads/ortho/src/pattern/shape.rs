//! The cells of a box, in the order in which they are filled.

use std::collections::HashMap;

/// A cell of a shape: its rank in the filling order.
pub type Cell = u32;

/// A box's dims and its cells by ascending coordinate sum, ties by ascending coordinates.
#[derive(Debug)]
pub struct Shape {
    dims: Vec<usize>,
    coordinates: Vec<Box<[u32]>>,
    cells: HashMap<Box<[u32]>, Cell>,
}

impl Shape {
    /// The shape with the given axis lengths.
    pub fn new(dims: &[usize]) -> Self {
        let mut coordinates: Vec<Box<[u32]>> = vec![Box::default()];
        for &dim in dims {
            coordinates = coordinates
                .iter()
                .flat_map(|start| {
                    (0..dim as u32).map(move |last| start.iter().copied().chain([last]).collect())
                })
                .collect();
        }
        // The list is lexicographic by construction, and the sort is stable.
        coordinates.sort_by_key(|coordinates| coordinates.iter().sum::<u32>());
        let cells = coordinates
            .iter()
            .enumerate()
            .map(|(cell, coordinates)| (coordinates.clone(), cell as Cell))
            .collect();
        Self {
            dims: dims.to_vec(),
            coordinates,
            cells,
        }
    }

    /// Axis lengths.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.coordinates.len()
    }

    /// A shape has cells.
    pub fn is_empty(&self) -> bool {
        self.coordinates.is_empty()
    }

    /// The coordinates of a cell.
    pub(crate) fn coordinates(&self, cell: Cell) -> &[u32] {
        &self.coordinates[cell as usize]
    }

    /// The cell at the given coordinates, which must lie inside.
    pub(crate) fn cell(&self, coordinates: &[u32]) -> Cell {
        self.cells[coordinates]
    }

    /// The lines that end before `cell`, one for each axis along which it is not the first.
    pub fn lines(&self, cell: Cell) -> Vec<Vec<Cell>> {
        let coordinates = self.coordinates(cell);
        (0..self.dims.len())
            .filter(|&axis| coordinates[axis] > 0)
            .map(|axis| {
                let mut on_line = coordinates.to_vec();
                (0..coordinates[axis])
                    .map(|along| {
                        on_line[axis] = along;
                        self.cell(&on_line)
                    })
                    .collect()
            })
            .collect()
    }

    /// The cells of the same shell that come before `cell`.
    pub fn diagonal(&self, cell: Cell) -> Vec<Cell> {
        let shell = |cell| self.coordinates(cell).iter().sum::<u32>();
        (0..cell)
            .filter(|&other| shell(other) == shell(cell))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_shell_by_shell() {
        let order = |dims: &[usize]| -> Vec<String> {
            let shape = Shape::new(dims);
            (0..shape.len() as Cell)
                .map(|cell| shape.coordinates(cell).iter().map(u32::to_string).collect())
                .collect()
        };
        assert_eq!(order(&[2, 2]), ["00", "01", "10", "11"]);
        assert_eq!(order(&[3, 2]), ["00", "01", "10", "11", "20", "21"]);
        assert_eq!(
            order(&[3, 3]),
            ["00", "01", "10", "02", "11", "20", "12", "21", "22"]
        );
        assert_eq!(
            order(&[2, 2, 2]),
            ["000", "001", "010", "100", "011", "101", "110", "111"]
        );
    }

    #[test]
    fn lines_and_diagonals_are_those_of_the_specification() {
        assert_eq!(Shape::new(&[2, 2]).lines(3), [[1], [2]]);
        assert_eq!(Shape::new(&[3, 2]).lines(4), [[0, 2]]);
        assert_eq!(Shape::new(&[3, 3]).lines(8), [[3, 6], [5, 7]]);
        assert!(Shape::new(&[2, 2]).lines(0).is_empty());
        assert_eq!(Shape::new(&[3, 3]).diagonal(5), [3, 4]);
    }
}
