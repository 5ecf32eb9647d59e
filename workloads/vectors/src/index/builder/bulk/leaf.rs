//! What each vector of a leaf chooses among the others.

use crate::index::IndexError;
use crate::index::codes::Codes;

use super::table::Table;

/// Neighbours that a vector chooses in one leaf, at most: the rule of diversity ends below that nearly always, and the
/// nearest few of several leaves are worth more than all of one.
pub(in crate::index) const MOST_CHOSEN: usize = 12;

/// How many neighbours a vector chooses in one leaf, at most, where it has room for so many links.
pub(super) fn most_chosen(room: usize) -> usize {
    (room / 4).clamp(1, MOST_CHOSEN)
}

/// What one thread needs to choose within leaves, and what was chosen in those it had.
#[derive(Debug)]
pub(super) struct Chooser {
    table: Table,
    /// The distances that the vector that chooses has to those that nothing it chose is nearer to.
    left: Vec<f32>,
    /// As far from everything as can be.
    nowhere: Vec<f32>,
    pub(super) done: Vec<Chosen>,
    /// Distances computed so far.
    pub(super) evaluations: u64,
}

/// The neighbours that the vectors of a leaf chose.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Which leaf.
    pub(super) leaf: usize,
    links: Vec<u32>,
    /// Where those of each vector end.
    ends: Vec<u32>,
}

impl Chosen {
    /// Bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        (self.links.capacity() + self.ends.capacity()) * size_of::<u32>()
    }

    /// The neighbours of each vector, the nearest first.
    pub(super) fn lists(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let spans = starts.zip(&self.ends);
        spans.map(|(start, end)| &self.links[*start as usize..*end as usize])
    }
}

impl Chooser {
    /// For leaves of so many vectors at most.
    pub(super) fn new(most: usize) -> Result<Self, IndexError> {
        Ok(Self {
            table: Table::new(most)?,
            left: Vec::new(),
            nowhere: Vec::new(),
            done: Vec::new(),
            evaluations: 0,
        })
    }

    /// Has each of `ids`, which ascend, choose at most `most` of the others: of all of them, by the rule of diversity
    /// (see [`Selector::choose`](crate::index::select::Selector::choose)).
    pub(super) fn choose(&mut self, codes: &Codes<'_>, leaf: usize, ids: &[u32], most: usize) {
        self.table.fill(codes, ids);
        self.evaluations += self.table.evaluations();
        self.nowhere.resize(ids.len(), f32::INFINITY);
        let mut links = Vec::with_capacity(ids.len() * most);
        let mut ends = Vec::with_capacity(ids.len());
        let kernel = codes.kernel();
        for at in 0..ids.len() {
            let distances = self.table.row(at);
            self.left.clear();
            self.left.extend_from_slice(distances);
            self.left[at] = f32::INFINITY;
            let full = links.len() + most;
            let mut nearest = kernel.cover(distances, &self.nowhere, &mut self.left);
            while let Some(chosen) = nearest {
                links.push(ids[chosen]);
                if links.len() == full {
                    break;
                }
                nearest = kernel.cover(distances, self.table.row(chosen), &mut self.left);
            }
            ends.push(links.len() as u32);
        }
        self.done.push(Chosen { leaf, links, ends });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::kernels::Kernel;
    use crate::index::near::Near;
    use crate::index::select::Selector;
    use crate::index::tests::{coded, generated};

    /// The rule as it is written down, candidate by candidate.
    #[test]
    fn choices_are_those_of_the_rule_over_the_whole_leaf() {
        let rows = generated(150, 24);
        let encoded = coded(&rows);
        for kernel in Kernel::all() {
            let codes = encoded.codes(*kernel);
            let ids: Vec<u32> = (0..150).filter(|id| id % 7 != 3).collect();
            for most in [1, 5, 100] {
                let mut chooser = Chooser::new(150).unwrap();
                chooser.choose(&codes, 3, &ids, most);
                let chosen = &chooser.done[0];
                assert_eq!(chosen.leaf, 3);
                assert_eq!(chosen.lists().count(), ids.len());
                for (id, list) in ids.iter().zip(chosen.lists()) {
                    let mut others: Vec<Near> = Vec::new();
                    codes.near(&codes.origin(*id, &mut Vec::new()), &ids, None, |near| {
                        others.push(near)
                    });
                    others.retain(|near| near.id() != *id);
                    others.sort_unstable();
                    let mut expected = Vec::new();
                    Selector::default().choose(&codes, others.into_iter(), most, |near| {
                        expected.push(near.id());
                    });
                    assert_eq!(list, expected, "{id}");
                }
            }
        }
    }

    #[test]
    fn of_a_leaf_of_equal_vectors_each_chooses_one_and_of_one_none() {
        let rows = crate::index::tests::VecRows::new(3, [1.0, 2.0, 3.0].repeat(9));
        let encoded = coded(&rows);
        let codes = encoded.codes(Kernel::best());
        let mut chooser = Chooser::new(150).unwrap();
        chooser.choose(&codes, 0, &[2, 5, 6], 12);
        chooser.choose(&codes, 1, &[4], 12);
        let lists: Vec<&[u32]> = chooser.done[0].lists().collect();
        assert_eq!(lists, [&[5][..], &[2], &[2]]);
        let alone: Vec<&[u32]> = chooser.done[1].lists().collect();
        assert_eq!(alone, [&[] as &[u32]]);
    }
}
