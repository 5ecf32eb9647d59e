//! Archives give back what was put into them.

use std::convert::Infallible;
use std::path::Path;

use plimsoll_segments::archive::{Archive, DecompressError, Format, RecordSink, digest};
use plimsoll_segments::fasta::Record;

use proptest::prelude::*;

use crate::cases::turned;
use crate::compressor::{Sample, compress, compress_as, kinds, read, sample, settings};
use crate::golden;

/// Keeps what an archive gives back.
#[derive(Debug, Default)]
pub(crate) struct Collect(pub(crate) Vec<Sample>);

impl RecordSink for Collect {
    type Error = Infallible;

    fn sample(&mut self, name: &[u8]) -> Result<(), Infallible> {
        self.0.push((name.to_vec(), Vec::new()));
        Ok(())
    }

    fn record(&mut self, header: &[u8]) -> Result<(), Infallible> {
        let header = header.to_vec();
        let sequence = Vec::new();
        self.0
            .last_mut()
            .unwrap()
            .1
            .push(Record { header, sequence });
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        let record = self.0.last_mut().unwrap().1.last_mut().unwrap();
        record.sequence.extend_from_slice(bytes);
        Ok(())
    }
}

/// What the archive at `path` holds.
pub(crate) fn decompress(path: &Path) -> Result<Vec<Sample>, DecompressError<Infallible>> {
    let mut records = Collect::default();
    Archive::open(path)?.decompress(&mut records)?;
    Ok(records.0)
}

/// Asserts that the samples are given back by archives of both formats.
fn assert_come_back(samples: &[Sample], k: u32, segment_size: u32, pack: u32) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.seg");
    for format in [Format::Plain, Format::CrossReferenced] {
        let archive = compress_as(format, samples, &settings(k, segment_size, pack));
        std::fs::write(&path, archive).unwrap();
        assert_same(samples, &decompress(&path).unwrap());
    }
}

fn assert_same(given: &[Sample], back: &[Sample]) {
    // Not `assert_eq`: nobody reads megabases.
    assert_eq!(given.len(), back.len());
    for (given, back) in given.iter().zip(back) {
        assert!(given == back, "sample {}", given.0.escape_ascii());
    }
}

#[test]
fn golden_sets_come_back() {
    for set in golden::SETS {
        let samples = read(&golden::samples(set));
        for pack in [1, 3, 50] {
            assert_come_back(&samples, 21, 1000, pack);
        }
    }
}

/// A sequence of bases, and of what else may stand in one, in runs.
fn sequence() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop::sample::select(b"NNNacgtnRY-*\xff".to_vec());
    let run = prop_oneof![
        12 => prop::collection::vec(prop::sample::select(b"ACGT".to_vec()), 1..40),
        1 => (odd, 1_usize..12).prop_map(|(byte, count)| vec![byte; count]),
    ];
    prop::collection::vec(run, 0..30).prop_map(|runs| runs.concat())
}

/// A reference, and samples whose records are its sequences, one after another, some turned and some changed, so that
/// there are groups of many members, fusions and equal ends.
fn related() -> impl Strategy<Value = Vec<Sample>> {
    let part = (
        any::<prop::sample::Index>(),
        any::<bool>(),
        0_usize..200,
        any::<u8>(),
    );
    let record = prop::collection::vec(part, 0..4);
    let samples = prop::collection::vec(prop::collection::vec(record, 0..5), 1..6);
    let ancestors = prop::collection::vec(sequence(), 1..4);
    (ancestors, samples).prop_map(|(ancestors, samples)| {
        let part = |(of, turn, place, byte): (prop::sample::Index, bool, usize, u8)| {
            let mut part = of.get(&ancestors).clone();
            // Most places are past the end: most parts stay as they are.
            if let Some(base) = part.get_mut(3 * place) {
                *base = if byte == b'\n' { b'N' } else { byte };
            }
            if turn { turned(&part) } else { part }
        };
        let record = |parts: Vec<_>| Record {
            header: format!("of {}", parts.len()).into_bytes(),
            sequence: parts.into_iter().flat_map(part).collect(),
        };
        let reference = ancestors.iter().cloned().map(|sequence| Record {
            header: Vec::new(),
            sequence,
        });
        let later = (0_u8..).zip(samples).map(|(number, records)| {
            let records = records.into_iter().map(record);
            (vec![b'S', number], records.collect())
        });
        std::iter::once((b"reference".to_vec(), reference.collect()))
            .chain(later)
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn related_genomes_come_back(
        samples in related(),
        k in 3_u32..16,
        segment_size in 1_u32..60,
        pack in 1_u32..5,
    ) {
        assert_come_back(&samples, k, segment_size, pack);
    }
}

#[test]
fn references_against_references_make_a_smaller_archive() {
    let samples = read(&golden::samples("synth-tiny"));
    let settings = settings(21, 1000, 50);
    let plain = compress(&samples, &settings);
    let crossed = compress_as(Format::CrossReferenced, &samples, &settings);
    let (plain_kinds, crossed_kinds) = (kinds(&plain), kinds(&crossed));
    assert!(crossed_kinds[&0] < plain_kinds[&0]);
    let differences = plain_kinds[&0] - crossed_kinds[&0];
    assert_eq!(crossed_kinds[&4], differences.div_ceil(50));
    assert_eq!(crossed_kinds[&1], plain_kinds[&1]);
    assert!(
        crossed.len() < plain.len() * 9 / 10,
        "{} of {}",
        crossed.len(),
        plain.len()
    );
}

#[test]
fn packs_that_do_not_fit_in_memory_are_read_again() {
    let samples = read(&golden::samples("synth-tiny"));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.seg");
    std::fs::write(&path, compress(&samples, &settings(21, 1000, 2))).unwrap();
    let archive = Archive::open(&path).unwrap();
    for bytes in [0, 100, 5000, usize::MAX] {
        let mut back = Collect::default();
        archive.decompress_holding(bytes, &mut back).unwrap();
        assert_same(&samples, &back.0);
    }
}

#[test]
fn golden_archives_have_the_published_digests() {
    let published = [
        (
            "toy",
            [0, 0, 1],
            "9aef439799d81048ecb476e247ab53918ae1bce2eb4e06bc5253ac77db0cefe6",
        ),
        (
            "bee-virus",
            [19, 5, 0],
            "af6f325a66c09ecd2af6624f22aff6b3fb5ba4371b46786d78e8632d1ac8b98e",
        ),
        (
            "drb1",
            [23, 10, 0],
            "c60f3a8e271a2df8250da3dd352aff0a4110080df29290dd4f00da5bacbc4a13",
        ),
        (
            "synth-tiny",
            [143, 95, 1],
            "a2df6acbfbaf8dd285f7c2799662a93e20fcbabb295a51d68a519b36988ebb40",
        ),
    ];
    let directory = tempfile::tempdir().unwrap();
    for (set, blocks, expected) in published {
        let path = directory.path().join(set);
        let samples = read(&golden::samples(set));
        let archive = compress(&samples, &settings(21, 1000, 50));
        let found = kinds(&archive);
        let count = |kind| found.get(&kind).copied().unwrap_or_default();
        assert_eq!([count(0), count(1), count(2)], blocks, "{set}");
        std::fs::write(&path, archive).unwrap();
        let logical = digest::logical(&Archive::open(&path).unwrap()).unwrap();
        assert_eq!(logical, expected, "{set}");
    }
}

#[test]
fn odd_records_come_back() {
    let long: Vec<u8> = b"ACGTTGCAACGATTACAGGCTCATGGATACCGATTGACCTAGAACT".to_vec();
    let samples = [
        sample("empty", &[]),
        sample(
            "S1",
            &[
                ("", b""),
                ("a", b""),
                ("a", b"A"),
                ("a", b"acgtnN-*\xff\x80"),
            ],
        ),
        sample("S2", &[("a description\twith a tab", &long), ("", &long)]),
    ];
    assert_come_back(&samples, 21, 1000, 50);
    // The same with a reference that has splitters.
    let mut turned = samples.clone();
    turned.reverse();
    assert_come_back(&turned, 5, 4, 2);
    assert_come_back(&[], 21, 1000, 50);
}

#[test]
fn a_file_digest_is_that_of_its_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    std::fs::write(&path, "abc").unwrap();
    assert_eq!(
        digest::file(&path).unwrap(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn whoever_takes_records_may_refuse_more() {
    struct Full;
    impl RecordSink for Full {
        type Error = &'static str;

        fn sample(&mut self, _: &[u8]) -> Result<(), &'static str> {
            Ok(())
        }

        fn record(&mut self, _: &[u8]) -> Result<(), &'static str> {
            Ok(())
        }

        fn sequence(&mut self, _: &[u8]) -> Result<(), &'static str> {
            Err("the disk is full")
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    let samples = [sample("S0", &[("a", b"ACGT")])];
    std::fs::write(&path, compress(&samples, &settings(21, 1000, 50))).unwrap();
    let error = Archive::open(&path)
        .unwrap()
        .decompress(&mut Full)
        .unwrap_err();
    assert_eq!(error.to_string(), "the disk is full");
}
