//! Choosing splitters along the reference.

use super::buckets::find;
use super::hash::Hash;
use super::repeats::Repeats;
use crate::splitters::{Reference, Splitters};

/// The splitters of a reference genome, the same as [`sorted::choose`](crate::splitters::sorted::choose) finds.
///
/// `memory`, in bytes, bounds what the search takes besides the reference, except that it takes up to 64 KiB in
/// any case, and one bit a base more where repeated k-mers fill a sixteenth of it. The less memory, the more often the
/// reference is gone through. All is given back before this returns.
#[must_use]
pub fn choose(reference: &Reference, segment_size: u32, memory: usize) -> Splitters {
    let hash = Hash::new(reference.k());
    let listed = memory / 16;
    let mut repeats = Repeats::new(reference, hash, (listed / size_of::<u64>()).max(64));
    find(reference, hash, memory - listed, &mut repeats);
    let chosen = walk(reference, segment_size, |first| !repeats.contain(first));
    Splitters::new(reference.k(), chosen)
}

/// Goes along each record from splitter to splitter. Only the k-mers that could be one are looked at: those from a
/// segment's length past the last on, and at a record's end, those from the end back.
fn walk(reference: &Reference, segment_size: u32, occurs_once: impl Fn(usize) -> bool) -> Vec<u64> {
    let k = u64::from(reference.k());
    let beyond = u64::from(segment_size).saturating_sub(k);
    let mut chosen = Vec::new();
    for spans in reference.records() {
        // Where the last splitter ended, and where the next one may start.
        let (mut end, mut next) = (0, 0);
        for span in spans.clone() {
            let mut start = span.at.max(next);
            while start + k <= span.end() {
                let first = span.base(start);
                if occurs_once(first) {
                    chosen.push(reference.kmer(first));
                    end = start + k;
                    next = end + beyond;
                    start = next;
                } else {
                    start += 1;
                }
            }
        }
        let last = spans.rev().find_map(|span| {
            let starts = (span.at.max(end)..(span.end() + 1).saturating_sub(k)).rev();
            starts
                .map(|start| span.base(start))
                .find(|first| occurs_once(*first))
        });
        chosen.extend(last.map(|first| reference.kmer(first)));
    }
    chosen
}
