//! The workload and its implementations.

use std::path::Path;

use plimsoll_workload::{Context, Failure, Implementation, Metric, Workload};

use crate::heap_map::HeapMap;
use crate::job::{self, STEPS};
use crate::params::Params;
use crate::stored::{BINARY, MAPPED, PRODUCT, SQ8, SQ8_STREAMING, SYNCED_MAP, TIERED};
use crate::{inputs, measures, verify};

/// The workload of the store.
#[derive(Debug)]
pub struct Embeddings;

impl Workload for Embeddings {
    const NAME: &'static str = "embeddings";
    const GENERATOR: u32 = 1;
    const OUTPUT: &'static str = "answers";
    const VERIFIES: bool = true;
    type Params = Params;

    fn implementations() -> &'static [Implementation<Self>] {
        &[
            Implementation {
                id: "heap-map",
                about: "every vector a list of its own in a hash map, loaded whole; a copy of it under one lock for each read, behind a cache that counts entries",
                steps: STEPS,
                run: |params, context| job::run(&HeapMap, params, context),
            },
            Implementation {
                id: "synced-map",
                about: "the vectors in a mapped file, each committed by itself, behind a cache of those asked for last, by their bytes, with one lock",
                steps: STEPS,
                run: |params, context| job::run(&SYNCED_MAP, params, context),
            },
            Implementation {
                id: "mapped",
                about: "the same file, committed every 8 MiB and read where it is mapped, without a cache",
                steps: STEPS,
                run: |params, context| job::run(&MAPPED, params, context),
            },
            Implementation {
                id: "sq8",
                about: "the same with a byte for each value, between the least and the greatest of its dimension; searched by the codes",
                steps: STEPS,
                run: |params, context| job::run(&SQ8, params, context),
            },
            Implementation {
                id: "sq8-streaming",
                about: "the same between the least and the greatest of the vector: nothing has to be known beforehand",
                steps: STEPS,
                run: |params, context| job::run(&SQ8_STREAMING, params, context),
            },
            Implementation {
                id: "pq",
                about: "codes of product quantisation in memory, the vectors copied from their file to be read, and to score the best by their codes again",
                steps: STEPS,
                run: |params, context| job::run(&PRODUCT, params, context),
            },
            Implementation {
                id: "binary",
                about: "the same with the signs of the values as codes",
                steps: STEPS,
                run: |params, context| job::run(&BINARY, params, context),
            },
            Implementation {
                id: "tiered",
                about: "signs in memory, vectors or codes of a byte a value on the disk, a cache of those asked for often in the chunks of a pool, lazy handles",
                steps: STEPS,
                run: |params, context| job::run(&TIERED, params, context),
            },
        ]
    }

    fn metrics() -> &'static [Metric] {
        measures::METRICS
    }

    fn digests() -> &'static [&'static str] {
        measures::DIGESTS
    }

    fn input_key(params: &Params) -> serde_json::Value {
        params.input_key()
    }

    fn prepare(params: &Params, directory: &Path) -> Result<(), Failure> {
        inputs::prepare(params, directory)
    }

    fn verify(params: &Params, context: &Context) -> Result<(), Failure> {
        verify::verify(params, context)
    }
}
