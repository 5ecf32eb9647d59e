//! Why a store is not created, opened, read or written.

use std::io;
use std::path::PathBuf;

use crate::codec::RowProblem;
use crate::encoding::Encoding;

/// Why a store is not created, opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refuses.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The disk has no place for more records. Everything is as it was.
    #[error(
        "{} cannot grow to {bytes} bytes: {error}; make room there, or commit what was appended and close", path.display()
    )]
    Growth {
        /// The file.
        path: PathBuf,
        /// How long it was to be.
        bytes: u64,
        /// What the system says.
        error: io::Error,
    },
    /// The file ends too early.
    #[error(
        "{} has {found} bytes where {expected} are needed: it was cut short, or is no store; take another copy", path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes that it must have.
        expected: u64,
        /// Bytes that it has.
        found: u64,
    },
    /// Not the file of a store.
    #[error("{} does not begin as a store does; give the path of a store, or create one", path.display())]
    BadMagic {
        /// The file.
        path: PathBuf,
    },
    /// Written in another version of the format.
    #[error("{} is of version {found}, this program reads version 2; use the program that wrote it", path.display())]
    UnsupportedVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// Both slots of the header are damaged.
    #[error("no header of {} has the checksum of its bytes: it is damaged; take another copy", path.display())]
    HeaderChecksum {
        /// The file.
        path: PathBuf,
    },
    /// The header, though whole, says what no store can be.
    #[error(
        "the header of {} says {field} {found}, which no store has; whatever wrote it is wrong: take another copy", path.display()
    )]
    InvalidHeader {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// Its value.
        found: u64,
    },
    /// The parameters are damaged.
    #[error("the parameters of {} do not have their checksum: no record can be decoded; take another copy", path.display())]
    ParamsChecksum {
        /// The file.
        path: PathBuf,
    },
    /// Rows of another dimension than was asked for.
    #[error("{} has rows of {found} values, not {expected}; open it with that dimension, or take another store", path.display())]
    DimensionMismatch {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        expected: usize,
        /// What it has.
        found: usize,
    },
    /// Records of another encoding than was asked for.
    #[error("{} holds {found:?}, not {expected:?}; open it with that encoding, or take another store", path.display())]
    EncodingMismatch {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        expected: Encoding,
        /// What it holds.
        found: Encoding,
    },
    /// A codec with parameters of its own.
    #[error("the codec for {} has other parameters than are in it; make it of those the store has", path.display())]
    ParametersMismatch {
        /// The file.
        path: PathBuf,
    },
    /// In use elsewhere.
    #[error(
        "{} is in use: a store has one writer or any number of readers; close the other, in this process too, and try again",
        path.display()
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// There is one already.
    #[error("{} is there already; open it, choose another path, or ask to replace it", path.display())]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// No store can have such records.
    #[error(
        "no store has records of {encoding:?} with {dimension} values in {payload} bytes; take another codec"
    )]
    Shape {
        /// What they would hold.
        encoding: Encoding,
        /// Values of a row.
        dimension: usize,
        /// Bytes of a payload.
        payload: usize,
    },
    /// More records than a file or an id table can have.
    #[error("{records} records are more than {} can have; spread them over several stores", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
        /// How many it would have.
        records: u64,
    },
    /// The row cannot be stored. Nothing was.
    #[error("the row is not stored: {0}; mend it or leave it out")]
    Row(#[from] RowProblem),
    /// A payload, or a buffer for one, of another length. Nothing was done.
    #[error("{found} bytes or values where {expected} are needed")]
    Length {
        /// What is needed.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// No such record.
    #[error("there is no record {index}: {len} are committed, counted from 0")]
    OutOfRange {
        /// What was asked for.
        index: usize,
        /// How many there are.
        len: usize,
    },
    /// A record is damaged.
    #[error("record {index} of {} does not have its checksum; `verify` lists all that are damaged: make it again", path.display())]
    RecordChecksum {
        /// The file.
        path: PathBuf,
        /// The record, counted from 0.
        index: usize,
    },
    /// The column of ids, or of sums, is damaged, or another store's.
    #[error(
        "what is in {} beside the records is not usable: {why}; take another copy, or open the store without it", path.display()
    )]
    Ids {
        /// The file of them.
        path: PathBuf,
        /// What is wrong.
        why: IdsDamage,
    },
    /// A store without ids, where one was given or asked for.
    #[error("{} is not there: this store has no ids; use the numbers of records, and append without ids", path.display())]
    NoIds {
        /// Where they would be.
        path: PathBuf,
    },
    /// A store with ids, where none was given.
    #[error("the store at {} has ids; append with one", path.display())]
    IdNeeded {
        /// The store.
        path: PathBuf,
    },
    /// An earlier commit failed.
    #[error(
        "an earlier commit to {} failed, and what it left on the disk is not known; what was committed before it is whole: see to \
         the disk, and open the store again",
        path.display()
    )]
    Failed {
        /// The file.
        path: PathBuf,
    },
}

/// What is wrong with a column of ids, or of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdsDamage {
    /// Neither slot of its header is whole.
    #[error("its header is damaged")]
    Header,
    /// It belongs to another store.
    #[error("it is another store's")]
    Store,
    /// It has no state for the commit that the store is at.
    #[error("it does not know commit {generation} of the store")]
    Commit {
        /// The store's generation.
        generation: u64,
    },
    /// The entries of these numbers do not have their checksum: ids by their records, sums by their blocks.
    #[error("entries {first} to {last} do not have their checksum")]
    Checksum {
        /// The first.
        first: usize,
        /// The last.
        last: usize,
    },
}
