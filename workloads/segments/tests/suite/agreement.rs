//! All implementations, however they call zstd and on however many threads: one archive, which gives the input back.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use plimsoll_segments::archive::{Archive, RecordSink, digest};
use plimsoll_segments::{Inputs, Params, RecordsDigest, Segments, Zstd};
use plimsoll_workload::{Context, Workload};
use tempfile::TempDir;

use crate::golden::samples;

/// Prepared inputs, and room for archives.
struct Prepared {
    directory: TempDir,
    params: Params,
}

impl Prepared {
    fn new(params: Params) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Segments::prepare(&params, directory.path()).unwrap();
        Self { directory, params }
    }

    /// A golden set at the settings of its published digest.
    fn golden(set: &str) -> Self {
        Self::files(samples(set).into_iter().map(|(_, path)| path).collect())
    }

    fn files(input: Vec<PathBuf>) -> Self {
        Self::new(Params {
            input,
            segment_size: 1000,
            level: 3,
            ..Params::default()
        })
    }

    fn run(&self, way: Way, threads: usize) -> Made {
        let path = self.directory.path().join("made.segw");
        let context = Context::recording(self.directory.path())
            .with_threads(NonZeroUsize::new(threads).unwrap())
            .with_output(&path);
        let params = Params {
            clone: way.clone,
            zstd: way.zstd,
            ..self.params.clone()
        };
        let implementation = Segments::implementations()
            .iter()
            .find(|implementation| implementation.id == way.id)
            .unwrap();
        (implementation.run)(&params, &context).unwrap();
        let archive = Archive::open(&path).unwrap();
        let inputs = Inputs::open(self.directory.path()).unwrap();
        assert_eq!(
            records_of(&archive),
            inputs.records_digest(),
            "{way:?} on {threads}: the records are not the input's"
        );
        let counts = Segments::metrics()
            .iter()
            .map(|metric| context.recorded_metric(metric.name).unwrap() as u64)
            .collect();
        Made {
            logical: digest::logical(&archive).unwrap(),
            file: digest::file(&path).unwrap(),
            counts,
        }
    }
}

/// What a run made.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    logical: String,
    file: String,
    /// In the order of the metrics; the last is the archive's size.
    counts: Vec<u64>,
}

/// An implementation with its switches.
#[derive(Debug, Clone, Copy)]
struct Way {
    id: &'static str,
    clone: bool,
    zstd: Zstd,
}

const fn way(id: &'static str, clone: bool, zstd: Zstd) -> Way {
    Way { id, clone, zstd }
}

const ONE_SHOT: [Way; 6] = [
    way("batch", true, Zstd::Oneshot),
    way("batch", false, Zstd::Oneshot),
    way("moved", true, Zstd::Oneshot),
    way("borrowed", true, Zstd::Oneshot),
    way("streaming", true, Zstd::Oneshot),
    way("bounded", true, Zstd::Oneshot),
];

const STREAM: [Way; 4] = [
    way("batch", true, Zstd::Stream),
    way("batch", false, Zstd::Stream),
    way("moved", true, Zstd::Stream),
    way("borrowed", true, Zstd::Stream),
];

/// Runs everything, and returns what all of it agrees on.
fn agreed(prepared: &Prepared, threads: &[usize]) -> Made {
    let first = prepared.run(ONE_SHOT[0], 1);
    for &threads in threads {
        for way in ONE_SHOT {
            assert_eq!(prepared.run(way, threads), first, "{way:?} on {threads}");
        }
        for way in STREAM {
            let made = prepared.run(way, threads);
            assert_eq!(made.logical, first.logical, "{way:?} on {threads}");
            let but_size = first.counts.len() - 1;
            assert_eq!(made.counts[..but_size], first.counts[..but_size]);
        }
    }
    first
}

/// The digest of all records that an archive gives back.
fn records_of(archive: &Archive) -> String {
    struct Digester(RecordsDigest);
    impl RecordSink for Digester {
        type Error = Infallible;

        fn sample(&mut self, name: &[u8]) -> Result<(), Infallible> {
            self.0.sample(name);
            Ok(())
        }

        fn record(&mut self, header: &[u8]) -> Result<(), Infallible> {
            self.0.record(header);
            Ok(())
        }

        fn sequence(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
            self.0.sequence(bytes);
            Ok(())
        }
    }
    let mut digester = Digester(RecordsDigest::default());
    archive.decompress(&mut digester).unwrap();
    digester.0.finish()
}

const ALL: [usize; 4] = [1, 2, 3, 6];

#[test]
fn toy_has_its_published_digest() {
    let made = agreed(&Prepared::golden("toy"), &ALL);
    let published = "9aef439799d81048ecb476e247ab53918ae1bce2eb4e06bc5253ac77db0cefe6";
    assert_eq!(made.logical, published);
}

#[test]
fn bee_virus_has_its_published_digest() {
    let made = agreed(&Prepared::golden("bee-virus"), &ALL);
    let published = "af6f325a66c09ecd2af6624f22aff6b3fb5ba4371b46786d78e8632d1ac8b98e";
    assert_eq!(made.logical, published);
}

#[test]
fn drb1_has_its_published_digest() {
    let made = agreed(&Prepared::golden("drb1"), &ALL);
    let published = "c60f3a8e271a2df8250da3dd352aff0a4110080df29290dd4f00da5bacbc4a13";
    assert_eq!(made.logical, published);
}

#[test]
fn the_tiny_pangenome_has_its_published_digest_given_or_generated() {
    let published = "a2df6acbfbaf8dd285f7c2799662a93e20fcbabb295a51d68a519b36988ebb40";
    let given = agreed(&Prepared::golden("synth-tiny"), &ALL);
    assert_eq!(given.logical, published);
    let generated = Prepared::new(Params {
        segment_size: 1000,
        ..Params::default()
    });
    let made = generated.run(ONE_SHOT[0], 2);
    assert_eq!(made.logical, published);
}

#[test]
fn lambda_mito_and_lpa_agree() {
    agreed(&Prepared::golden("lambda"), &ALL);
    agreed(&Prepared::golden("mito"), &ALL);
    agreed(&Prepared::golden("lpa"), &[3]);
}
