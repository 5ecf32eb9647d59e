//! Runs of implementations on prepared inputs, and what they made.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use plimsoll_umi::{Params, Umi};
use plimsoll_workload::event::Kind;
use plimsoll_workload::{Bytes, Context, Failure, Workload};
use tempfile::TempDir;

/// All implementations, and the last without files.
pub(crate) const ALL: [&str; 4] = ["per-group", "compact", "bounded", IN_MEMORY];
/// `bounded` with large groups packed in memory.
pub(crate) const IN_MEMORY: &str = "bounded in memory";

/// Prepared inputs, and room for the trials on them.
pub(crate) struct Prepared {
    directory: PathBuf,
    pub(crate) params: Params,
    /// Removes the directory, if it is this one's to remove.
    _own: Option<TempDir>,
}

/// What a run made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Made {
    /// SHA-256 of the output's records.
    pub(crate) records: String,
    /// The metrics files, one after another.
    pub(crate) metrics: String,
    pub(crate) accepted: u64,
    pub(crate) molecules: u64,
    pub(crate) families: u64,
}

/// Bytes that a run kept in files.
pub(crate) fn spilled(context: &Context) -> f64 {
    context.recorded_metric("spilled").unwrap()
}

impl Prepared {
    pub(crate) fn new(params: Params) -> Self {
        let room = tempfile::tempdir().unwrap();
        Umi::prepare(&params, room.path()).unwrap();
        let directory = room.path().to_owned();
        Self {
            _own: Some(room),
            ..Self::elsewhere(directory, params)
        }
    }

    /// What has been prepared by another process.
    pub(crate) fn elsewhere(directory: PathBuf, params: Params) -> Self {
        Self {
            directory,
            params,
            _own: None,
        }
    }

    /// A file as it is, of which only the header was looked at.
    pub(crate) fn of(file: &Path) -> Self {
        Self::new(Params {
            input: Some(file.into()),
            ..Params::default()
        })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn input(&self) -> PathBuf {
        self.directory().join("input.bam")
    }

    pub(crate) fn output(&self) -> PathBuf {
        self.directory().join("made.bam")
    }

    /// The surroundings of a run, with a budget that leaves `bounded` little: groups of a MiB are packed.
    pub(crate) fn context(&self, threads: usize) -> Context {
        Context::recording(self.directory())
            .with_threads(NonZeroUsize::new(threads).unwrap())
            .with_output(&self.output())
            .with_budget(Bytes((32 + 8 * threads as u64) << 20))
    }

    /// Puts other bytes in the input's place, as a new file: some disks are slow to write over one that is there.
    pub(crate) fn replace_input(&self, bytes: &[u8]) {
        std::fs::remove_file(self.input()).unwrap();
        std::fs::write(self.input(), bytes).unwrap();
    }

    /// Runs an implementation.
    pub(crate) fn begin(&self, id: &str, context: &Context) -> Result<(), Failure> {
        let (id, spill) = match id {
            IN_MEMORY => ("bounded", false),
            id => (id, true),
        };
        let params = Params {
            spill,
            ..self.params.clone()
        };
        let mut all = Umi::implementations().iter();
        let implementation = all.find(|implementation| implementation.id == id).unwrap();
        (implementation.run)(&params, context)
    }

    /// Runs an implementation and the proof.
    pub(crate) fn run(&self, id: &str, threads: usize) -> Made {
        let context = self.context(threads);
        let _ = std::fs::remove_file(self.output());
        self.begin(id, &context)
            .and_then(|()| Umi::verify(&self.params, &context))
            .unwrap_or_else(|failure| panic!("{id} on {threads} threads: {failure}"));
        let misused =
            |event: &plimsoll_workload::event::Event| matches!(event.kind, Kind::Misuse { .. });
        assert!(!context.recorded().iter().any(misused));
        let files = ["family_sizes", "grouping_metrics", "position_group_sizes"];
        let metrics = files.map(|name| {
            std::fs::read_to_string(self.directory().join(format!("{name}.txt"))).unwrap()
        });
        let records = context.recorded_digest("records").unwrap();
        assert!(context.recorded_digest("metrics").is_some());
        let count = |name: &str| context.recorded_metric(name).unwrap() as u64;
        Made {
            records,
            metrics: metrics.concat(),
            accepted: count("accepted"),
            molecules: count("molecules"),
            families: count("families"),
        }
    }

    /// Runs what is to fail, with an output that is there already and stays as it was.
    pub(crate) fn failure(&self, id: &str, threads: usize) -> Failure {
        let left = || std::fs::read_dir(self.directory()).unwrap().count();
        let _ = std::fs::remove_file(self.output());
        std::fs::write(self.output(), "old").unwrap();
        let before = left();
        let failure = self.begin(id, &self.context(threads)).unwrap_err();
        assert_eq!(std::fs::read(self.output()).unwrap(), b"old");
        assert_eq!(left(), before, "nothing unfinished is left");
        failure
    }
}
