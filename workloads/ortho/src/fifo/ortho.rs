//! An ortho as a heap-allocated value: a version and two vectors.

use bincode::{Decode, Encode};

use super::geometry::{Geometry, Growth};
use crate::digest::{absorb, begin};
use crate::pattern::Cell;

/// An ortho as a struct of its own with the dims and one optional word per cell on the heap.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct HeapOrtho {
    version: usize,
    dims: Vec<usize>,
    payload: Vec<Option<usize>>,
}

impl HeapOrtho {
    /// The empty 2x2 box that text number `version` starts from.
    pub fn seed(version: usize) -> Self {
        Self {
            version,
            dims: vec![2, 2],
            payload: vec![None; 4],
        }
    }

    /// An ortho of the given parts: as many cells, in cell order, as `dims` multiply to.
    pub fn new(version: usize, dims: Vec<usize>, payload: Vec<Option<usize>>) -> Self {
        debug_assert_eq!(dims.iter().product::<usize>(), payload.len());
        Self {
            version,
            dims,
            payload,
        }
    }

    /// Length of each axis.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The word of each cell, in cell order.
    pub fn payload(&self) -> &[Option<usize>] {
        &self.payload
    }

    /// Number of filled cells.
    pub fn filled(&self) -> u32 {
        self.payload.iter().flatten().count() as u32
    }

    /// A 64-bit fingerprint of dims and cells; the version takes no part.
    pub fn id(&self) -> u64 {
        self.payload.iter().fold(begin(&self.dims), |hash, cell| {
            absorb(hash, cell.map_or(0, |word| word as u64 + 1))
        })
    }

    /// Bytes this ortho is made of, as its owner would count them: the struct and its elements.
    pub fn bytes(&self) -> u64 {
        let elements = size_of_val(&*self.dims) + size_of_val(&*self.payload);
        (size_of::<Self>() + elements) as u64
    }

    /// The first empty cell. There always is one, for the last empty cell is never filled.
    pub(super) fn position(&self) -> usize {
        let filled = self.payload.iter().take_while(|cell| cell.is_some());
        filled.count()
    }

    /// The words of `cells`, all of which are filled.
    pub(super) fn words(&self, cells: &[Cell]) -> Vec<usize> {
        cells
            .iter()
            .filter_map(|&cell| self.payload[cell as usize])
            .collect()
    }

    /// Appends the children that the next word `word` gives.
    pub(super) fn add(&self, word: usize, geometry: &Geometry, version: usize, to: &mut Vec<Self>) {
        let empty = self.payload.len() - self.filled() as usize;
        if empty > 1 {
            to.push(self.with_next(word, version));
            return;
        }
        let growths = geometry.growths();
        to.extend(
            growths
                .over
                .iter()
                .map(|growth| self.grown(growth, word, version)),
        );
        if !growths.up.is_empty() {
            let axis_cells = &self.payload[1..=self.dims.len()];
            let before = axis_cells.iter().take_while(|&&cell| cell <= Some(word));
            to.push(self.grown(&growths.up[before.count()], word, version));
        }
    }

    /// The child of the same shape.
    fn with_next(&self, word: usize, version: usize) -> Self {
        let mut child = self.clone();
        child.version = version;
        let position = self.position();
        child.payload[position] = Some(word);
        if position == 2 && child.dims == [2, 2] && child.payload[1] > child.payload[2] {
            child.payload.swap(1, 2);
        }
        child
    }

    /// The child of a larger shape. The old far corner stays empty; the word goes into the first
    /// empty cell of the new shape.
    fn grown(&self, growth: &Growth, word: usize, version: usize) -> Self {
        let mut child = Self {
            version,
            dims: growth.dims.clone(),
            payload: vec![None; growth.cells],
        };
        for (&cell, &to) in self.payload.iter().zip(&growth.moves) {
            child.payload[to as usize] = cell;
        }
        let position = child.position();
        child.payload[position] = Some(word);
        child
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Geometries;
    use super::*;

    fn children(dims: &[usize], cells: &[usize], word: usize) -> Vec<(Vec<usize>, Vec<usize>)> {
        let payload = cells.iter().map(|&cell| cell.checked_sub(1)).collect();
        let parent = HeapOrtho::new(1, dims.to_vec(), payload);
        let mut children = Vec::new();
        parent.add(word - 1, &Geometries::default().get(dims), 1, &mut children);
        let plain = |child: HeapOrtho| {
            let cells = child
                .payload
                .iter()
                .map(|cell| cell.map_or(0, |word| word + 1));
            (child.dims.clone(), cells.collect())
        };
        children.into_iter().map(plain).collect()
    }

    #[test]
    fn the_two_axis_words_of_a_square_are_put_in_order() {
        let child = |cells: [usize; 4]| vec![(vec![2, 2], cells.to_vec())];
        assert_eq!(children(&[2, 2], &[5, 7, 0, 0], 6), child([5, 6, 7, 0]));
        assert_eq!(children(&[2, 2], &[5, 6, 0, 0], 7), child([5, 6, 7, 0]));
    }

    #[test]
    fn a_full_square_grows_over_and_up_and_leaves_its_old_corner_empty() {
        for (word, first_cells) in [
            (1, [9, 1, 3, 5]),
            (3, [9, 3, 3, 5]),
            (4, [9, 3, 4, 5]),
            (6, [9, 3, 5, 6]),
        ] {
            let up = [&first_cells[..], &[0; 4]].concat();
            let over = vec![9, 3, 5, word, 0, 0];
            assert_eq!(
                children(&[2, 2], &[9, 3, 5, 0], word),
                [(vec![3, 2], over), (vec![2, 2, 2], up)]
            );
        }
    }

    #[test]
    fn the_fingerprint_is_the_digest_hash() {
        let ortho = HeapOrtho::new(3, vec![2, 2], vec![Some(0), Some(1), None, None]);
        assert_eq!(ortho.id(), 0xa026_90b8_6a65_c79f);
    }
}
