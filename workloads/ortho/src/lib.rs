//! The `ortho` workload: a combinatorial search over text whose result set outgrows memory.
//!
//! From a text we learn which word may follow which word sequence. An *ortho* is a small
//! multi-dimensional box whose cells are filled with words in a fixed order, such that along every
//! axis each cell is a word that the text shows after the words before it on that line. Starting
//! from an empty 2x2 box one cell is filled at a time; when only one is left empty, the next word
//! makes the box grow. The search enumerates every distinct ortho that can be produced.
//!
//! All implementations give the same [`Summary`] per text; they differ in what they keep.

mod ancestry;
mod candidates;
mod census;
mod cumulative;
pub mod depth_first;
pub mod digest;
pub mod fifo;
pub mod input;
pub mod interner;
pub mod job;
pub mod level_wise;
pub mod pattern;
pub mod queue;
pub mod summary;
pub mod tally;
pub mod text;
pub mod texts;

use std::path::Path;

use plimsoll_workload::{Failure, Implementation, Metric, Workload};

pub use input::Params;
pub use job::Options;
pub use summary::{Optimal, Summary};
pub use tally::Tally;
pub use texts::Texts;

/// The workload of this crate.
#[derive(Debug)]
pub struct Ortho;

impl Workload for Ortho {
    const NAME: &'static str = "ortho";
    const GENERATOR: u32 = 1;
    const OUTPUT: &'static str = "json";
    type Params = Params;

    fn implementations() -> &'static [Implementation<Self>] {
        &[
            Implementation {
                id: "in-memory",
                about: "breadth first; queue, seen ids and a cloned frontier in memory",
                steps: &[],
                run: |params, context| job::run(fifo::in_memory, params, context),
            },
            Implementation {
                id: "disk-queue",
                about: "breadth first; bounded queue, overflow in bincode chunk files; seen ids in memory",
                steps: &[],
                run: |params, context| job::run(fifo::disk_queue, params, context),
            },
            Implementation {
                id: "queue-mmap",
                about: "the same with the overflow in a ring in a memory-mapped file",
                steps: &[],
                run: |params, context| job::run(fifo::queue_mmap, params, context),
            },
            Implementation {
                id: "queue-sqlite",
                about: "the same with the overflow in an SQLite table, one row an ortho",
                steps: &[],
                run: |params, context| job::run(fifo::queue_sqlite, params, context),
            },
            Implementation {
                id: "queue-redb",
                about: "the same with the overflow in a redb table, one entry an ortho",
                steps: &[],
                run: |params, context| job::run(fifo::queue_redb, params, context),
            },
            Implementation {
                id: "level-wise",
                about: "level by level on disk, duplicates removed by sorting; can be resumed",
                steps: &[],
                run: |params, context| job::run(level_wise::search, params, context),
            },
            Implementation {
                id: "depth-first",
                about: "depth first with canonical parents: keeps neither a queue nor the orthos seen",
                steps: &[],
                run: |params, context| job::run(depth_first::search, params, context),
            },
        ]
    }

    fn metrics() -> &'static [Metric] {
        job::METRICS
    }

    fn digests() -> &'static [&'static str] {
        job::DIGESTS
    }

    fn input_key(params: &Params) -> serde_json::Value {
        params.input_key()
    }

    fn prepare(params: &Params, directory: &Path) -> Result<(), Failure> {
        params.prepare(directory)
    }
}
