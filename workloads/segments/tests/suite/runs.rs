//! Runs of implementations on prepared inputs, and what they made.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use plimsoll_segments::fasta::read_all;
use plimsoll_segments::{Inputs, Levels, Params, Segments, Zstd};
use plimsoll_workload::{Context, Failure, Workload};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::compressor::compress;
use crate::golden::samples;

/// Prepared inputs, and room for an archive.
pub(crate) struct Prepared {
    directory: PathBuf,
    params: Params,
    /// Removes the directory, if it is this one's to remove.
    _own: Option<TempDir>,
}

/// An implementation with its switches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    pub(crate) id: &'static str,
    clone: bool,
    zstd: Zstd,
}

const fn way(id: &'static str, clone: bool, zstd: Zstd) -> Way {
    Way { id, clone, zstd }
}

/// Those whose archives are one file.
pub(crate) const ONE_SHOT: [Way; 6] = [
    way("batch", true, Zstd::Oneshot),
    way("batch", false, Zstd::Oneshot),
    way("moved", true, Zstd::Oneshot),
    way("borrowed", true, Zstd::Oneshot),
    way("streaming", true, Zstd::Oneshot),
    way("bounded", true, Zstd::Oneshot),
];

/// Those whose archives only mean the same.
pub(crate) const STREAM: [Way; 4] = [
    way("batch", true, Zstd::Stream),
    way("batch", false, Zstd::Stream),
    way("moved", true, Zstd::Stream),
    way("borrowed", true, Zstd::Stream),
];

/// The one whose archives are of another format.
pub(crate) const CROSS_REFERENCED: Way = way("cross-referenced", true, Zstd::Oneshot);

/// What a run made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) logical: String,
    pub(crate) file: String,
    counts: Vec<u64>,
}

impl Made {
    /// A metric.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let place = Segments::metrics()
            .iter()
            .position(|metric| metric.name == name);
        self.counts[place.unwrap()]
    }

    /// All metrics but the archive's size, which is the last.
    pub(crate) fn sizeless(&self) -> &[u64] {
        &self.counts[..self.counts.len() - 1]
    }
}

/// The parameters of a golden set.
pub(crate) fn golden(set: &str) -> Params {
    Params {
        input: Some(samples(set).into_iter().map(|(_, path)| path).collect()),
        segment_size: 1000,
        level: Some(3),
        ref_level: Some(3),
        ..Params::default()
    }
}

impl Prepared {
    pub(crate) fn new(params: Params) -> Self {
        let own = tempfile::tempdir().unwrap();
        Segments::prepare(&params, own.path()).unwrap();
        Self {
            directory: own.path().to_owned(),
            params,
            _own: Some(own),
        }
    }

    /// What another process prepared.
    pub(crate) fn elsewhere(directory: PathBuf, params: Params) -> Self {
        Self {
            directory,
            params,
            _own: None,
        }
    }

    /// A golden set at the settings of its published digest, and a level that takes no time.
    pub(crate) fn golden(set: &str) -> Self {
        Self::new(golden(set))
    }

    /// Files of these names and contents.
    pub(crate) fn files<'a>(
        files: impl IntoIterator<Item = (&'a str, Vec<u8>)>,
        params: Params,
    ) -> Self {
        let given = tempfile::tempdir().unwrap();
        let write = |(name, content): (&str, Vec<u8>)| {
            let path = given.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let input = files.into_iter().map(write).collect();
        Self::new(Params {
            input: Some(input),
            level: Some(3),
            ref_level: Some(3),
            ..params
        })
    }

    /// The file that the specification's steps make, one after another, by no implementation.
    pub(crate) fn plainly_made(&self) -> Vec<u8> {
        let inputs = Inputs::open(&self.directory).unwrap();
        let samples: Vec<_> = (inputs.samples().iter())
            .map(|sample| (sample.name.clone(), read_all(&sample.path).unwrap()))
            .collect();
        compress(&samples, &self.params.settings(Levels::AsFound).unwrap())
    }

    /// The file of a sample.
    pub(crate) fn sample(&self, place: usize) -> PathBuf {
        let inputs = Inputs::open(&self.directory).unwrap();
        inputs.samples()[place].path.clone()
    }

    /// Where inputs and archives are.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where archives are written to.
    pub(crate) fn archive(&self) -> PathBuf {
        self.directory.join("made.segw")
    }

    /// Runs, and proves that the archive gives the inputs' records back.
    pub(crate) fn run(&self, way: Way, threads: usize) -> Made {
        let (params, context) = self.surroundings(way, threads);
        let proved = Self::begin(way, &params, &context)
            .and_then(|()| Segments::verify(&params, &context))
            .map_err(|failure| format!("{way:?} on {threads}: {failure}"));
        assert_eq!(proved, Ok(()));
        let metrics = Segments::metrics().iter();
        Made {
            logical: context.recorded_digest("logical").unwrap(),
            file: context.recorded_digest("file").unwrap(),
            counts: metrics
                .map(|metric| context.recorded_metric(metric.name).unwrap() as u64)
                .collect(),
        }
    }

    /// Runs what is to fail.
    pub(crate) fn failure(&self, way: Way, threads: usize) -> Failure {
        let (params, context) = self.surroundings(way, threads);
        let failure = Self::begin(way, &params, &context).unwrap_err();
        assert_eq!(context.recorded_metric("segments"), None);
        failure
    }

    fn surroundings(&self, way: Way, threads: usize) -> (Params, Context) {
        let context = Context::recording(&self.directory)
            .with_threads(NonZeroUsize::new(threads).unwrap())
            .with_output(&self.archive());
        let params = Params {
            clone: way.clone,
            zstd: way.zstd,
            ..self.params.clone()
        };
        (params, context)
    }

    fn begin(way: Way, params: &Params, context: &Context) -> Result<(), Failure> {
        let implementation = Segments::implementations()
            .iter()
            .find(|implementation| implementation.id == way.id)
            .unwrap();
        (implementation.run)(params, context)
    }
}

/// Runs everything on each number of threads, and returns what all of it agrees on: also that file which the
/// specification's steps make.
pub(crate) fn agreed(prepared: &Prepared, threads: &[usize]) -> Made {
    let first = prepared.run(ONE_SHOT[0], 1);
    let plain = format!("{:x}", Sha256::digest(prepared.plainly_made()));
    assert!(first.file.ends_with(&plain), "{} for {plain}", first.file);
    for &threads in threads {
        for way in ONE_SHOT {
            assert_eq!(prepared.run(way, threads), first, "{way:?} on {threads}");
        }
        let cross = prepared.run(CROSS_REFERENCED, threads);
        assert_eq!(cross.sizeless(), first.sizeless(), "cross on {threads}");
        for way in STREAM {
            let made = prepared.run(way, threads);
            assert_eq!(made.logical, first.logical, "{way:?} on {threads}");
            assert_eq!(made.sizeless(), first.sizeless(), "{way:?} on {threads}");
        }
    }
    first
}
