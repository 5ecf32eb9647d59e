//! The workload and its implementations.

use std::path::Path;

use plimsoll_workload::{Context, Failure, Implementation, Metric, Workload};

use crate::inputs::Inputs;
use crate::job::{self, Steps};
use crate::params::Params;
use crate::{baseline, measures, quantized, verify};

/// The workload of this crate.
#[derive(Debug)]
pub struct Vectors;

impl Workload for Vectors {
    const NAME: &'static str = "vectors";
    const GENERATOR: u32 = 1;
    const OUTPUT: &'static str = "answers";
    const VERIFIES: bool = true;
    type Params = Params;

    fn implementations() -> &'static [Implementation<Self>] {
        &[
            Implementation {
                id: "hnsw-rs",
                about: "the crate hnsw_rs with its SIMD kernels: all vectors in memory and again in the index, cloned by chunks, dumped and reloaded whole",
                steps: Steps::NAMES,
                run: |params, context| job::run(&baseline::STEPS, params, context),
            },
            Implementation {
                id: "quantized",
                about: "codes of eight bits and a flat graph, built in batches that give the same bits on any number of threads; saved in one stream, mapped to be asked, answers rescored from the file of vectors",
                steps: Steps::NAMES,
                run: |params, context| job::run(&quantized::STEPS, params, context),
            },
            Implementation {
                id: "bulk",
                about: "the same codes, file and search; the graph is built all at once, from overlapping groups of near vectors in which every distance is computed",
                steps: Steps::NAMES,
                run: |params, context| job::run(&quantized::BULK, params, context),
            },
            Implementation {
                id: "lean",
                about: "as quantized, over codes of four bits: half the memory, and twice as many vectors are read to answer",
                steps: Steps::NAMES,
                run: |params, context| job::run(&quantized::LEAN, params, context),
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
        Inputs::prepare(params, directory)
    }

    fn verify(params: &Params, context: &Context) -> Result<(), Failure> {
        verify::verify(params, context)
    }
}
