//! BAM (SAM specification, section 4.2): the header's text, and records as the raw bytes that they are.

mod end;
mod header;
mod problem;
mod record;
mod tags;

pub(crate) use end::End;
pub use header::{Header, HeaderProblem};
pub use problem::RecordProblem;
pub(crate) use record::{LENGTH, MOST_RECORD_BYTES, Record, flags, length_at};
pub(crate) use tags::{Tags, molecule_tag, with_molecule};
