//! The `segments` workload: grouping and compressing the segments of a pangenome.
//!
//! Genomes of one species are cut at *splitters*, k-mers that occur once in the reference genome. Segments between
//! the same two splitters form a *group*; the first of a group is its *reference*, every later one is stored as its
//! difference from it (a *delta*), and the deltas are compressed by the pack. The archive gives every record back,
//! byte for byte.
//!
//! All implementations write the same archive; they differ in what they hold on the way.

pub mod archive;
pub mod bounded;
pub mod code;
pub mod counts;
pub mod cross;
pub mod cut;
pub mod damage;
pub mod delta;
pub mod fasta;
pub mod generate;
pub mod groups;
pub mod inputs;
pub mod kmer;
pub mod layers;
pub mod ordered;
pub mod pack;
pub mod params;
pub mod pipeline;
pub mod plain;
pub mod segment;
pub mod splitters;
mod stamp;
pub mod two_bit;
pub mod varint;
mod whole_file;

pub use damage::Damage;
pub use inputs::{Inputs, RecordsDigest, Sample};
pub use params::{Params, Preset, Settings, Zstd};
