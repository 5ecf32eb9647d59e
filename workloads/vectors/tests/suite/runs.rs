//! Runs of implementations on prepared inputs, both steps and the proof.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use plimsoll_vectors::{Params, Vectors};
use plimsoll_workload::{Context, Failure, Workload};
use tempfile::TempDir;

/// Prepared inputs, and room for the trials on them.
pub(crate) struct Prepared {
    room: TempDir,
    pub(crate) params: Params,
}

impl Prepared {
    pub(crate) fn new(params: Params) -> Self {
        let room = tempfile::tempdir().unwrap();
        Vectors::prepare(&params, room.path()).unwrap();
        Self { room, params }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.room.path()
    }

    pub(crate) fn answers(&self) -> PathBuf {
        self.directory().join("found.answers")
    }

    /// The surroundings of a step; inputs and scratch are one directory.
    pub(crate) fn context(&self, step: &str, threads: usize) -> Context {
        Context::recording(self.directory())
            .with_step(step)
            .with_threads(NonZeroUsize::new(threads).unwrap())
            .with_output(&self.answers())
    }

    /// Runs a step of an implementation.
    pub(crate) fn step(&self, id: &str, context: &Context) -> Result<(), Failure> {
        let mut all = Vectors::implementations().iter();
        let implementation = all.find(|implementation| implementation.id == id).unwrap();
        (implementation.run)(&self.params, context)
    }

    /// Runs both steps and the proof, and returns the context of each.
    pub(crate) fn run(&self, id: &str, threads: usize) -> [Context; 3] {
        let contexts = ["build", "query", "query"].map(|step| self.context(step, threads));
        let outcome = (contexts[..2].iter())
            .try_for_each(|context| self.step(id, context))
            .and_then(|()| self.verify(&contexts[2]));
        assert!(outcome.is_ok(), "{id} on {threads}: {outcome:?}");
        contexts
    }

    pub(crate) fn verify(&self, context: &Context) -> Result<(), Failure> {
        Vectors::verify(&self.params, context)
    }
}
