//! The `umi` workload: grouping the records of a BAM file by position and unique molecular identifier (UMI).
//!
//! Before DNA is amplified, each molecule is given a random text, the UMI, which all of its copies carry. Templates whose
//! both ends lie at the same positions and whose UMIs are equal, or nearly so, are copies of one molecule: they get its
//! number in the tag `MI`. The file comes sorted by template coordinate, so that the templates of one position, a *position
//! group*, are neighbours, and is read once.
//!
//! What comes out is that of `fgumi group` (0.9), record for record: strategies identity, edit, adjacency and paired,
//! filters, numbering, order and metrics. All implementations write the same records; they differ in what they hold on the
//! way.

mod account;
mod assign;
mod bam;
mod bgzf;
mod compact;
mod error;
mod generate;
mod inputs;
mod job;
pub mod kernels;
mod measures;
mod metrics;
mod params;
mod per_group;
mod pipeline;
mod records;
mod settings;
mod verify;
mod workload;

pub use bam::{Header, HeaderProblem, RecordProblem};
pub use bgzf::{BlockProblem, Deflater, EOF_BLOCK, inflate_all};
pub use error::{Error, Place};
pub use generate::Shape;
pub use metrics::Metrics;
pub use params::Params;
pub use settings::{Settings, Strategy};
pub use verify::{digest_of_records, header_of};
pub use workload::Umi;
