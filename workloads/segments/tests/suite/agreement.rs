//! All implementations, however they call zstd and on however many threads: one archive, which gives the input back.

use std::ops::Range;

use plimsoll_segments::Params;
use proptest::prelude::*;

use crate::golden::SETS;
use crate::runs::{CROSS_REFERENCED, ONE_SHOT, Prepared, agreed};

const ALL: [usize; 4] = [1, 2, 3, 6];

fn has_digest(set: &str, published: &str) {
    assert_eq!(agreed(&Prepared::golden(set), &ALL).logical, published);
}

#[test]
fn toy_has_its_published_digest() {
    has_digest(
        "toy",
        "9aef439799d81048ecb476e247ab53918ae1bce2eb4e06bc5253ac77db0cefe6",
    );
}

#[test]
fn bee_virus_has_its_published_digest() {
    has_digest(
        "bee-virus",
        "af6f325a66c09ecd2af6624f22aff6b3fb5ba4371b46786d78e8632d1ac8b98e",
    );
}

#[test]
fn drb1_has_its_published_digest() {
    has_digest(
        "drb1",
        "c60f3a8e271a2df8250da3dd352aff0a4110080df29290dd4f00da5bacbc4a13",
    );
}

const TINY: &str = "a2df6acbfbaf8dd285f7c2799662a93e20fcbabb295a51d68a519b36988ebb40";

#[test]
fn the_tiny_pangenome_has_its_published_digest() {
    has_digest("synth-tiny", TINY);
}

#[test]
fn the_tiny_pangenome_may_be_generated() {
    let generated = Prepared::new(Params {
        segment_size: 1000,
        ..Params::default()
    });
    for way in ONE_SHOT {
        assert_eq!(generated.run(way, 2).logical, TINY);
    }
}

#[test]
fn lambda_and_mito_agree() {
    agreed(&Prepared::golden("lambda"), &ALL);
    agreed(&Prepared::golden("mito"), &ALL);
}

#[test]
fn lpa_agrees() {
    agreed(&Prepared::golden("lpa"), &ALL);
}

/// What is done to a copy of the ancestor, at a place of it.
#[derive(Debug, Clone)]
enum Change {
    Substitute(usize, u8),
    Delete(usize, usize),
    Insert(usize, Vec<u8>),
    /// Reverse-complemented, from here on.
    Invert(usize),
    /// A new record begins.
    Break(usize),
}

fn bases(count: Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    let base = prop_oneof![
        12 => proptest::sample::select(b"ACGT".to_vec()),
        1 => proptest::sample::select(b"acgtNnRY*\r".to_vec()),
    ];
    prop::collection::vec(base, count)
}

fn change() -> impl Strategy<Value = Change> {
    let at = 0_usize..2000;
    prop_oneof![
        4 => (at.clone(), proptest::sample::select(b"ACGTN".to_vec()))
            .prop_map(|(at, base)| Change::Substitute(at, base)),
        2 => (at.clone(), 1_usize..60).prop_map(|(at, count)| Change::Delete(at, count)),
        2 => (at.clone(), bases(1..60)).prop_map(|(at, bases)| Change::Insert(at, bases)),
        1 => at.clone().prop_map(Change::Invert),
        1 => at.prop_map(Change::Break),
    ]
}

/// A FASTA file of the ancestor with these changes; several records where it was broken.
fn genome(ancestor: &[u8], changes: &[Change], width: usize) -> Vec<u8> {
    let mut records = vec![ancestor.to_vec()];
    for change in changes {
        let last = records.len() - 1;
        let sequence = &mut records[last];
        let place = |at: &usize| at % (sequence.len() + 1);
        match change {
            Change::Substitute(at, base) => {
                let at = place(at);
                sequence.splice(at..(at + 1).min(sequence.len()), [*base]);
            }
            Change::Delete(at, count) => {
                let at = place(at);
                sequence.drain(at..(at + count).min(sequence.len()));
            }
            Change::Insert(at, bases) => {
                let at = place(at);
                sequence.splice(at..at, bases.iter().copied());
            }
            Change::Invert(at) => {
                let at = place(at);
                sequence[at..].reverse();
                for base in &mut sequence[at..] {
                    if let Some(code) = b"ACGT".iter().position(|letter| letter == base) {
                        *base = b"TGCA"[code];
                    }
                }
            }
            Change::Break(at) => {
                let at = place(at);
                let rest = sequence.split_off(at);
                records.push(rest);
            }
        }
    }
    let mut text = Vec::new();
    for (number, record) in records.iter().enumerate() {
        text.extend_from_slice(format!(">record {number}\n").as_bytes());
        for line in record.chunks(width) {
            text.extend_from_slice(line);
            text.extend_from_slice(b"\r\n");
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_small_pangenome_is_one_archive(
        ancestor in bases(0..1500),
        samples in prop::collection::vec(prop::collection::vec(change(), 0..12), 1..6),
        k in 3_u32..12,
        segment_size in 1_u32..120,
        min_match in 16_u32..33,
        pack in 1_u32..5,
        width in 1_usize..90,
        threads in 1_usize..7,
    ) {
        const NAMES: [&str; 5] = ["a.fa", "b.fa", "c.fa", "d.fa", "e.fa"];
        let files = NAMES
            .into_iter()
            .zip(samples.iter().map(|changes| genome(&ancestor, changes, width)));
        let params = Params { k, segment_size, min_match, pack, ..Params::default() };
        agreed(&Prepared::files(files, params), &[threads]);
    }
}

/// An archive of another format: its own digests, but the same on any number of threads, and the same records and
/// counts as all others.
#[test]
fn cross_referenced_archives_give_the_same_records_in_fewer_bytes() {
    for set in SETS {
        let prepared = Prepared::golden(set);
        let first = prepared.run(CROSS_REFERENCED, 1);
        for threads in [2, 3, 6] {
            let made = prepared.run(CROSS_REFERENCED, threads);
            assert_eq!(made, first, "{set} on {threads}");
        }
        let plain = prepared.run(ONE_SHOT[0], 1);
        assert_eq!(first.sizeless(), plain.sizeless(), "{set}");
        // Only references can be stored otherwise.
        let has_groups = plain.count("groups") > 0;
        assert_eq!(first.logical != plain.logical, has_groups, "{set}");
        if set == "synth-tiny" {
            assert!(first.count("archive_bytes") < plain.count("archive_bytes"));
        }
    }
}
