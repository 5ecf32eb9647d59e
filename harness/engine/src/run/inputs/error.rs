//! What can go wrong around inputs.

use std::io;
use std::path::PathBuf;

use plimsoll_workload::Bytes;

use crate::run::caps::CapsError;

/// Why a program could not be asked, or inputs could not be had.
#[derive(Debug, thiserror::Error)]
pub enum InputsError {
    /// There is no such program.
    #[error("there is no program `{program}`: build it first, or correct its path")]
    NoProgram {
        /// As it was to be started.
        program: PathBuf,
    },
    /// The program could not be started.
    #[error("`{program}` cannot be started: {source}")]
    Start {
        /// As it was to be started.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program did not end in time.
    #[error(
        "`{command}` did not end within {seconds} s; a program of the workload protocol answers at once{}",
        said(stderr)
    )]
    TimedOut {
        /// Program and verb.
        command: String,
        /// How long it had.
        seconds: u64,
        /// The end of its standard error.
        stderr: String,
    },
    /// The program ended, but not well.
    #[error("`{command}` failed ({status}){}", said(stderr))]
    Failed {
        /// Program and verb.
        command: String,
        /// How it ended.
        status: String,
        /// The end of its standard error.
        stderr: String,
    },
    /// The program wanted more memory than the machine has to give.
    #[error(
        "`{command}` was killed at the memory cap of {cap}, all that can be given here{}",
        said(stderr)
    )]
    OutOfMemory {
        /// Program and verb.
        command: String,
        /// The cap.
        cap: Bytes,
        /// The end of its standard error.
        stderr: String,
    },
    /// Its cap cannot be made.
    #[error(transparent)]
    Caps(#[from] CapsError),
    /// The program's answer is not of the protocol.
    #[error(
        "`{command}` does not speak the workload protocol: {why}; a program without it is measured with `command:`"
    )]
    NotProtocol {
        /// Program and verb.
        command: String,
        /// What is wrong with its answer.
        why: String,
    },
    /// The user interrupted.
    #[error("interrupted while inputs were made")]
    Interrupted,
    /// The disk has no room.
    #[error(
        "no room for inputs: {needed} are needed and {available} are free on the disk of {path}; make room there (`plimsoll clean`), or point PLIMSOLL_CACHE at another disk"
    )]
    NoRoom {
        /// Bytes needed.
        needed: Bytes,
        /// Bytes there are.
        available: Bytes,
        /// The cache.
        path: PathBuf,
    },
    /// No place for the cache.
    #[error(
        "no place for the input cache: set PLIMSOLL_CACHE to a directory, since neither XDG_CACHE_HOME nor HOME is set"
    )]
    NoPlace,
    /// A file of the cache cannot be used.
    #[error(
        "{doing} {path}: {source}; `plimsoll clean` empties the cache, PLIMSOLL_CACHE moves it"
    )]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// What a program said, on lines of its own.
fn said(stderr: &str) -> String {
    match stderr.trim() {
        "" => String::new(),
        text => format!(". It said:\n{text}"),
    }
}

/// For `map_err`: what was being done with which file.
pub(super) fn io(
    doing: &'static str,
    path: &std::path::Path,
) -> impl FnOnce(io::Error) -> InputsError {
    let path = path.to_path_buf();
    move |source| InputsError::Io {
        doing,
        path,
        source,
    }
}
