//! The repeated k-mers of a reference, found bucket by bucket.
//!
//! One roll over the reference counts the k-mers of each bucket, a range of hashes. Then as many buckets as there is
//! room for are filled at a time, each k-mer by a remainder of its hash, and searched while they are in cache.

use std::ops::{Range, RangeInclusive};

use super::hash::Hash;
use super::remainder::{Remainder, repeated};
use super::repeats::Repeats;
use super::sweep::Sweep;
use crate::splitters::Reference;

/// K-mers of a bucket, about: few enough to be searched in the first-level cache.
const BUCKET: usize = 256;

/// Most bits of a bucket's number.
const BUCKET_BITS: u32 = 16;

/// Bytes of a bucket besides its k-mers: how many there are, where they start, where they end.
const PER_BUCKET: usize = 3 * size_of::<u32>();

/// Finds all repeats. Takes `memory` bytes besides what `repeats` takes, or the few kilobytes it cannot do without.
pub(super) fn find(reference: &Reference, hash: Hash, memory: usize, repeats: &mut Repeats<'_>) {
    // At most an eighth of the memory is for the buckets themselves.
    let most = (memory / 8 / PER_BUCKET).max(1);
    let most = most.ilog2().min(BUCKET_BITS);
    let wanted = (reference.kmers() / BUCKET).max(1).ilog2();
    // So many bits that four bytes are enough for the rest, if that can be.
    let four_bytes = hash.bits.saturating_sub(32);
    let bucket_bits = wanted.max(four_bytes).min(most).clamp(1, hash.bits - 1);
    let buckets = Buckets {
        reference,
        hash,
        rest: hash.bits - bucket_bits,
    };
    let room = memory.saturating_sub(PER_BUCKET << bucket_bits);
    if buckets.rest <= 32 {
        buckets.search::<u32>(room, repeats);
    } else {
        buckets.search::<u64>(room, repeats);
    }
}

#[derive(Clone, Copy)]
struct Buckets<'a> {
    reference: &'a Reference,
    hash: Hash,
    /// Bits of a hash that its bucket does not tell.
    rest: u32,
}

impl Buckets<'_> {
    fn search<R: Remainder>(self, room: usize, repeats: &mut Repeats<'_>) {
        let counts = self.count();
        let room = (room / size_of::<R>()).clamp(64, u32::MAX as usize);
        let parts = parts(&counts, room);
        let largest = parts.iter().map(|part| held(&counts[part.clone()])).max();
        let mut filled = vec![R::default(); largest.unwrap_or(0).min(room)];
        for part in parts {
            if held(&counts[part.clone()]) <= filled.len() {
                self.part(part, &counts, &mut filled, repeats);
            } else {
                self.sweep(part.start as u64, &mut filled, repeats);
            }
        }
    }

    /// What a bucket's number does not tell.
    fn mask(self) -> u64 {
        (1 << self.rest) - 1
    }

    /// How many k-mers each bucket has.
    fn count(self) -> Vec<u32> {
        let mut counts = vec![0_u32; 1 << (self.hash.bits - self.rest)];
        self.reference.for_each(|_, value| {
            let count = &mut counts[(self.hash.of(value) >> self.rest) as usize];
            *count = count.saturating_add(1);
        });
        counts
    }

    /// Finds the repeats in a range of buckets for which there is room.
    fn part<R: Remainder>(
        self,
        part: Range<usize>,
        counts: &[u32],
        filled: &mut [R],
        repeats: &mut Repeats<'_>,
    ) {
        let low = (part.start as u64) << self.rest;
        let high = (part.end as u64 - 1) << self.rest | self.mask();
        let starts: Vec<u32> = counts[part.clone()]
            .iter()
            .scan(0, |end, count| Some(std::mem::replace(end, *end + count)))
            .collect();
        let mut ends = starts.clone();
        self.fill(low..=high, &mut ends, filled);

        let mut table = Vec::new();
        let mut count = 0;
        for (start, end) in starts.iter().zip(&mut ends) {
            let bucket = &mut filled[*start as usize..*end as usize];
            let again = repeated(bucket, self.rest, &mut table);
            *end = start + again as u32;
            count += again;
        }

        let of_bucket = |bucket: usize| &filled[starts[bucket] as usize..ends[bucket] as usize];
        let hashes = (0..part.len()).flat_map(|bucket| {
            let above = low + ((bucket as u64) << self.rest);
            of_bucket(bucket)
                .iter()
                .map(move |rest| above | rest.value())
        });
        repeats.add(&(low..=high), count, hashes, |hash| {
            let bucket = of_bucket(((hash - low) >> self.rest) as usize);
            bucket.binary_search(&R::new(hash & self.mask())).is_ok()
        });
    }

    /// Puts the k-mers of a range of hashes into buckets: each at its bucket's end, which it moves.
    fn fill<R: Remainder>(self, range: RangeInclusive<u64>, ends: &mut [u32], filled: &mut [R]) {
        let (low, width) = (*range.start(), range.end() - range.start());
        let in_range = |_, value| {
            let above = self.hash.of(value).wrapping_sub(low);
            (above, above <= width)
        };
        self.reference.gather(in_range, |hashes| {
            for &hash in hashes {
                let end = &mut ends[(hash >> self.rest) as usize];
                filled[*end as usize] = R::new(hash & self.mask());
                *end += 1;
            }
        });
    }

    /// Finds the repeats in a bucket for which there is no room, in as many turns as it takes.
    fn sweep<R: Remainder>(self, bucket: u64, filled: &mut [R], repeats: &mut Repeats<'_>) {
        let above = bucket << self.rest;
        let mut low = 0;
        loop {
            let mut sweep = Sweep::new(filled, low, self.mask());
            self.reference.for_each(|_, value| {
                let hash = self.hash.of(value);
                if hash >> self.rest == bucket {
                    sweep.push(hash & self.mask());
                }
            });
            let (upper, taken) = sweep.finish();
            let again = repeated(taken, self.rest, &mut Vec::new());
            let taken = &taken[..again];
            let hashes = taken.iter().map(|rest| above | rest.value());
            repeats.add(&(above | low..=above | upper), again, hashes, |hash| {
                taken.binary_search(&R::new(hash & self.mask())).is_ok()
            });
            if upper == self.mask() {
                return;
            }
            low = upper + 1;
        }
    }
}

/// Ranges of buckets of at most `room` k-mers; a bucket that has more is one by itself.
fn parts(counts: &[u32], room: usize) -> Vec<Range<usize>> {
    // No larger than it takes to be done in the same number of parts, with a margin for what buckets differ.
    let all = held(counts);
    let share = all / all.div_ceil(room).max(1);
    let room = room.min(share + share / 64);
    let mut parts = Vec::new();
    let (mut start, mut held) = (0, 0);
    for (bucket, &count) in counts.iter().enumerate() {
        let count = count as usize;
        if held > 0 && held + count > room {
            parts.push(start..bucket);
            held = 0;
        }
        if held == 0 {
            start = bucket;
        }
        held += count;
    }
    if held > 0 {
        parts.push(start..counts.len());
    }
    parts
}

/// How many k-mers buckets have.
fn held(counts: &[u32]) -> usize {
    counts.iter().map(|count| *count as usize).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_cover_all_that_is_there_and_have_room(
            counts in prop::collection::vec(prop_oneof![0_u32..4, 0_u32..100], 0..80),
            room in 1_usize..300,
        ) {
            let parts = parts(&counts, room);
            let all: usize = parts.iter().map(|part| held(&counts[part.clone()])).sum();
            prop_assert_eq!(all, held(&counts));
            prop_assert!(parts.iter().is_sorted_by(|a, b| a.end <= b.start));
            for part in parts {
                let held = held(&counts[part.clone()]);
                prop_assert!(held > 0);
                prop_assert!(held <= room || part.len() == 1, "{:?} holds {}", part, held);
            }
        }
    }
}
