//! The graph: flat arrays of links, with room for a fixed number of them on each level of a vector.
//!
//! Unused room holds zeros, so that equal graphs are equal bytes.

use super::account::Part;
use super::columns::{Array, Column};
use super::levels::Levels;
use super::{IndexError, Means, Params};

/// The links of all vectors, to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Links<'a> {
    pub(super) m: usize,
    /// The highest level of each vector.
    pub(super) levels: &'a [u8],
    /// The first row of each vector in `upper`: one for each of its levels above 0.
    pub(super) offsets: &'a [u32],
    /// Rows of M links.
    pub(super) upper: &'a [u32],
    /// How many links each row of `upper` holds.
    pub(super) upper_counts: &'a [u8],
    /// How many links each vector has on level 0.
    pub(super) counts: &'a [u8],
    /// Rows of 2M links.
    pub(super) level0: &'a [u32],
}

impl<'a> Links<'a> {
    /// The links of vector `id` on `level`, which it is on.
    #[inline]
    pub(super) fn of(&self, id: u32, level: u8) -> &'a [u32] {
        let id = id as usize;
        if level == 0 {
            &self.level0[id * 2 * self.m..][..usize::from(self.counts[id])]
        } else {
            let row = upper_row(self.offsets, id, level);
            &self.upper[row * self.m..][..usize::from(self.upper_counts[row])]
        }
    }
}

#[inline]
fn upper_row(offsets: &[u32], id: usize, level: u8) -> usize {
    offsets[id] as usize + usize::from(level) - 1
}

/// The arrays of a graph that is complete.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) levels: Column<u8>,
    pub(super) offsets: Column<u32>,
    pub(super) upper: Column<u32>,
    pub(super) upper_counts: Column<u8>,
    pub(super) counts: Column<u8>,
    pub(super) level0: Column<u32>,
}

impl Graph {
    pub(super) fn links(&self, m: usize) -> Links<'_> {
        Links {
            m,
            levels: &self.levels,
            offsets: &self.offsets,
            upper: &self.upper,
            upper_counts: &self.upper_counts,
            counts: &self.counts,
            level0: &self.level0,
        }
    }

    /// Its arrays in the order of a file.
    pub(super) fn sections(&self) -> [&[u8]; 6] {
        [
            self.levels.bytes(),
            self.offsets.bytes(),
            self.upper.bytes(),
            self.upper_counts.bytes(),
            self.counts.bytes(),
            self.level0.bytes(),
        ]
    }
}

/// A graph that is being built: room for everything, and no links at first.
#[derive(Debug)]
pub(super) struct Growing {
    params: Params,
    levels: Array<u8>,
    offsets: Array<u32>,
    upper: Array<u32>,
    upper_counts: Array<u8>,
    counts: Array<u8>,
    level0: Array<u32>,
}

impl Growing {
    /// Room for the links of `len` vectors, less than 2^31.
    pub(super) fn new(len: usize, params: Params, means: &Means) -> Result<Self, IndexError> {
        let too_many = || IndexError::TooMany(len);
        let rule = Levels::new(params.m, params.level_seed);
        let mut levels = means.zeroed::<u8>(Part::Upper, len)?;
        let mut offsets = means.zeroed::<u32>(Part::Upper, len)?;
        let mut rows = 0_u32;
        for (id, (level, offset)) in levels.iter_mut().zip(offsets.iter_mut()).enumerate() {
            *level = rule.of(u32::try_from(id).map_err(|_| too_many())?);
            *offset = rows;
            rows = rows.checked_add(u32::from(*level)).ok_or_else(too_many)?;
        }
        let rows = rows as usize;
        let room = |rows: usize, level| rows.checked_mul(params.room(level)).ok_or_else(too_many);
        Ok(Self {
            params,
            levels,
            offsets,
            upper: means.zeroed(Part::Upper, room(rows, 1)?)?,
            upper_counts: means.zeroed(Part::Upper, rows)?,
            counts: means.zeroed(Part::Level0, len)?,
            level0: means.zeroed(Part::Level0, room(len, 0)?)?,
        })
    }

    pub(super) fn links(&self) -> Links<'_> {
        Links {
            m: self.params.m,
            levels: &self.levels,
            offsets: &self.offsets,
            upper: &self.upper,
            upper_counts: &self.upper_counts,
            counts: &self.counts,
            level0: &self.level0,
        }
    }

    /// How many links a vector has room for on `level`.
    pub(super) fn room(&self, level: u8) -> usize {
        self.params.room(level)
    }

    /// The room of vector `id` on `level`, and how much of it is used.
    fn row(&mut self, id: u32, level: u8) -> (&mut [u32], &mut u8) {
        let (id, room) = (id as usize, self.params.room(level));
        if level == 0 {
            (&mut self.level0[id * room..][..room], &mut self.counts[id])
        } else {
            let row = upper_row(&self.offsets, id, level);
            let count = &mut self.upper_counts[row];
            (&mut self.upper[row * room..][..room], count)
        }
    }

    /// Gives vector `id` these links on `level` instead of those it has. Whatever there is no room for is left out.
    pub(super) fn set(&mut self, id: u32, level: u8, links: impl IntoIterator<Item = u32>) {
        let (row, count) = self.row(id, level);
        row.fill(0);
        *count = 0;
        for (place, link) in row.iter_mut().zip(links) {
            *place = link;
            *count += 1;
        }
    }

    /// Gives vector `id` one more link on `level`, if there is room; whether there was.
    pub(super) fn add(&mut self, id: u32, level: u8, link: u32) -> bool {
        let (row, count) = self.row(id, level);
        match row.get_mut(usize::from(*count)) {
            Some(place) => {
                *place = link;
                *count += 1;
                true
            }
            None => false,
        }
    }

    /// Puts `link` into the last place that vector `id` uses on level 0; what was there, if any.
    pub(super) fn replace_last(&mut self, id: u32, link: u32) -> Option<u32> {
        let (row, count) = self.row(id, 0);
        let last = row[..usize::from(*count)].last_mut()?;
        Some(std::mem::replace(last, link))
    }

    /// Its arrays in the order of a file.
    pub(super) fn sections(&self) -> [&[u8]; 6] {
        [
            bytemuck::cast_slice(&self.levels),
            bytemuck::cast_slice(&self.offsets),
            bytemuck::cast_slice(&self.upper),
            bytemuck::cast_slice(&self.upper_counts),
            bytemuck::cast_slice(&self.counts),
            bytemuck::cast_slice(&self.level0),
        ]
    }

    /// Those of them that hold links, the third and after: any bytes may be written, and have to be verified.
    pub(super) fn links_mut(&mut self) -> [&mut [u8]; 4] {
        [
            bytemuck::cast_slice_mut(&mut self.upper),
            bytemuck::cast_slice_mut(&mut self.upper_counts),
            bytemuck::cast_slice_mut(&mut self.counts),
            bytemuck::cast_slice_mut(&mut self.level0),
        ]
    }

    pub(super) fn finish(self) -> Graph {
        Graph {
            levels: Column::Built(self.levels),
            offsets: Column::Built(self.offsets),
            upper: Column::Built(self.upper),
            upper_counts: Column::Built(self.upper_counts),
            counts: Column::Built(self.counts),
            level0: Column::Built(self.level0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Resources;

    #[test]
    fn links_are_kept_by_vector_and_level() {
        let params = Params {
            m: 2,
            ..Params::default()
        };
        let means = Means::from(Resources::new(1));
        let mut graph = Growing::new(200, params, &means).unwrap();
        let (id, level) = (0..200)
            .map(|id| (id, graph.links().levels[id as usize]))
            .max_by_key(|(_, level)| *level)
            .unwrap();
        assert!(level >= 2);
        graph.set(id, 0, [1, 2, 3, 4]);
        graph.set(id, level, [5]);
        assert!(!graph.add(id, 0, 9) && graph.add(id, level, 6) && !graph.add(id, level, 7));
        assert_eq!(graph.replace_last(id, 8), Some(4));
        assert_eq!(graph.links().of(id, 0), [1, 2, 3, 8]);
        assert_eq!(graph.links().of(id, level), [5, 6]);
        graph.set(id, level, [7]);
        let links = graph.links();
        assert_eq!(links.of(id, level), [7]);
        assert!(links.of(id, level - 1).is_empty());
        assert_eq!(links.upper.iter().filter(|link| **link != 0).count(), 1);
        assert_eq!(links.level0.iter().filter(|link| **link != 0).count(), 4);
    }
}
