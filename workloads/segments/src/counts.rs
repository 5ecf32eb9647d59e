//! What a run found and made, the same for every implementation, and how it is reported.

use plimsoll_workload::{Better, Context, Metric, Unit};

use crate::archive::MetaBuilder;
use crate::params::Settings;

/// Counts of one compression.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bases of all samples.
    pub bases: u64,
    /// Splitters chosen from the reference sample.
    pub splitters: u64,
    /// Segments of all samples.
    pub segments: u64,
    /// Groups, the raw one not counted.
    pub groups: u64,
    /// Deltas stored.
    pub deltas: u64,
    /// Packs of deltas; the raw group's are not counted.
    pub packs: u64,
    /// Size of the archive in bytes.
    pub archive_bytes: u64,
}

/// The metrics of every run, in the order of [`Counts`].
pub(crate) const METRICS: &[Metric] = &[
    Metric::count("bases", "bases of all samples"),
    Metric::count("splitters", "splitters chosen from the reference sample"),
    Metric::count("segments", "segments of all samples"),
    Metric::count("groups", "groups that have a reference"),
    Metric::count("deltas", "segments stored as differences"),
    Metric::count("packs", "packs of differences"),
    Metric {
        name: "archive_bytes",
        unit: Unit::Bytes,
        better: Better::Lower,
        about: "size of the archive",
    },
];

impl Counts {
    /// What the metadata and the member number of every segment tell; the rest is still to be filled in.
    pub(crate) fn of(meta: &MetaBuilder, members: &[u32], settings: &Settings) -> Self {
        let deltas = meta.deltas(members);
        let packs = |deltas: &u32| u64::from(deltas.div_ceil(settings.pack));
        Self {
            segments: members.len() as u64,
            groups: deltas.len() as u64,
            deltas: deltas.iter().map(|deltas| u64::from(*deltas)).sum(),
            packs: deltas.iter().map(packs).sum(),
            ..Self::default()
        }
    }

    /// Reports them as the run's metrics.
    pub(crate) fn report(&self, context: &Context) {
        let values = [
            self.bases,
            self.splitters,
            self.segments,
            self.groups,
            self.deltas,
            self.packs,
            self.archive_bytes,
        ];
        for (metric, value) in METRICS.iter().zip(values) {
            context.metric(metric.name, metric.unit, metric.better, value as f64);
        }
    }
}
