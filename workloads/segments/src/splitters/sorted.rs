//! Splitters from one sorted array of all k-mers: eight bytes a base of the reference, and as much again for the set
//! of those that occur once.

use std::collections::HashSet;

use crate::kmer::{Kmer, Roller};

/// The splitters of a reference genome, given as the codes of its records.
///
/// Candidates are the k-mers that occur exactly once; a record gives its first one, then the first after every
/// `segment_size` bases, and its last.
#[must_use]
pub fn choose(records: &[Vec<u8>], k: u32, segment_size: u32) -> HashSet<u64> {
    let candidates = singletons(records, k);
    let mut splitters = HashSet::new();
    for record in records {
        walk(record, k, segment_size, &candidates, &mut splitters);
    }
    splitters
}

fn singletons(records: &[Vec<u8>], k: u32) -> HashSet<u64> {
    let mut values = Vec::new();
    for record in records {
        let mut roller = Roller::new(k);
        let kmers = record.iter().filter_map(|code| roller.push(*code));
        values.extend(kmers.map(|kmer| kmer.value));
    }
    values.sort_unstable();
    let once = values.chunk_by(|a, b| a == b).filter(|run| run.len() == 1);
    once.map(|run| run[0]).collect()
}

fn walk(
    codes: &[u8],
    k: u32,
    segment_size: u32,
    candidates: &HashSet<u64>,
    splitters: &mut HashSet<u64>,
) {
    let mut roller = Roller::new(k);
    let mut recent = Vec::new();
    let mut since = u64::from(segment_size);
    for &code in codes {
        since += 1;
        let Some(Kmer { value, .. }) = roller.push(code) else {
            continue;
        };
        recent.push(value);
        if since >= u64::from(segment_size) && candidates.contains(&value) {
            splitters.insert(value);
            since = 0;
            roller.clear();
            recent.clear();
        }
    }
    splitters.extend(recent.iter().rfind(|value| candidates.contains(value)));
}
