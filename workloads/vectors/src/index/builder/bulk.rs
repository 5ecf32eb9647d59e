//! Building the graph from leaves: small groups of vectors near one another, in which every distance is computed.
//!
//! A walk reads the codes of a vector from memory for every distance. Within a leaf four vectors are held against four
//! others at a time, out of the cache, which takes a tenth of that. The leaves overlap, so that what is near but fell
//! into different leaves is together in another one; and to link regions, and not only neighbours, random halves of
//! the vectors are split into leaves of their own, and halves of those, until one leaf takes what is left.
//!
//! That groups of near vectors make a graph, when each chooses within several of them and joins what it chose, is the
//! idea of HCNNG (Muñoz, Gonçalves, Dias and Torres, *Hierarchical Clustering-Based Graphs for Large Scale Approximate
//! Nearest Neighbor Search*, 2019). What is our own: choices go by the rule of diversity over a whole leaf, random
//! halves stand for the early insertions of HNSW, and nothing depends on who does what.

mod back;
mod leaf;
mod route;
mod table;
mod tree;

use super::spread::spread;
use super::worker::{Shares, Worker, write};
use super::{Standing, repair};
use crate::index::account::{Held, Part};
use crate::index::codes::Codes;
use crate::index::columns::with_room;
use crate::index::levels::mix;
use crate::index::links::Growing;
use crate::index::threads::Threads;
use crate::index::{Counters, IndexError, Params};

use leaf::{Chooser, Chosen};
use tree::Tree;

pub(in crate::index) use back::{Back, SORTED};
pub(in crate::index) use leaf::MOST_CHOSEN;
pub(in crate::index) use table::table_bytes;
pub(in crate::index) use tree::{FAN, FAN_BELOW, MOST_IN_LEAF};

/// Leaves that are worked on together: what was chosen in them waits until it is joined in their order.
pub(in crate::index) const LEAVES_AT_A_TIME: usize = 64;
/// Vectors that choose together among what they chose in leaves.
pub(in crate::index) const CHOICES_AT_A_TIME: usize = 4096;
/// Vectors that one thread takes of these at a time: neighbours, whose codes it then has in its cache.
const CHOICES_TAKEN: usize = 64;

/// Links all vectors of `codes` in `graph`, which has room for them and no links. `progress` is told now and then how
/// many are in: halfway when they have been in a leaf, wholly when they have chosen.
pub(in crate::index) fn build(
    codes: Codes<'_>,
    graph: Growing,
    params: Params,
    threads: &Threads,
    progress: &mut dyn FnMut(u64),
) -> Result<(Growing, Standing), IndexError> {
    let len = codes.len();
    let count = threads.current_num_threads();
    let workers = (0..count).map(|_| Worker::new(len, params));
    let workers: Vec<_> = workers.collect::<Result<_, _>>()?;
    let most = len.min(MOST_IN_LEAF);
    let choosers = (0..count).map(|_| Chooser::new(most));
    let mut bulk = Bulk {
        codes,
        graph,
        params,
        threads,
        shares: Shares::of(&workers, threads),
        _tables: threads.hold(Part::Threads, count * table_bytes(most)),
        workers,
        choosers: choosers.collect::<Result<_, _>>()?,
        routed: 0,
    };
    let levels = bulk.graph.links().levels;
    let top = levels.iter().copied().max().unwrap_or(0);
    let entry = levels.iter().position(|level| *level == top).unwrap_or(0) as u32;
    for level in (1..=top).rev() {
        bulk.link(level, &mut |_| ())?;
    }
    bulk.link(0, progress)?;
    // What is left of a build that was stuck is not to be repaired.
    threads.moving()?;
    bulk.finish(entry, top)
}

/// A graph on its way, and who builds it.
struct Bulk<'a> {
    codes: Codes<'a>,
    graph: Growing,
    params: Params,
    threads: &'a Threads,
    workers: Vec<Worker>,
    shares: Shares,
    choosers: Vec<Chooser>,
    _tables: Held,
    /// Distances to pivots that were computed.
    routed: u64,
}

impl Bulk<'_> {
    /// Links the vectors that are on `level`, there.
    fn link(&mut self, level: u8, progress: &mut dyn FnMut(u64)) -> Result<(), IndexError> {
        let order = self.choose_in_leaves(level, progress)?;
        let mut done = order.len() / 2;
        for ids in order.chunks(CHOICES_AT_A_TIME) {
            self.choose_again(level, ids);
            done += ids.len().div_ceil(2);
            progress(done.min(order.len()) as u64);
        }
        back::link_back(self, level, &order)
    }

    /// Gives each vector that is on `level` what it chooses in each leaf it is in, as far as there is room. The
    /// vectors as they come in leaves: neighbours next to one another, each once.
    fn choose_in_leaves(
        &mut self,
        level: u8,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<u32>, IndexError> {
        let len = self.codes.len();
        let on_level = |graph: &Growing| {
            let levels = graph.links().levels.iter();
            levels.filter(|own| **own >= level).count()
        };
        let mut order = with_room("vectors in the order of leaves", on_level(&self.graph))?;
        let mut placed = with_room("a set of vectors", len)?;
        placed.resize(len, false);
        let placing = len + order.capacity() * size_of::<u32>();
        let mut held = self.threads.hold(Part::Leaves, placing);
        for halvings in 0.. {
            let members = self.members(level, halvings)?;
            let last = members.len() <= MOST_IN_LEAF;
            if halvings > 0 {
                self.make_room(level, &members)?;
            }
            let seed = mix(self.params.level_seed ^ u64::from(halvings) << 8 ^ u64::from(level));
            let mut tree = Tree::new(members, halvings == 0, seed);
            held.set(placing + tree.bytes());
            loop {
                let leaves = tree.leaves(&self.codes, self.threads, LEAVES_AT_A_TIME)?;
                if leaves.is_empty() {
                    break;
                }
                let taken: usize = leaves.iter().map(Vec::capacity).sum();
                held.set(placing + tree.bytes() + taken * size_of::<u32>());
                self.choose_in(level, &leaves);
                for id in leaves.iter().flatten() {
                    if !std::mem::replace(&mut placed[*id as usize], true) {
                        order.push(*id);
                    }
                }
                progress(order.len() as u64 / 2);
            }
            self.routed += tree.evaluations;
            if last {
                break;
            }
        }
        Ok(order)
    }

    /// Lets those of `members` that have used two thirds of their room choose again: who is in many halves has the links that
    /// lead furthest, and would have no room for them.
    fn make_room(&mut self, level: u8, members: &[u32]) -> Result<(), IndexError> {
        let (links, room) = (self.graph.links(), self.graph.room(level));
        let is_crowded = |id: &&u32| links.of(**id, level).len() > room - room / 3;
        let count = members.iter().filter(is_crowded).count();
        let mut crowded = with_room("vectors with many links", count)?;
        crowded.extend(members.iter().filter(is_crowded));
        for ids in crowded.chunks(CHOICES_AT_A_TIME) {
            self.choose_again(level, ids);
        }
        Ok(())
    }

    /// The vectors on `level`, or a random half of them, or a half of that half.
    fn members(&self, level: u8, halvings: u32) -> Result<Vec<u32>, IndexError> {
        let seed = mix(!self.params.level_seed);
        let levels = self.graph.links().levels;
        let is_member = |(id, own): &(u32, &u8)| {
            let hash = mix(seed.wrapping_add(u64::from(*id)));
            **own >= level && hash.trailing_zeros() >= halvings
        };
        let count = (0..).zip(levels).filter(is_member).count();
        let mut members = with_room("vectors of a level", count)?;
        members.extend((0..).zip(levels).filter(is_member).map(|(id, _)| id));
        Ok(members)
    }

    /// Has the vectors of these leaves choose in them, and adds what they chose to their links, in the order of leaves.
    fn choose_in(&mut self, level: u8, leaves: &[Vec<u32>]) {
        let most = leaf::most_chosen(self.graph.room(level));
        let codes = &self.codes;
        spread(
            self.threads,
            &mut self.choosers,
            leaves.len(),
            |chooser, at| chooser.choose(codes, at, &leaves[at], most),
        );
        let choosers = self.choosers.iter_mut();
        let mut chosen: Vec<_> = choosers
            .flat_map(|chooser| chooser.done.drain(..))
            .collect();
        let bytes = chosen.iter().map(Chosen::bytes).sum();
        let _held = self.threads.hold(Part::Leaves, bytes);
        chosen.sort_unstable_by_key(|chosen| chosen.leaf);
        for chosen in chosen {
            for (id, links) in leaves[chosen.leaf].iter().zip(chosen.lists()) {
                for link in links {
                    if !self.graph.links().of(*id, level).contains(link) {
                        self.graph.add(*id, level, *link);
                    }
                }
            }
        }
    }

    /// Lets these vectors choose at most M of all that they chose in leaves.
    fn choose_again(&mut self, level: u8, ids: &[u32]) {
        let (codes, links, most) = (&self.codes, self.graph.links(), self.params.m);
        self.workers.iter_mut().for_each(Worker::clear);
        let tasks = ids.len().div_ceil(CHOICES_TAKEN);
        spread(self.threads, &mut self.workers, tasks, |worker, at| {
            let first = at * CHOICES_TAKEN;
            for id in &ids[first..ids.len().min(first + CHOICES_TAKEN)] {
                worker.choose_among(codes, *id, level, links.of(*id, level), most);
            }
        });
        self.shares.look(&self.workers);
        write(&self.workers, &mut self.graph);
    }

    /// Links to what cannot be reached, and counts.
    fn finish(mut self, entry: u32, top: u8) -> Result<(Growing, Standing), IndexError> {
        let _held = (self.threads).hold(Part::Repair, repair::bytes(self.codes.len()));
        if let Some(worker) = self.workers.first_mut() {
            repair::repair(&self.codes, &mut self.graph, worker, entry, self.params)?;
        }
        let in_leaves: u64 = self
            .choosers
            .iter()
            .map(|chooser| chooser.evaluations)
            .sum();
        let walked: u64 = self.workers.iter().map(Worker::walked).sum();
        let counts = self.graph.links().counts.iter();
        let counters = Counters {
            inserted: self.codes.len() as u64,
            evaluations: self.routed + in_leaves + walked,
            selections: self.workers.iter().map(Worker::selected).sum(),
            hops: self.workers.iter().map(Worker::hops).sum(),
            links: counts.map(|count| u64::from(*count)).sum(),
        };
        let standing = Standing {
            entry,
            top,
            counters,
        };
        Ok((self.graph, standing))
    }
}
