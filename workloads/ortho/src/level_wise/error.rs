//! What can go wrong with level files, in words.

use std::io;

use plimsoll_workload::Failure;

/// A level-wise search that could not go on.
#[derive(Debug, thiserror::Error)]
pub enum LevelError {
    /// The disk is full.
    #[error(
        "no space left for {file} in {place}; free some and run again with the same scratch \
         directory: finished levels are kept"
    )]
    Full {
        /// The file being written.
        file: String,
        /// Its directory.
        place: String,
    },
    /// Any other trouble with a file.
    #[error("cannot {doing} {file} in {place}: {error}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        file: String,
        /// Its directory.
        place: String,
        /// What the system says.
        error: io::Error,
    },
    /// A file that is not what was written.
    #[error(
        "{file} in {place} is damaged: {what}; remove the checkpoint in that directory and start again"
    )]
    Damaged {
        /// The file.
        file: String,
        /// Its directory.
        place: String,
        /// What does not fit.
        what: String,
    },
    /// A checkpoint of another search.
    #[error(
        "the checkpoint in {place} belongs to other texts or another max_filled; \
         remove it or use another scratch directory"
    )]
    Foreign {
        /// The directory.
        place: String,
    },
    /// The run was told to stop.
    #[error(
        "cancelled at level {level} of text {text}; the checkpoint in {place} holds what was \
         finished: run again with the same scratch directory"
    )]
    Cancelled {
        /// The level being made.
        level: u32,
        /// The text, counted from 1.
        text: usize,
        /// The directory.
        place: String,
    },
}

impl From<LevelError> for Failure {
    fn from(error: LevelError) -> Self {
        Self::Other(error.to_string())
    }
}
