//! What can be wrong with a record.

use super::record::MOST_RECORD_BYTES;

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordProblem {
    /// The file ends inside of it.
    #[error("the file ends inside of it; get the file anew")]
    Truncated,
    /// Its length is less than that of its fixed fields.
    #[error("its length is {0} bytes, less than its fixed fields have; get the file anew")]
    TooShort(u32),
    /// Its length is more than is supported.
    #[error("its length is {0} bytes; more than {MOST_RECORD_BYTES} are not supported")]
    TooLong(u32),
    /// Name, CIGAR, bases and qualities do not fit into its length.
    #[error("its fields are longer than the record; get the file anew")]
    Lengths,
    /// The name is empty, or its NUL is not where it must be.
    #[error("its name is not ended by a NUL byte; get the file anew")]
    Name,
    /// It lies on a reference that the header does not have.
    #[error("it lies on reference {0}, which the header does not have; get the file anew")]
    Reference(i32),
    /// A tag ends behind the record, or is of no known type.
    #[error("its tags are damaged; get the file anew")]
    Tags,
    /// The CIGAR of the mate is none.
    #[error("its tag MC is not a CIGAR; run `samtools fixmate -m` or the like")]
    MateCigar,
    /// A mapped record of a mapped pair lacks `MC`.
    #[error("it has no tag MC, though its mate is mapped; run `samtools fixmate -m` or the like")]
    NoMateCigar,
    /// A template has two records that are both the first, or both the second.
    #[error("its template has two primary records of the same number; remove one of them")]
    Twice,
    /// The UMIs of a position group differ in length.
    #[error(
        "the UMIs at this position differ in length; choose the strategy identity, or set min_umi_length"
    )]
    UmiLengths,
    /// A UMI is not two halves with one dash between them.
    #[error(
        "its UMI does not have exactly one dash; the strategy paired needs the UMIs of both ends"
    )]
    UmiHalves,
    /// More templates at one position than can be counted.
    #[error("more than 4,294,967,295 templates lie at this position")]
    TooMany,
}
