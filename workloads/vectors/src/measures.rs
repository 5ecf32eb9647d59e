//! What runs report: metrics, among them some for every `ef` that may be asked for, and digests.

use plimsoll_workload::{Better, Context, Metric, Unit};

use crate::index::Counters;
use crate::params::Params;
use crate::preflight::Plan;

/// An `ef`, and the names of what is reported of it.
#[derive(Debug, Clone, Copy)]
pub struct Ef {
    /// Vectors that a query keeps in view.
    pub ef: usize,
    /// Metric: the share of true neighbours found.
    pub recall: &'static str,
    /// Metric: the 95th percentile of the time a query takes.
    pub p95: &'static str,
    /// Histogram of that time.
    pub latency: &'static str,
}

const fn metric(name: &'static str, unit: Unit, better: Better, about: &'static str) -> Metric {
    Metric {
        name,
        unit,
        better,
        about,
    }
}

macro_rules! efs {
    ($($ef:literal),*) => {
        /// Every `ef` that may be asked for: metrics have to be known by name before anything runs.
        pub const EFS: &[Ef] = &[$(Ef {
            ef: $ef,
            recall: concat!("recall_ef", $ef),
            p95: concat!("p95_ef", $ef),
            latency: concat!("latency_ef", $ef),
        }),*];

        /// The metrics that implementations and the proof may report.
        pub(crate) const METRICS: &[Metric] = &[
            VECTORS_PER_CPU_SECOND,
            BYTES_PER_VECTOR,
            INDEX_BYTES,
            ESTIMATED_MEMORY,
            THREADS_USED,
            READ_BLOCK,
            CODE_BITS,
            SPILLED,
            RESUMED,
            RECALL,
            QUERY_P95,
            SAVE_EXTRA_MEMORY,
            SELF_RECALL,
            EVALUATIONS,
            SELECTIONS,
            HOPS,
            DEGREE,
            $(
                metric(concat!("recall_ef", $ef), Unit::Share, Better::Higher, concat!("share of the true neighbours that are found with ef ", $ef, ", by distance")),
                metric(concat!("p95_ef", $ef), Unit::Seconds, Better::Lower, concat!("95th percentile of the elapsed time of a query with ef ", $ef)),
                metric(concat!("latency_ef", $ef), Unit::Seconds, Better::Lower, concat!("elapsed time of a query with ef ", $ef, ", a distribution")),
            )*
        ];
    };
}

efs!(10, 16, 24, 32, 48, 64, 100, 128, 200, 256, 400, 512, 800);

pub(crate) const VECTORS_PER_CPU_SECOND: Metric = metric(
    "vectors_per_cpu_s",
    Unit::PerSecond,
    Better::Higher,
    "vectors read and indexed per second of CPU time, saving not included",
);
pub(crate) const BYTES_PER_VECTOR: Metric = metric(
    "bytes_per_vector",
    Unit::Bytes,
    Better::Lower,
    "resident memory that the build has added when the index is done, for each vector",
);
pub(crate) const INDEX_BYTES: Metric = metric(
    "index_bytes",
    Unit::Bytes,
    Better::Lower,
    "size of the saved index, all its files together",
);

pub(crate) const ESTIMATED_MEMORY: Metric = metric(
    "estimated_memory",
    Unit::Bytes,
    Better::Lower,
    "anonymous memory that a build was expected to add, before it began: at most, or, of `hnsw-rs`, as a rule",
);
const THREADS_USED: Metric = Metric::count(
    "threads_used",
    "threads that a build had; fewer than it was given where memory is short",
);
const READ_BLOCK: Metric = metric(
    "read_block",
    Unit::Bytes,
    Better::Neither,
    "vectors that a build read at a time; less than 12 MiB where memory is short",
);

pub(crate) const RESUMED: Metric = Metric::count(
    "resumed_vectors",
    "vectors that were in the checkpoint from which a build went on; 0 where it began anew",
);

pub(crate) const SAVE_EXTRA_MEMORY: Metric = metric(
    "save_extra_memory",
    Unit::Bytes,
    Better::Lower,
    "most resident memory while an index is saved, beyond what there was before, looked at with every MiB",
);

const RECALL: Metric = metric(
    "recall",
    Unit::Share,
    Better::Higher,
    "share of the true neighbours that are found with `only_ef`, by distance",
);

const QUERY_P95: Metric = metric(
    "query_p95",
    Unit::Seconds,
    Better::Lower,
    "95th percentile of the elapsed time of a query with `only_ef`",
);

pub(crate) const SELF_RECALL: Metric = metric(
    "self_recall",
    Unit::Share,
    Better::Higher,
    "share of 1,000 vectors of the index, or all, that find themselves or an equal one first, with ef 64",
);

const CODE_BITS: Metric = metric(
    "code_bits",
    Unit::Count,
    Better::Neither,
    "bits that the index keeps of each coordinate; fewer than asked for where memory is short and that is allowed",
);

const SPILLED: Metric = metric(
    "spilled_bytes",
    Unit::Bytes,
    Better::Neither,
    "codes and links that a build had in a file instead of in memory; 0 where there is memory for them, or a file is not allowed",
);

const EVALUATIONS: Metric = Metric::count(
    "evaluations_per_insert",
    "distances computed on the way to each vector's place, of an index that counts them",
);
const SELECTIONS: Metric = Metric::count(
    "selections_per_insert",
    "distances computed while links were chosen, for each vector",
);
const HOPS: Metric = Metric::count(
    "hops_per_insert",
    "vectors whose links were followed, for each vector",
);
const DEGREE: Metric = Metric::count("mean_degree", "links of a vector on level 0");

/// The digests that implementations and the proof may report: of the vectors and queries, of the true neighbours, and of all answers and of the saved
/// index, where these are the same in every run.
pub(crate) const DIGESTS: &[&str] = &["input", "truth", "answers", "index"];

/// Reports a metric.
pub(crate) fn report(context: &Context, metric: Metric, value: f64) {
    context.metric(metric.name, metric.unit, metric.better, value);
}

/// What is reported of an `ef` under a name of its own: all that `ef` may list have one.
pub(crate) fn of(ef: usize) -> Option<&'static Ef> {
    EFS.iter().find(|known| known.ef == ef)
}

pub(crate) fn report_recall(context: &Context, params: &Params, ef: usize, share: f64) {
    if let Some(names) = of(ef) {
        context.metric(names.recall, Unit::Share, Better::Higher, share);
    }
    if params.only_ef.is_some() {
        report(context, RECALL, share);
    }
}

pub(crate) fn report_p95(context: &Context, params: &Params, ef: usize, seconds: f64) {
    if let Some(names) = of(ef) {
        context.metric(names.p95, Unit::Seconds, Better::Lower, seconds);
    }
    if params.only_ef.is_some() {
        report(context, QUERY_P95, seconds);
    }
}

pub(crate) fn report_plan(context: &Context, plan: &Plan) {
    report(context, ESTIMATED_MEMORY, plan.estimate.peak as f64);
    report(context, THREADS_USED, plan.resources.threads as f64);
    report(context, READ_BLOCK, plan.resources.block as f64);
    report(context, CODE_BITS, f64::from(plan.width.bits()));
    report(context, SPILLED, plan.estimate.spilled as f64);
}

pub(crate) fn report_counters(context: &Context, counters: &Counters) {
    report(context, EVALUATIONS, counters.evaluations_per_insert());
    report(context, SELECTIONS, counters.selections_per_insert());
    report(context, HOPS, counters.hops_per_insert());
    report(context, DEGREE, counters.mean_degree());
}
