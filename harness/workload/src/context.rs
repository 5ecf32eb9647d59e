//! The hands of a running implementation: where its files are, and what it tells the harness.

use std::path::{Path, PathBuf};

use crate::{Better, Bytes, Unit};

/// One run's surroundings: directories, threads, budget, and the channels to the harness.
#[derive(Debug, Default)]
pub struct Context {
    _private: (),
}

impl Context {
    /// A context without a harness, for tests and benches: files in `dir`, nothing is reported.
    pub fn detached(_dir: &Path) -> Self {
        Self::default()
    }
    /// The step to run; empty where an implementation has one only.
    pub fn step(&self) -> &str {
        ""
    }
    /// Where `prepare` put the inputs.
    pub fn inputs(&self) -> &Path {
        Path::new("")
    }
    /// A directory on disk for this trial, shared by its steps, removed afterwards.
    pub fn scratch(&self) -> &Path {
        Path::new("")
    }
    /// Where to write the output file, if it is to be kept.
    pub fn output(&self) -> Option<PathBuf> {
        None
    }
    /// How many threads to use; at least 1.
    pub fn threads(&self) -> usize {
        1
    }
    /// The memory the implementation should stay within, if one is set.
    pub fn budget(&self) -> Option<Bytes> {
        None
    }
    /// Runs `f` as the exclusive, process-wide phase `name`.
    pub fn phase<R>(&self, _name: &str, f: impl FnOnce() -> R) -> R {
        f()
    }
    /// Times a stage that may overlap with others (CPU time of this thread), until dropped.
    pub fn stage(&self, _name: &str) -> StageTimer {
        StageTimer {}
    }
    /// Announces progress in `unit`s towards `total`.
    pub fn progress(&self, _unit: &'static str, _total: Option<u64>) -> Progress {
        Progress {}
    }
    /// What the program itself believes it holds, by component, in bytes.
    pub fn ledger(&self, _component: &str) -> Gauge {
        Gauge {}
    }
    /// Reports a metric of the finished run.
    pub fn metric(&self, _name: &str, _unit: Unit, _better: Better, _value: f64) {}
    /// Collects a distribution, reported when dropped.
    pub fn histogram(&self, _name: &str, _unit: Unit) -> Histogram {
        Histogram {}
    }
    /// Starts a named digest of the run's canonical output.
    pub fn digest(&self, _name: &str) -> Digest {
        Digest {}
    }
    /// True after SIGTERM: write a checkpoint and leave.
    pub fn cancelled(&self) -> bool {
        false
    }
}

/// See [`Context::stage`].
#[derive(Debug)]
pub struct StageTimer {}

/// See [`Context::progress`]. Cheap to clone and to send to other threads.
#[derive(Debug, Clone)]
pub struct Progress {}

impl Progress {
    /// Adds `n` done units.
    pub fn add(&self, _n: u64) {}
    /// Sets the done units.
    pub fn set(&self, _n: u64) {}
}

/// See [`Context::ledger`]. Cheap to clone and to send to other threads.
#[derive(Debug, Clone)]
pub struct Gauge {}

impl Gauge {
    /// Adds `bytes`.
    pub fn add(&self, _bytes: u64) {}
    /// Takes `bytes` away.
    pub fn sub(&self, _bytes: u64) {}
    /// Sets the bytes held.
    pub fn set(&self, _bytes: u64) {}
}

/// See [`Context::histogram`].
#[derive(Debug)]
pub struct Histogram {}

impl Histogram {
    /// Records one value in the histogram's unit.
    pub fn record(&mut self, _value: f64) {}
}

/// See [`Context::digest`]. Reported by one of the `finish` methods; a digest dropped without one is not reported.
#[derive(Debug)]
pub struct Digest {}

impl Digest {
    /// Streams bytes into an ordered digest.
    pub fn update(&mut self, _bytes: &[u8]) {}
    /// Adds one item to an unordered digest (the sum of the items' hashes).
    pub fn add_unordered(&mut self, _item: &[u8]) {}
    /// Ends the digest and reports it.
    pub fn finish(self) {}
    /// Reports a digest computed elsewhere, such as `sum64:ee0d087930156b10`.
    pub fn finish_with(self, _value: &str) {}
}
