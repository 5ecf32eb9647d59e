//! What runs report.

use plimsoll_workload::{Better, Context, Metric, Unit};

/// XXH3 of all returned values: the same whatever is kept.
pub(super) const VALUES: &str = "values";
/// CRC-32 of the trace.
pub(super) const TRACE: &str = "trace";
pub(super) const DIGESTS: &[&str] = &[VALUES, TRACE];

const fn metric(name: &'static str, unit: Unit, better: Better, about: &'static str) -> Metric {
    Metric {
        name,
        unit,
        better,
        about,
    }
}

pub(super) const HIT_RATE: Metric = metric(
    "hit_rate",
    Unit::Share,
    Better::Higher,
    "reads that found their value in the cache",
);
pub(super) const HOT_HIT_RATE: Metric = metric(
    "hot_hit_rate",
    Unit::Share,
    Better::Higher,
    "the same of the most popular keys that fill 80 % of the budget, in the second half of the trace",
);
pub(super) const READ_CPU: Metric = metric(
    "read_cpu",
    Unit::Seconds,
    Better::Lower,
    "CPU time of reading the trace, the digest of the values included",
);
pub(super) const BUDGET: Metric = metric(
    "budget_bytes",
    Unit::Bytes,
    Better::Neither,
    "what the cache may hold; of adaptive, in the end",
);
pub(super) const USED: Metric = metric(
    "used_peak",
    Unit::Bytes,
    Better::Lower,
    "most bytes that the cache has counted",
);
pub(super) const ENTRY: Metric = metric(
    "entry_bytes",
    Unit::Bytes,
    Better::Lower,
    "what the tables take for a value, its key included; all of it is counted",
);
pub(super) const ENTRIES: Metric = Metric::count("entries", "values in the end");
pub(super) const EVICTIONS: Metric = Metric::count("evictions", "values that went to make room");
pub(super) const RESIZES: Metric = Metric::count("resizes", "how often the budget has changed");
pub(super) const ANON: Metric = metric(
    "anon_over_budget",
    Unit::Ratio,
    Better::Lower,
    "most anonymous memory beyond what there was before the cache was made, over the budget",
);
pub(super) const HANDLE: Metric = metric(
    "handle_over_direct",
    Unit::Ratio,
    Better::Lower,
    "CPU time of reads through loaded handles over that of reads of counted references",
);

/// The metrics of runs.
pub(super) const METRICS: &[Metric] = &[
    HIT_RATE,
    HOT_HIT_RATE,
    READ_CPU,
    BUDGET,
    USED,
    ENTRY,
    ENTRIES,
    EVICTIONS,
    RESIZES,
    ANON,
    HANDLE,
];

/// Reports one.
pub(super) fn tell(context: &Context, metric: Metric, value: f64) {
    context.metric(metric.name, metric.unit, metric.better, value);
}
