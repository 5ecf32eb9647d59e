//! What can be wrong with a file of vectors.

use std::io;
use std::path::PathBuf;

use plimsoll_workload::Failure;

/// A file of vectors cannot be read or written. Rows and columns are counted from 0.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refuses.
    #[error("reading {}: {source}; check that the file is there and may be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// The operating system refuses.
    #[error("writing {}: {source}; check that the directory is there, may be written to and has room", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// A directory, a pipe or a device.
    #[error("{} is not a regular file; name a file of vectors", path.display())]
    NotAFile {
        /// What it is.
        path: PathBuf,
    },
    /// The name tells no format, or not one of this kind.
    #[error("the format of {} is not known; its name must end with one of {expected}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The endings that would do.
        expected: &'static str,
    },
    /// No row.
    #[error("{} holds no vectors; give a file with at least one row", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// More rows than ids.
    #[error("{} announces {rows} vectors; ids have 31 bits: split the file into parts of fewer than 2147483648", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
        /// What it announces.
        rows: u64,
    },
    /// No such dimension.
    #[error("{}: row {row} has dimension {dim}; it must be from 1 to 65536 (is this file of the format that its name says?)", path.display())]
    Dimension {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u64,
        /// What it says.
        dim: i128,
    },
    /// Rows of several dimensions.
    #[error("{}: row {row} has dimension {dim}, and row 0 has {first}; all vectors of a file must have the same", path.display())]
    OtherDimension {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u64,
        /// What it says.
        dim: i32,
        /// What the first row says.
        first: usize,
    },
    /// NaN, infinite, or beyond f32.
    #[error("{}: row {row}, column {column} is {value}, which is not a finite 32-bit number; leave the row out, or repair it", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u64,
        /// The column.
        column: usize,
        /// What is there.
        value: f64,
    },
    /// The format has no room for this value.
    #[error("{}: row {row}, column {column} is {value}, and the format holds whole numbers from 0 to 255; choose one of f32", path.display())]
    NotAByte {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u64,
        /// The column.
        column: usize,
        /// What was to be written.
        value: f32,
    },
    /// An id below 0.
    #[error("{}: row {row}, column {column} is {id}, and ids are not negative; make the file again", path.display())]
    Id {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u64,
        /// The column.
        column: usize,
        /// What is there.
        id: i32,
    },
    /// The end of the file comes too early.
    #[error("{} ends within {place}; it was cut: fetch or make it again", path.display())]
    Cut {
        /// The file.
        path: PathBuf,
        /// The header, or a row by its number.
        place: String,
    },
    /// The end of the file comes too late.
    #[error("{} goes on for {bytes} bytes after the last of its {rows} rows; fetch or make it again", path.display())]
    Trailing {
        /// The file.
        path: PathBuf,
        /// Rows that it announces.
        rows: u64,
        /// Bytes after them.
        bytes: u64,
    },
    /// An array that is not taken.
    #[error("{}: {what}; save it by numpy.save as a C-ordered array of two axes of f4, f8, f2, u1 or i1, little-endian", path.display())]
    Npy {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// What is to be written cannot be read.
    #[error(transparent)]
    Rows(#[from] crate::RowsError),
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Write { .. } | FileError::Rows(_) => Self::Other(error.to_string()),
            _ => Self::Input(error.to_string()),
        }
    }
}
