//! The workload and its implementations.

use std::path::Path;

use plimsoll_workload::{Context, Failure, Implementation, Metric, Workload};

use crate::params::Params;
use crate::{compact, inputs, job, measures, per_group, verify};

/// The workload of this crate.
#[derive(Debug)]
pub struct Umi;

impl Workload for Umi {
    const NAME: &'static str = "umi";
    const GENERATOR: u32 = 1;
    const OUTPUT: &'static str = "bam";
    const VERIFIES: bool = true;
    type Params = Params;

    fn implementations() -> &'static [Implementation<Self>] {
        &[
            Implementation {
                id: "per-group",
                about: "records, names and UMIs in memory of their own, hash maps anew for each position group, a whole group and its output in each thread; only what waits in queues is counted",
                steps: &[],
                run: |params, context| job::run(per_group::group, params, context),
            },
            Implementation {
                id: "compact",
                about: "rows of thirty-two bytes over the inflated blocks, UMIs of two bits a letter, sorting instead of hashing, a large group written by all threads",
                steps: &[],
                run: |params, context| job::run(compact::group, params, context),
            },
            Implementation {
                id: "bounded",
                about: "the same in bounded memory: the records of a large group are packed and go to files, and come back range by range; or stay in memory, packed",
                steps: &[],
                run: |params, context| job::run(compact::bounded, params, context),
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

    fn verify(_: &Params, context: &Context) -> Result<(), Failure> {
        Ok(verify::verify(&job::output_path(context), context)?)
    }
}
