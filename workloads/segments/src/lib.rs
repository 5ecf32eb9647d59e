//! The `segments` workload: grouping and compressing the segments of a pangenome.
//!
//! Genomes of one species are cut at *splitters*, k-mers that occur once in the reference genome. Segments between
//! the same two splitters form a *group*; the first of a group is its *reference*, every later one is stored as its
//! difference from it (a *delta*), and the deltas are compressed by the pack. The archive gives every record back,
//! byte for byte.
//!
//! All implementations write the same archive; they differ in what they hold on the way.

pub mod archive;
pub mod batch;
pub mod bounded;
pub mod code;
mod counts;
pub mod cross;
pub mod cut;
pub mod damage;
pub mod delta;
pub mod extract;
pub mod fasta;
pub mod generate;
pub mod groups;
pub mod inputs;
pub mod job;
pub mod kmer;
pub mod layers;
pub mod ordered;
pub mod pack;
pub mod params;
mod pass;
pub mod pipeline;
pub mod plain;
pub mod segment;
pub mod splitters;
mod stamp;
pub mod streaming;
pub mod two_bit;
pub mod varint;
pub mod verify;
mod whole;
mod whole_file;

use std::path::Path;

use plimsoll_workload::{Context, Failure, Implementation, Metric, Workload};

pub use counts::Counts;
pub use damage::Damage;
pub use inputs::{Inputs, RecordsDigest, Sample};
pub use params::{Levels, Params, Preset, Settings, Zstd};

/// The workload of this crate.
#[derive(Debug)]
pub struct Segments;

impl Workload for Segments {
    const NAME: &'static str = "segments";
    const GENERATOR: u32 = 1;
    const OUTPUT: &'static str = "segw";
    const VERIFIES: bool = true;
    type Params = Params;

    fn implementations() -> &'static [Implementation<Self>] {
        &[
            Implementation {
                id: "batch",
                about: "all segments and candidate k-mers in memory, segments cloned as they are handed on; packs collected, then written",
                steps: &[],
                run: |params, context| job::run(batch::batch, Levels::AsFound, params, context),
            },
            Implementation {
                id: "moved",
                about: "the same with segments moved instead of cloned",
                steps: &[],
                run: |params, context| job::run(batch::moved, Levels::AsFound, params, context),
            },
            Implementation {
                id: "borrowed",
                about: "the same with packs built from references to segments",
                steps: &[],
                run: |params, context| job::run(batch::borrowed, Levels::AsFound, params, context),
            },
            Implementation {
                id: "streaming",
                about: "reads, cuts, groups, encodes and writes at once over bounded queues; whole records in memory",
                steps: &[],
                run: |params, context| job::run(streaming::compress, Levels::Lean, params, context),
            },
            Implementation {
                id: "bounded",
                about: "the same in bounded memory: no whole record, references at two bits a base, no index kept",
                steps: &[],
                run: |params, context| job::run(bounded::compress, Levels::Lean, params, context),
            },
            Implementation {
                id: "cross-referenced",
                about: "the same with references encoded against earlier ones: an archive of its own format",
                steps: &[],
                run: |params, context| {
                    job::run(bounded::cross_referenced, Levels::Lean, params, context)
                },
            },
        ]
    }

    fn metrics() -> &'static [Metric] {
        counts::METRICS
    }

    fn input_key(params: &Params) -> serde_json::Value {
        params.input_key()
    }

    fn prepare(params: &Params, directory: &Path) -> Result<(), Failure> {
        Inputs::prepare(params, directory)
    }

    fn digests() -> &'static [&'static str] {
        verify::DIGESTS
    }

    fn verify(_: &Params, context: &Context) -> Result<(), Failure> {
        let inputs = Inputs::open(context.inputs())?;
        verify::verify(&job::archive_path(context), &inputs, context)
    }
}
