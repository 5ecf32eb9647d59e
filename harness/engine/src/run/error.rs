//! What makes measuring impossible. How a trial ends is evidence, and never one of these.

use std::io;
use std::path::PathBuf;

use plimsoll_workload::Bytes;

use super::program::ProgramError;
use super::scratch::ScratchError;
use super::template::TemplateError;

/// What makes measuring impossible.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The fork server did not start.
    #[error("starting the fork server ({executable}): {source}")]
    ForkServer {
        /// The executable that was to become it.
        executable: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The fork server ended, or a process can't be ended.
    #[error("running variant `{variant}`: the fork server: {source}")]
    Supervision {
        /// The variant that ran.
        variant: String,
        /// Why.
        source: io::Error,
    },
    /// The program of a variant can't be found or executed.
    #[error("variant `{variant}`: {source}")]
    Program {
        /// The variant.
        variant: String,
        /// Why, and what comes nearest.
        source: ProgramError,
    },
    /// A variant cannot run on the allocator that is asked for.
    #[error("variant `{variant}`: it cannot run on {allocator}: {why}")]
    Allocator {
        /// The variant.
        variant: String,
        /// The allocator.
        allocator: &'static str,
        /// Why, and what would help.
        why: String,
    },
    /// A placeholder in a command has no meaning.
    #[error("variant `{variant}`: {source}")]
    Template {
        /// The variant.
        variant: String,
        /// Which, and what comes nearest.
        source: TemplateError,
    },
    /// The scratch directory can't be used.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// A memory cap is larger than what the machine has to give.
    #[error(
        "a memory cap of {asked} is more than the {most} that can be given here ({available} available, less a reserve); lower `limits.memory`, or free memory"
    )]
    CapTooLarge {
        /// The cap.
        asked: Bytes,
        /// The largest that is accepted.
        most: Bytes,
        /// Memory available when the session began.
        available: Bytes,
    },
    /// A cap's cgroup can't be made or read.
    #[error(transparent)]
    Caps(#[from] super::caps::CapsError),
    /// A processor to pin to does not exist or may not be used.
    #[error("`measure.affinity` names processor {asked}; this session may use {usable:?}")]
    Processor {
        /// The processor.
        asked: usize,
        /// Those that may be used.
        usable: Vec<usize>,
    },
    /// A file of the session can't be read or written.
    #[error("{doing} {path}: {source}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The system refused something that every trial needs.
    #[error("{doing}: {source}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// Instructions were to be counted and nothing here can; the plan was to leave that out.
    #[error("nothing here can count instructions; leave `measure.instructions` out")]
    NoCounter,
    /// The user interrupted before or between trials.
    #[error("interrupted")]
    Interrupted,
}
