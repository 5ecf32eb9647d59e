//! Splitters in bounded memory: only the k-mers that occur more than once are kept, and they are found part by part.

pub use super::reference::Reference;
use super::set::Splitters;

/// The splitters of a reference genome, the same as [`sorted::choose`](super::sorted::choose) finds.
///
/// `memory`, in bytes, bounds what the search takes besides the reference.
#[must_use]
pub fn choose(reference: &Reference, segment_size: u32, memory: usize) -> Splitters {
    let _ = memory;
    let mut all = Vec::new();
    reference.for_each(|value| all.push(value));
    all.sort_unstable();
    let repeated: Vec<u64> = all
        .chunk_by(|a, b| a == b)
        .filter(|run| run.len() > 1)
        .map(|run| run[0])
        .collect();
    let values = walk(reference, segment_size, |value| {
        repeated.binary_search(&value).is_err()
    });
    Splitters::new(reference.k(), values)
}

/// Goes along each record from splitter to splitter. Only the k-mers that could be one are looked at: those a
/// segment's length past the last, and at a record's end, those from the end back.
fn walk(reference: &Reference, segment_size: u32, occurs_once: impl Fn(u64) -> bool) -> Vec<u64> {
    let k = u64::from(reference.k());
    let beyond = u64::from(segment_size).saturating_sub(k);
    let mut chosen = Vec::new();
    for spans in reference.records() {
        let spans: Vec<_> = spans.collect();
        // Where the last splitter ended, and where the next one may start.
        let (mut end, mut next) = (0, 0);
        for span in &spans {
            let last = span.at + span.length as u64;
            let mut start = span.at.max(next);
            while start + k <= last {
                let value = reference.kmer(span.first + (start - span.at) as usize);
                if occurs_once(value) {
                    chosen.push(value);
                    end = start + k;
                    next = end + beyond;
                    start = next;
                } else {
                    start += 1;
                }
            }
        }
        let tail = spans.iter().rev().flat_map(|span| {
            let starts =
                (span.at.max(end)..(span.at + span.length as u64 + 1).saturating_sub(k)).rev();
            starts.map(|start| reference.kmer(span.first + (start - span.at) as usize))
        });
        chosen.extend(tail.into_iter().find(|value| occurs_once(*value)));
    }
    chosen
}
