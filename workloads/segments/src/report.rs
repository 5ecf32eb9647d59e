//! What every run reports about its archive.

use plimsoll_workload::{Better, Context, Metric, Unit};

const fn count(name: &'static str, about: &'static str) -> Metric {
    Metric {
        name,
        unit: Unit::Count,
        better: Better::Neither,
        about,
    }
}

/// The metrics of every run.
pub(crate) const METRICS: &[Metric] = &[
    count("bases", "bytes of sequence read"),
    count("segments", "segments cut"),
    count("groups", "groups with a reference"),
    count("splitters", "splitters chosen from the reference"),
    count("deltas", "differences stored"),
    count("packs", "packs of differences"),
    Metric {
        name: "archive_bytes",
        unit: Unit::Bytes,
        better: Better::Lower,
        about: "size of the archive",
    },
];

/// What an archive was made of, and its size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes of sequence.
    pub bases: u64,
    /// Segments.
    pub segments: u64,
    /// Groups with a reference: all but the raw group.
    pub groups: u64,
    /// Splitters.
    pub splitters: u64,
    /// Deltas stored.
    pub deltas: u64,
    /// Packs of deltas.
    pub packs: u64,
    /// Bytes of the archive.
    pub archive_bytes: u64,
}

impl Totals {
    /// Reports them as the run's metrics.
    pub(crate) fn report(&self, context: &Context) {
        let values = [
            self.bases,
            self.segments,
            self.groups,
            self.splitters,
            self.deltas,
            self.packs,
            self.archive_bytes,
        ];
        for (metric, value) in METRICS.iter().zip(values) {
            context.metric(metric.name, metric.unit, metric.better, value as f64);
        }
    }
}
