//! Why an index is not built, saved, opened or searched.

use std::io;
use std::path::PathBuf;

use crate::rows::RowsError;

use super::kernels::MAX_DIM;
use super::stalled::Stalled;

/// Why an index is not built, saved, opened or searched.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The vectors cannot be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A parameter is out of its bounds.
    #[error("{what} is {given}; give {least} to {most}")]
    Parameter {
        /// Its name.
        what: &'static str,
        /// What was given.
        given: usize,
        /// The least value it may have.
        least: usize,
        /// The greatest.
        most: usize,
    },
    /// Vectors too long for the kernels, or of no coordinates.
    #[error("vectors of {0} coordinates; an index takes 1 to {MAX_DIM}")]
    Dim(usize),
    /// Too many vectors.
    #[error(
        "{0} vectors; one index takes less than 2^31, and less than 2^32 links above level 0: split them"
    )]
    TooMany(usize),
    /// A coordinate that is NaN or infinite.
    #[error(
        "row {row}, column {column} (from 0) is {value}, not a finite number; mend or leave out this vector"
    )]
    NotFinite {
        /// The vector, counted from 0.
        row: usize,
        /// The coordinate, counted from 0.
        column: usize,
        /// NaN or an infinity.
        value: f32,
    },
    /// The system gives no memory.
    #[error(
        "{bytes} bytes for {what}: {error}; build over fewer vectors, or where there is more memory"
    )]
    Memory {
        /// What it was for.
        what: &'static str,
        /// How much was asked for.
        bytes: u128,
        /// What the system says.
        error: io::Error,
    },
    /// Threads cannot be started.
    #[error("starting {threads} threads: {error}; try fewer")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the system says.
        error: rayon::ThreadPoolBuildError,
    },
    /// The build computed for long and finished nothing.
    #[error("{0}")]
    Stalled(Stalled),
    /// The query does not fit the index.
    #[error(
        "the query has {found} coordinates and the index {expected}; use queries made like its vectors"
    )]
    QueryDim {
        /// Coordinates of the query.
        found: usize,
        /// Coordinates of the vectors.
        expected: usize,
    },
    /// A coordinate of the query is NaN or infinite.
    #[error(
        "column {column} (from 0) of the query is {value}, not a finite number; mend or leave out this query"
    )]
    QueryNotFinite {
        /// The coordinate, counted from 0.
        column: usize,
        /// NaN or an infinity.
        value: f32,
    },
    /// The vectors to rescore from are not those of the index.
    #[error(
        "the index is of {len} vectors of {dim} coordinates, and {found_len} of {found_dim} were given to rescore from; give those it was built over"
    )]
    OtherRows {
        /// Vectors of the index.
        len: usize,
        /// Their coordinates.
        dim: usize,
        /// Vectors given.
        found_len: usize,
        /// Their coordinates.
        found_dim: usize,
    },
    /// A file cannot be written or read.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The disk has no room for the index.
    #[error("saving {}: it takes {needed} bytes and the disk has {available} left; make room or name another disk (an older index there is untouched)", path.display())]
    DiskFull {
        /// The file to be.
        path: PathBuf,
        /// Its length.
        needed: u64,
        /// What the disk has.
        available: u64,
    },
    /// The disk has no room for what does not fit memory.
    #[error("{what}: a file in {} takes {needed} bytes and the disk has {available} left; make room, set another scratch directory, or give more memory", directory.display())]
    SpillFull {
        /// What it was for.
        what: &'static str,
        /// Where the file was to be.
        directory: PathBuf,
        /// Its length.
        needed: u64,
        /// What the disk has.
        available: u64,
    },
    /// The machine's byte order is not the format's.
    #[error(
        "index files are little-endian and mapped as they are; this machine is not: use one that is"
    )]
    BigEndianMachine,
    /// The file is something else.
    #[error("{} is not an index: it begins with other bytes; name a file that was saved as one", path.display())]
    NotAnIndex {
        /// The file.
        path: PathBuf,
    },
    /// The file was written in the other byte order.
    #[error("the index {} was written in another byte order; build it again on a little-endian machine", path.display())]
    ForeignEndianness {
        /// The file.
        path: PathBuf,
    },
    /// The file is of another version of the format.
    #[error("the index {} is of version {found} and this program reads {expected}; build it again, or use the program that wrote it", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version of this program.
        expected: u32,
    },
    /// The file is a checkpoint.
    #[error("{} is a checkpoint, with {inserted} of {len} vectors in; let the build that wrote it go on to its end", path.display())]
    Unfinished {
        /// The file.
        path: PathBuf,
        /// Vectors that are in.
        inserted: u64,
        /// Vectors that there are to be.
        len: u64,
    },
    /// A checkpoint is there of other vectors or parameters.
    #[error("the checkpoint {} is of another build ({differs}); let that one go on, or remove the checkpoint, or save to another place", path.display())]
    OtherBuild {
        /// The file.
        path: PathBuf,
        /// What differs first.
        differs: String,
    },
    /// The file is shorter or longer than it says.
    #[error("the index {} has {found} bytes and should have {expected}; copy it again from where it is whole, or build it again", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Its length.
        found: u64,
        /// The length that its header tells, or that of a header.
        expected: u64,
    },
    /// The file is not what was written.
    #[error("the index {} is damaged: {section}: {damage}; copy it again from where it is whole, or build it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The part of it.
        section: &'static str,
        /// What is wrong.
        damage: String,
    },
}
