//! Splitters, cuts, orientation, and group numbers of the golden sets; cuts of records in pieces.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use plimsoll_segments::code::{N, code};
use plimsoll_segments::cut::{Cutter, Piece, segments_of};
use plimsoll_segments::fasta::read_all;
use plimsoll_segments::groups::GroupNumbers;
use plimsoll_segments::kmer::{NONE, Roller};
use plimsoll_segments::segment::{End, Key, orient};
use plimsoll_segments::splitters::{Splitters, partitioned, sorted};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::golden::{SETS, directory, samples};
use crate::splitters::reference;

const K: u32 = 21;
const SEGMENT_SIZE: u32 = 1000;

/// The segments of a record whose codes come in pieces of these lengths, in turn.
fn in_pieces(codes: &[u8], cutter: &mut Cutter<'_>, k: u32, lengths: &[usize]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut start, mut front, mut at) = (0, End::NONE, 0);
    cutter.start_record();
    for length in lengths.iter().cycle() {
        let mut piece = &codes[at..(at + length).min(codes.len())];
        while let Some((taken, splitter)) = cutter.scan(piece) {
            (at, piece) = (at + taken, &piece[taken..]);
            let back = End::from(splitter);
            pieces.push(Piece {
                range: start..at,
                front,
                back,
            });
            (start, front) = (at - k as usize, back);
        }
        at += piece.len();
        if at == codes.len() {
            break;
        }
    }
    if at > start + if front == End::NONE { 0 } else { k as usize } {
        pieces.push(Piece {
            range: start..at,
            front,
            back: End::NONE,
        });
    }
    pieces
}

/// All samples' records as codes.
fn coded(set: &str) -> Vec<Vec<Vec<u8>>> {
    let records = |path: &Path| -> Vec<Vec<u8>> {
        let records = read_all(path).unwrap().into_iter();
        let codes = records.map(|record| record.sequence.into_iter().map(code).collect());
        codes.collect()
    };
    samples(set).iter().map(|(_, path)| records(path)).collect()
}

/// The table of a set's segments, as published.
fn table(samples: &[Vec<Vec<u8>>], splitters: &[u64], cut: impl Fn(&[u8]) -> Vec<Piece>) -> String {
    let mut digest = Sha256::new();
    for splitter in splitters {
        digest.update(splitter.to_le_bytes());
    }
    let mut table = format!(
        "# splitters\t{}\t{:x}\n",
        splitters.len(),
        digest.finalize()
    );
    let hex = |value| match value {
        NONE => "-".to_owned(),
        value => format!("{value:x}"),
    };
    let mut numbers = GroupNumbers::default();
    for (sample, records) in samples.iter().enumerate() {
        for (record, codes) in records.iter().enumerate() {
            for (part, piece) in cut(codes).into_iter().enumerate() {
                let (key, turned) = orient(piece.front, piece.back);
                let Key(low, high) = key;
                let before = numbers.len();
                let (number, new) = numbers.number(key);
                assert_eq!(numbers.len(), before + usize::from(new));
                writeln!(
                    table,
                    "{sample}\t{record}\t{part}\t{}\t{}\t{}\t{}\t{}\t{number}",
                    piece.range.start,
                    piece.range.len(),
                    hex(low),
                    hex(high),
                    u8::from(turned),
                )
                .unwrap();
            }
        }
    }
    table
}

#[test]
fn golden_segments_are_those_published() {
    for set in SETS {
        let published = std::fs::read_to_string(directory(set).join("SEGMENTS.tsv")).unwrap();
        let samples = coded(set);

        let chosen = sorted::choose(&samples[0], K, SEGMENT_SIZE);
        let mut ascending: Vec<_> = chosen.iter().copied().collect();
        ascending.sort_unstable();
        let whole = table(&samples, &ascending, |codes| {
            segments_of(codes, K, |value| chosen.contains(&value))
        });
        assert_eq!(whole, published, "{set}: sorted, whole records");

        for memory in [1 << 14, 1 << 16, 8 << 20] {
            let chosen =
                partitioned::choose(&reference(&samples[0], K, &[997]), SEGMENT_SIZE, memory);
            let pieces = table(&samples, chosen.values(), |codes| {
                in_pieces(codes, &mut Cutter::new(K, &chosen), K, &[1000, 1, 77])
            });
            assert_eq!(
                pieces, published,
                "{set}: partitioned in {memory} bytes, in pieces"
            );
        }
    }
}

#[test]
fn empty_and_short_records_are_no_segment_and_one() {
    let chosen = Splitters::new(5, [27]);
    for codes in [&[][..], &[0, 1, 2], &[N; 9]] {
        let expected = if codes.is_empty() { 0 } else { 1 };
        let whole = segments_of(codes, 5, |value| chosen.contains(value));
        assert_eq!(whole.len(), expected);
        assert_eq!(
            in_pieces(codes, &mut Cutter::new(5, &chosen), 5, &[2]),
            whole
        );
    }
}

#[test]
fn a_record_that_ends_with_its_splitter_has_no_rest() {
    // The splitter is AACGT's value; its reverse complement, ACGTT, is larger.
    let splitter = [0, 0, 1, 2, 3];
    let value = 0b00_00_01_10_11;
    let ends = |codes: &[u8]| -> Vec<_> {
        let pieces = segments_of(codes, 5, |other| other == value);
        let ends = |piece: &Piece| (piece.range.start, piece.range.end);
        pieces.iter().map(ends).collect()
    };
    assert_eq!(ends(&splitter), [(0, 5)]);
    assert_eq!(ends(&[&[2, 2][..], &splitter].concat()), [(0, 7)]);
    assert_eq!(ends(&[&splitter[..], &[2]].concat()), [(0, 5), (0, 6)]);
    assert_eq!(ends(&[&splitter[..], &[N]].concat()), [(0, 5), (0, 6)]);
    assert_eq!(ends(&[&[N][..], &splitter].concat()), [(0, 6)]);
    // Two in a row: the second one's segment is both, without a base between them.
    assert_eq!(ends(&[splitter, splitter].concat()), [(0, 5), (0, 10)]);
}

#[test]
fn a_segment_between_two_of_the_same_splitter_is_turned_by_its_front() {
    let splitter = [0, 0, 1, 2, 3];
    let turned = [0, 1, 2, 3, 3];
    let contains = |value| value == 0b00_00_01_10_11;
    for (front, turns) in [(splitter, false), (turned, true)] {
        let codes = [&front[..], &[2, 2, 2], &splitter].concat();
        let pieces = segments_of(&codes, 5, contains);
        assert_eq!(pieces[1].range, 0..13);
        let (key, turned) = orient(pieces[1].front, pieces[1].back);
        assert_eq!((key.0, key.1, turned), (27, 27, turns));
    }
}

fn codes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![60 => 0_u8..4, 1 => Just(N)], 0..600)
}

proptest! {
    #[test]
    fn pieces_of_any_length_are_cut_like_the_whole(
        k in 3_u32..=32,
        record in codes(),
        other in codes(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        lengths in prop::collection::vec(1_usize..90, 1..6),
        others in prop_oneof![0_u64..4, Just(3_000)],
    ) {
        // Splitters of the record itself, so that there are cuts, and others, at times so many that the set is a large one.
        let mut roller = Roller::new(k);
        let kmers = record.iter().filter_map(|code| roller.push(*code));
        let every: Vec<_> = kmers.map(|kmer| kmer.value).collect();
        let spread = |number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (65 - 2 * k);
        let strangers = (0..others).map(spread);
        let own = places.iter().filter(|_| !every.is_empty()).map(|place| *place.get(&every));
        let chosen = Splitters::new(k, own.chain(strangers));
        let mut cutter = Cutter::new(k, &chosen);
        for codes in [&record, &other, &record] {
            let whole = segments_of(codes, k, |value| chosen.contains(value));
            prop_assert_eq!(in_pieces(codes, &mut cutter, k, &lengths), whole);
        }
    }

    #[test]
    fn a_set_contains_what_it_was_made_of(
        k in 3_u32..=32,
        values in prop::collection::vec(any::<u64>(), 0..3000),
        others in prop::collection::vec(any::<u64>(), 0..100),
    ) {
        let mask = u64::MAX >> (64 - 2 * k);
        let values: Vec<_> = values.iter().map(|value| value & mask).collect();
        let set = Splitters::new(k, values.iter().copied());
        let sorted: BTreeSet<_> = values.into_iter().collect();
        prop_assert!(set.values().iter().eq(&sorted));
        prop_assert_eq!(set.len(), sorted.len());
        for value in sorted.iter().copied().chain(others).chain([0, mask]) {
            prop_assert_eq!(set.contains(value), sorted.contains(&value), "{}", value);
        }
    }
}
