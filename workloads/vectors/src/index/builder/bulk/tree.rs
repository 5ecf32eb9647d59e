//! Overlapping leaves: a tree of random pivots.
//!
//! A set that is too large for a leaf is split: some of it, taken at random, are pivots, and each vector goes to the
//! part of its nearest pivot, or of several. What is near to one another is so together in one part at least, nearly
//! always.

use rayon::prelude::*;

use crate::index::IndexError;
use crate::index::account;
use crate::index::codes::Codes;
use crate::index::columns::with_room;
use crate::index::levels::mix;
use crate::index::threads::Threads;

use super::route::{ROUTED, Router};

/// Vectors in a leaf, at most. Distances in a leaf grow with its square, and what they are worth does not.
pub(in crate::index) const MOST_IN_LEAF: usize = 1200;
/// Vectors in a part, in the mean.
const IN_PART: usize = 800;
/// Parts that are smaller are put together.
const LEAST_IN_LEAF: usize = 100;
/// Parts of a set, at most: each vector is held against all of their pivots.
const MOST_PIVOTS: usize = 1024;
/// Parts that a vector goes to, at most.
pub(in crate::index) const FAN: usize = 5;
/// Parts that it goes to when a part is split again, and where not everything near has to come together.
pub(in crate::index) const FAN_BELOW: usize = 2;

/// A set that is still to be split, or is a leaf.
#[derive(Debug)]
struct Part {
    /// Ascending.
    ids: Vec<u32>,
    /// How many splits it comes from.
    depth: usize,
}

/// A tree whose leaves are taken one after the other; only what is not taken yet is held.
#[derive(Debug)]
pub(super) struct Tree {
    open: Vec<Part>,
    /// Of parts too small to be leaves.
    few: Vec<u32>,
    /// How many parts a vector goes to at each depth; one further down.
    fans: [usize; 2],
    seed: u64,
    /// Distances to pivots that were computed.
    pub(super) evaluations: u64,
}

impl Tree {
    /// Of `members`, which ascend. In a `dense` one more leaves overlap: it is to bring together what is nearest.
    pub(super) fn new(members: Vec<u32>, dense: bool, seed: u64) -> Self {
        let root = Part {
            ids: members,
            depth: 0,
        };
        Self {
            open: vec![root],
            few: Vec::new(),
            fans: [if dense { FAN } else { FAN_BELOW }, FAN_BELOW],
            seed,
            evaluations: 0,
        }
    }

    /// Bytes of what is not taken yet.
    pub(super) fn bytes(&self) -> usize {
        let open: usize = self.open.iter().map(|part| part.ids.capacity()).sum();
        (open + self.few.capacity()) * size_of::<u32>()
    }

    /// The next `count` leaves, or those that are left: ids in ascending order, none empty.
    pub(super) fn leaves(
        &mut self,
        codes: &Codes<'_>,
        threads: &Threads,
        count: usize,
    ) -> Result<Vec<Vec<u32>>, IndexError> {
        let mut leaves = Vec::with_capacity(count);
        while leaves.len() < count {
            let Some(part) = self.open.pop() else {
                leaves.extend(self.put_together());
                break;
            };
            if part.ids.len() > MOST_IN_LEAF {
                self.split(codes, threads, part)?;
            } else if part.ids.len() >= LEAST_IN_LEAF {
                leaves.push(part.ids);
            } else {
                self.few.extend(part.ids);
                if self.few.len() >= IN_PART {
                    leaves.extend(self.put_together());
                }
            }
        }
        Ok(leaves)
    }

    /// A leaf of all that is in parts too small to be leaves.
    fn put_together(&mut self) -> Option<Vec<u32>> {
        let mut few = std::mem::take(&mut self.few);
        few.sort_unstable();
        few.dedup();
        Some(few).filter(|few| !few.is_empty())
    }

    fn split(
        &mut self,
        codes: &Codes<'_>,
        threads: &Threads,
        part: Part,
    ) -> Result<(), IndexError> {
        let Part { ids, depth } = part;
        let fan = self.fans.get(depth).copied().unwrap_or(1);
        let count = (ids.len() * fan).div_ceil(IN_PART).min(MOST_PIVOTS);
        let pivots = self.pivots(&ids, count.max(fan));
        self.evaluations += ids.len() as u64 * pivots.len() as u64;
        let mut nearest = with_room("the nearest pivots", ids.len() * fan)?;
        nearest.resize(ids.len() * fan, 0_u16);
        // Who goes where, and the parts.
        let bytes = nearest.len() * (size_of::<u16>() + size_of::<u32>());
        let _held = threads.hold(account::Part::Leaves, bytes);
        threads.install(|| {
            let routed = nearest.par_chunks_mut(ROUTED * fan);
            let routed = routed.zip(ids.par_chunks(ROUTED));
            routed.for_each_init(Router::default, |router, (nearest, ids)| {
                router.route(codes, ids, &pivots, fan, nearest);
            });
        });
        for part in gather(&ids, &nearest, pivots.len(), fan)?.into_iter().rev() {
            // No pivot tells these apart, or they are equal. Any pieces will do.
            if part.len() > MOST_IN_LEAF && part.len() > ids.len() / 4 * 3 {
                let depth = usize::MAX;
                let piece = |ids: &[u32]| Part {
                    ids: ids.to_vec(),
                    depth,
                };
                self.open.extend(part.chunks(IN_PART).rev().map(piece));
            } else if !part.is_empty() {
                let depth = depth + 1;
                self.open.push(Part { ids: part, depth });
            }
        }
        Ok(())
    }

    /// So many of these, one out of each stretch of them.
    fn pivots(&mut self, ids: &[u32], count: usize) -> Vec<u32> {
        let pick = |at| {
            let (first, end) = (at * ids.len() / count, (at + 1) * ids.len() / count);
            self.seed = mix(self.seed);
            ids[first + (self.seed >> 32) as usize % (end - first)]
        };
        (0..count).map(pick).collect()
    }
}

/// The parts: of each pivot the vectors that go to it, in their order.
fn gather(
    ids: &[u32],
    nearest: &[u16],
    pivots: usize,
    fan: usize,
) -> Result<Vec<Vec<u32>>, IndexError> {
    let mut sizes = vec![0; pivots];
    for pivot in nearest {
        sizes[usize::from(*pivot)] += 1;
    }
    let parts = sizes
        .iter()
        .map(|size| with_room("a part of vectors", *size));
    let mut parts = parts.collect::<Result<Vec<_>, _>>()?;
    for (id, nearest) in ids.iter().zip(nearest.chunks_exact(fan)) {
        for pivot in nearest {
            parts[usize::from(*pivot)].push(*id);
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::kernels::Kernel;
    use crate::index::tests::{VecRows, coded, generated};

    fn all(rows: &VecRows, members: Vec<u32>, dense: bool) -> Vec<Vec<u32>> {
        let encoded = coded(rows);
        let codes = encoded.codes(Kernel::best());
        let threads = Threads::new(2);
        let threads = threads.unwrap();
        let mut tree = Tree::new(members, dense, 5);
        let mut leaves = Vec::new();
        loop {
            let some = tree.leaves(&codes, &threads, 3).unwrap();
            if some.is_empty() {
                return leaves;
            }
            leaves.extend(some);
        }
    }

    fn check(leaves: &[Vec<u32>], members: &[u32]) {
        let mut found: Vec<u32> = leaves.concat();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, members);
        for leaf in leaves {
            assert!((1..=MOST_IN_LEAF).contains(&leaf.len()));
            assert!(leaf.is_sorted_by(|a, b| a < b));
        }
    }

    #[test]
    fn all_members_are_in_leaves_and_near_ones_together() {
        let rows = generated(6_000, 16);
        let members: Vec<u32> = (0..6_000).filter(|id| id % 5 != 2).collect();
        for (dense, least) in [(true, 0.97), (false, 0.85)] {
            let leaves = all(&rows, members.clone(), dense);
            check(&leaves, &members);
            let mut of = vec![Vec::new(); 6_000];
            for (leaf, ids) in leaves.iter().enumerate() {
                ids.iter().for_each(|id| of[*id as usize].push(leaf));
            }
            let encoded = coded(&rows);
            let codes = encoded.codes(Kernel::best());
            let together = members.iter().filter(|id| {
                let mut nearest = None;
                codes.near(
                    &codes.origin(**id, &mut Vec::new()),
                    &members,
                    None,
                    |near| {
                        if near.id() != **id && nearest.is_none_or(|nearest| near < nearest) {
                            nearest = Some(near);
                        }
                    },
                );
                let nearest = nearest.unwrap().id() as usize;
                of[**id as usize]
                    .iter()
                    .any(|leaf| of[nearest].contains(leaf))
            });
            let share = together.count() as f64 / members.len() as f64;
            assert!(share > least, "{share}");
        }
    }

    #[test]
    fn what_fits_is_one_leaf() {
        let rows = generated(MOST_IN_LEAF, 4);
        for len in [0, 1, 2, MOST_IN_LEAF as u32] {
            let members: Vec<u32> = (0..len).collect();
            let leaves = all(&rows, members.clone(), true);
            assert_eq!(leaves.len(), usize::from(len > 0));
            check(&leaves, &members);
        }
    }

    #[test]
    fn what_no_pivot_tells_apart_is_cut_into_pieces() {
        let equal = VecRows::new(2, [0.5, -1.0].repeat(5_000));
        let members: Vec<u32> = (0..5_000).collect();
        let leaves = all(&equal, members.clone(), true);
        check(&leaves, &members);
        assert!(
            leaves.concat().len() <= FAN * 5_000,
            "not split without end"
        );
        let mut halves = generated(6_000, 2);
        halves.fill(0..4_000, 0.0);
        let members: Vec<u32> = (0..6_000).collect();
        check(&all(&halves, members.clone(), true), &members);
    }
}
