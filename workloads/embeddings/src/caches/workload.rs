//! The workload and its implementations.

use std::path::Path;

use plimsoll_workload::{Failure, Implementation, Metric, Workload};

use super::params::Params;
use super::{job, measures};

/// The workload `embeddings-cache`.
#[derive(Debug)]
pub struct EmbeddingsCache;

impl Workload for EmbeddingsCache {
    const NAME: &'static str = "embeddings-cache";
    const GENERATOR: u32 = 1;
    type Params = Params;

    fn implementations() -> &'static [Implementation<Self>] {
        &[
            Implementation {
                id: "lru",
                about: "the values used last, each in a block of its own, behind one lock",
                steps: &[],
                run: job::lru,
            },
            Implementation {
                id: "weighted",
                about: "the values used often and lately, in chunks of a pool, read without an exclusive lock",
                steps: &[],
                run: job::weighted,
            },
            Implementation {
                id: "adaptive",
                about: "the same with a budget that moves from a quarter of what is given up to all of it, as values that went are asked for again",
                steps: &[],
                run: job::adaptive,
            },
            Implementation {
                id: "lazy",
                about: "a handle for each key that loads its value when it is first asked for, and keeps it",
                steps: &[],
                run: job::lazy,
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
