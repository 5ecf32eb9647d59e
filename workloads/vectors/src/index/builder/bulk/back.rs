//! The links back: whoever is chosen links to those who chose it.

use std::ops::Range;

use super::Bulk;
use crate::index::IndexError;
use crate::index::account::Part;
use crate::index::builder::batch::MOST_CROWDED;
use crate::index::builder::spread::spread;
use crate::index::builder::worker::{Worker, write};
use crate::index::columns::{reserve, with_room};

/// Links that are brought into the order of their targets at a time: half as many are meant to be, for not every
/// vector is chosen as often as others.
pub(in crate::index) const SORTED: usize = 1 << 19;

/// A link on its way: who was chosen, and who chose.
pub(in crate::index) type Back = (u32, u32);

/// Gives each vector that was chosen on `level` links to those that chose it, where there is room for them, and lets
/// it choose anew where there is not. `order` are all vectors of the level, which have the links they chose.
pub(super) fn link_back(bulk: &mut Bulk<'_>, level: u8, order: &[u32]) -> Result<(), IndexError> {
    // What is added to a list behind these is not what its vector chose.
    let mut chosen = with_room("links of each vector", order.len())?;
    let links = bulk.graph.links();
    chosen.extend(order.iter().map(|id| links.of(*id, level).len() as u8));
    let count: usize = chosen.iter().map(|count| usize::from(*count)).sum();
    let len = bulk.codes.len();
    let parts = count.div_ceil(SORTED / 2);
    let mut back = with_room("links back", count.min(SORTED))?;
    let mut held = bulk.threads.hold(Part::Batch, 0);
    for part in 0..parts {
        // No overflow: there are less than 2^31 vectors, and fewer parts.
        let targets = (len * part / parts) as u32..(len * (part + 1) / parts) as u32;
        back.clear();
        gather(bulk, level, order, &chosen, &targets, &mut back)?;
        held.set(chosen.capacity() + back.capacity() * size_of::<Back>());
        back.sort_unstable();
        add(bulk, level, &back);
    }
    Ok(())
}

/// Adds the links to these targets to `back`.
fn gather(
    bulk: &Bulk<'_>,
    level: u8,
    order: &[u32],
    chosen: &[u8],
    targets: &Range<u32>,
    back: &mut Vec<Back>,
) -> Result<(), IndexError> {
    let links = bulk.graph.links();
    for (id, chosen) in order.iter().zip(chosen) {
        // A list that overflowed in a part before this one was chosen anew, and may be shorter by now.
        let own = links.of(*id, level);
        let own = &own[..own.len().min(usize::from(*chosen))];
        let to_these = own.iter().filter(|target| targets.contains(target));
        if back.capacity() - back.len() < own.len() {
            reserve("links back", back, back.len().max(own.len()))?;
        }
        back.extend(to_these.map(|target| (*target, *id)));
    }
    Ok(())
}

/// Adds links back, which are in order, to the lists of their targets.
fn add(bulk: &mut Bulk<'_>, level: u8, back: &[Back]) {
    let mut crowded = Vec::with_capacity(MOST_CROWDED);
    for group in back.chunk_by(|a, b| a.0 == b.0) {
        let target = group[0].0;
        let links = bulk.graph.links().of(target, level);
        // Two that chose each other are linked already.
        let new = group.iter().map(|(_, source)| *source);
        let mut new: Vec<u32> = new.filter(|source| !links.contains(source)).collect();
        if links.len() + new.len() > bulk.graph.room(level) {
            new.extend_from_slice(links);
            crowded.push((target, new));
            if crowded.len() == MOST_CROWDED {
                choose_again(bulk, level, &crowded);
                crowded.clear();
            }
            continue;
        }
        for source in new {
            bulk.graph.add(target, level, source);
        }
    }
    choose_again(bulk, level, &crowded);
}

/// Lets these vectors choose among links that there is no room for. A quarter of the room is left free, as it is when
/// they come in batches.
fn choose_again(bulk: &mut Bulk<'_>, level: u8, crowded: &[(u32, Vec<u32>)]) {
    let room = bulk.graph.room(level);
    let codes = &bulk.codes;
    bulk.workers.iter_mut().for_each(Worker::clear);
    spread(
        bulk.threads,
        &mut bulk.workers,
        crowded.len(),
        |worker, at| {
            let (id, links) = &crowded[at];
            worker.choose_among(codes, *id, level, links, room - room / 4);
        },
    );
    bulk.shares.look(&bulk.workers);
    write(&bulk.workers, &mut bulk.graph);
}
