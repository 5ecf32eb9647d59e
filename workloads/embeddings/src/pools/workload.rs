//! The workload and its implementations.

use std::path::Path;

use plimsoll_workload::{Failure, Implementation, Metric, Workload};

use super::kinds::{Aligned, Locked, Plain, Pooled};
use super::params::Params;
use super::{job, measures};

/// The workload `embeddings-pool`.
#[derive(Debug)]
pub struct EmbeddingsPool;

impl Workload for EmbeddingsPool {
    const NAME: &'static str = "embeddings-pool";
    const GENERATOR: u32 = 1;
    type Params = Params;

    fn implementations() -> &'static [Implementation<Self>] {
        &[
            Implementation {
                id: "aligned",
                about: "blocks of the system's allocator at multiples of 64 bytes",
                steps: &[],
                run: job::run::<Aligned>,
            },
            Implementation {
                id: "plain",
                about: "blocks of the system's allocator wherever it likes",
                steps: &[],
                run: job::run::<Plain>,
            },
            Implementation {
                id: "locked",
                about: "the aligned blocks kept in one list, behind one lock",
                steps: &[],
                run: job::run::<Locked>,
            },
            Implementation {
                id: "pool",
                about: "chunks of mapped slabs, in a list for each thread",
                steps: &[],
                run: job::run::<Pooled>,
            },
        ]
    }

    fn metrics() -> &'static [Metric] {
        measures::METRICS
    }

    fn digests() -> &'static [&'static str] {
        measures::DIGESTS
    }

    fn input_key(_: &Params) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn prepare(params: &Params, _: &Path) -> Result<(), Failure> {
        params.check()
    }
}
