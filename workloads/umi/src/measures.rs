//! What runs report: metrics and digests.

use plimsoll_workload::{Better, Context, Metric, Unit};

use crate::job::Grouped;

/// The digest of the records of the output, in their order and byte for byte.
pub(crate) const RECORDS_DIGEST: &str = "records";
/// The digest of the three metrics files.
pub(crate) const METRICS_DIGEST: &str = "metrics";
pub(crate) const DIGESTS: &[&str] = &[RECORDS_DIGEST, METRICS_DIGEST];

/// The metrics of every run, in the order of [`report`].
pub(crate) const METRICS: &[Metric] = &[
    Metric::count(
        "records",
        "records read, secondary and supplementary ones not counted",
    ),
    Metric::count("accepted", "records written"),
    Metric::count("molecules", "numbers given to molecules"),
    Metric::count("families", "families of all position groups"),
    Metric::count(
        "position_groups",
        "position groups with a template that is kept",
    ),
    Metric {
        name: "output_bytes",
        unit: Unit::Bytes,
        better: Better::Lower,
        about: "size of the grouped file",
    },
    Metric {
        name: "queue_peak",
        unit: Unit::Bytes,
        better: Better::Lower,
        about: "most bytes that waited between the parts of the pass: all that a count of queues sees",
    },
    Metric {
        name: "ledger_peak",
        unit: Unit::Bytes,
        better: Better::Lower,
        about: "most bytes that the program's own account has told at once: to be held against heap_peak",
    },
    Metric {
        name: "spilled",
        unit: Unit::Bytes,
        better: Better::Lower,
        about: "packed records that were kept in files for want of memory; each is written twice",
    },
];

/// Reports what came of a run.
pub(crate) fn report(context: &Context, grouped: &Grouped, ledger_peak: u64) {
    let metrics = &grouped.metrics;
    let values = [
        metrics.records(),
        metrics.accepted,
        grouped.molecules,
        metrics.families(),
        metrics.position_groups(),
        grouped.output_bytes,
        grouped.queue_peak,
        ledger_peak,
        grouped.spilled,
    ];
    for (metric, value) in METRICS.iter().zip(values) {
        context.metric(metric.name, metric.unit, metric.better, value as f64);
    }
}
