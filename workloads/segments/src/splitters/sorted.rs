//! Splitters from one sorted array of all k-mers: eight bytes a base of the reference, and as much again for the set
//! of those that occur once.

use std::collections::HashSet;

use crate::kmer::{Kmer, Roller};

/// The splitters of a reference genome, given as the codes of its records.
#[must_use]
pub fn choose(records: &[Vec<u8>], k: u32, segment_size: u32) -> HashSet<u64> {
    choose_among(&candidates(records, k), records, k, segment_size)
}

/// The k-mers that occur exactly once in all records.
#[must_use]
pub fn candidates(records: &[Vec<u8>], k: u32) -> HashSet<u64> {
    let mut values = Vec::new();
    for record in records {
        let mut roller = Roller::new(k);
        let kmers = record.iter().filter_map(|code| roller.push(*code));
        values.extend(kmers.map(|kmer| kmer.value));
    }
    values.sort_unstable();
    keep_singletons(&mut values);
    values.into_iter().collect()
}

/// Of sorted values, those that occur once.
fn keep_singletons(values: &mut Vec<u64>) {
    let (mut kept, mut at) = (0, 0);
    while let Some(&value) = values.get(at) {
        let run = values[at..].iter().take_while(|v| **v == value).count();
        if run == 1 {
            values[kept] = value;
            kept += 1;
        }
        at += run;
    }
    values.truncate(kept);
}

/// The splitters among the candidates: a record gives its first one, then the first after every `segment_size` bases,
/// and its last.
#[must_use]
pub fn choose_among(
    candidates: &HashSet<u64>,
    records: &[Vec<u8>],
    k: u32,
    segment_size: u32,
) -> HashSet<u64> {
    let mut splitters = HashSet::new();
    for record in records {
        walk(record, k, segment_size, candidates, &mut splitters);
    }
    splitters
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
