//! Which splitters are chosen: both ways against the rule as it is written.

use std::collections::{BTreeSet, HashMap};

use plimsoll_segments::code::{N, reverse_complement};
use plimsoll_segments::splitters::{Reference, partitioned, sorted};
use proptest::prelude::*;

use crate::largest::held_while_running;

/// A reference genome of these records, which come in pieces of these lengths, in turn.
pub(crate) fn reference(records: &[Vec<u8>], k: u32, lengths: &[usize]) -> Reference {
    let mut reference = Reference::new(k);
    let mut lengths = lengths.iter().cycle();
    for record in records {
        reference.begin_record();
        let mut rest = &record[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(*lengths.next().unwrap()));
            reference.push(piece);
            rest = after;
        }
    }
    reference
}

/// The canonical value of a window, unless it has an N.
fn canonical(window: &[u8]) -> Option<u64> {
    let value = |codes: &[u8]| codes.iter().fold(0, |v, code| v << 2 | u64::from(*code));
    let mut turned = window.to_vec();
    reverse_complement(&mut turned);
    (!window.contains(&N)).then(|| value(window).min(value(&turned)))
}

/// The rule, step by step, window by window.
fn by_the_rule(records: &[Vec<u8>], k: u32, segment_size: u32) -> BTreeSet<u64> {
    let (k, segment_size) = (k as usize, segment_size as usize);
    let mut counts: HashMap<u64, u32> = HashMap::new();
    for value in records
        .iter()
        .flat_map(|r| r.windows(k).filter_map(canonical))
    {
        *counts.entry(value).or_default() += 1;
    }
    let mut splitters = BTreeSet::new();
    for record in records {
        let (mut since, mut emptied) = (None, 0);
        let mut recent = Vec::new();
        for end in 1..=record.len() {
            since = since.map(|since: usize| since + 1);
            let Some(start) = end.checked_sub(k).filter(|start| *start >= emptied) else {
                continue;
            };
            let Some(value) = canonical(&record[start..end]) else {
                continue;
            };
            recent.push(value);
            if since.is_none_or(|since| since >= segment_size) && counts[&value] == 1 {
                splitters.insert(value);
                (since, emptied) = (Some(0), end);
                recent.clear();
            }
        }
        splitters.extend(recent.iter().rev().find(|value| counts[value] == 1));
    }
    splitters
}

fn check(
    records: &[Vec<u8>],
    k: u32,
    segment_size: u32,
    memory: usize,
    lengths: &[usize],
) -> Result<(), TestCaseError> {
    let expected = by_the_rule(records, k, segment_size);
    let chosen: BTreeSet<_> = sorted::choose(records, k, segment_size)
        .into_iter()
        .collect();
    prop_assert_eq!(&chosen, &expected, "sorted");
    let chosen = partitioned::choose(&reference(records, k, lengths), segment_size, memory);
    prop_assert!(chosen.values().iter().eq(&expected), "partitioned");
    Ok(())
}

/// A record of stretches: new bases, one base over and over, Ns, or a copy (perhaps turned) of what came before.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let stretch = prop_oneof![
        4 => prop::collection::vec(0_u8..4, 1..120).prop_map(|codes| (codes, false)),
        1 => (0_u8..4, 1_usize..300).prop_map(|(code, n)| (vec![code; n], false)),
        1 => (0_u8..4, 0_u8..4, 1_usize..100).prop_map(|(a, b, n)| ([a, b].repeat(n), false)),
        1 => (1_usize..40).prop_map(|n| (vec![N; n], false)),
        2 => prop::collection::vec(0_u8..4, 1..2).prop_map(|codes| (codes, true)),
    ];
    prop::collection::vec(
        (stretch, any::<prop::sample::Index>(), any::<bool>()),
        0..12,
    )
    .prop_map(|stretches| {
        let mut codes = Vec::new();
        for ((new, copy), place, turn) in stretches {
            if copy && !codes.is_empty() {
                let from = place.index(codes.len());
                let mut again: Vec<u8> = codes[from..].iter().copied().take(150).collect();
                if turn {
                    reverse_complement(&mut again);
                }
                codes.extend(again);
            }
            codes.extend(new);
        }
        codes
    })
}

proptest! {
    #[test]
    fn both_ways_follow_the_rule(
        k in prop_oneof![3_u32..=32, Just(4), Just(32), Just(21)],
        segment_size in prop_oneof![1_u32..40, 40_u32..400],
        memory in prop_oneof![0_usize..4096, Just(1 << 20)],
        records in prop::collection::vec(record(), 0..5),
        lengths in prop::collection::vec(1_usize..90, 1..6),
    ) {
        check(&records, k, segment_size, memory, &lengths)?;
    }
}

#[test]
fn references_without_candidates_have_no_splitters() {
    let none: [&[Vec<u8>]; 4] = [
        &[],
        &[vec![]],
        &[vec![0, 1, 2, 3], vec![N; 50]],
        &[vec![0; 5000], vec![3; 5000]],
    ];
    for records in none {
        check(records, 21, 100, 0, &[7]).unwrap();
        assert!(by_the_rule(records, 21, 100).is_empty());
    }
}

#[test]
fn the_search_keeps_to_its_memory_whatever_repeats() {
    const BASES: usize = 200_000;
    let mut state = 1_u64;
    let mut base = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 62) as u8
    };
    let random: Vec<u8> = (0..BASES).map(|_| base()).collect();
    let half = &random[..BASES / 2];
    let genomes = [
        ("nothing", vec![random.clone()]),
        ("all", vec![half.to_vec(), half.to_vec()]),
        ("one k-mer", vec![[half, &[0; BASES / 2]].concat()]),
        (
            "four k-mers",
            vec![[half, &[0, 0, 1, 3].repeat(BASES / 8)].concat()],
        ),
    ];
    for (repeated, records) in genomes {
        for k in [21, 32] {
            let reference = reference(&records, k, &[8192]);
            let expected = partitioned::choose(&reference, 1000, 64 << 20);
            for memory in [64 << 10, 256 << 10] {
                let mut chosen = None;
                let held = held_while_running(|| {
                    chosen = Some(partitioned::choose(&reference, 1000, memory));
                });
                assert_eq!(chosen.unwrap().values(), expected.values());
                // A bit a base where much is repeated; the scratch of a bucket and the set itself.
                let bound = memory + BASES / 8 + (96 << 10);
                assert!(
                    held <= bound,
                    "{repeated} repeated, k {k}: {held} bytes held of {bound}"
                );
            }
        }
    }
}
