//! What runs report: metrics and digests.

use plimsoll_workload::{Better, Context, Metric, Unit};
use rustix::time::{ClockId, clock_gettime};

const fn lower(name: &'static str, unit: Unit, about: &'static str) -> Metric {
    Metric {
        name,
        unit,
        better: Better::Lower,
        about,
    }
}

const fn share(name: &'static str, about: &'static str) -> Metric {
    Metric {
        name,
        unit: Unit::Share,
        better: Better::Higher,
        about,
    }
}

macro_rules! metrics {
    ($($name:ident = $metric:expr;)*) => {
        $(pub(crate) const $name: Metric = $metric;)*

        /// The metrics that implementations and the proof may report.
        pub(crate) const METRICS: &[Metric] = &[$($name),*];
    };
}

metrics! {
    APPEND_CPU = lower("append_cpu", Unit::Seconds, "processor time of a vector's way into the store: encoding, appending and its share of the commits, without making it");
    APPEND_WALL = lower("append_wall", Unit::Seconds, "elapsed time of the same");
    TRAIN_CPU = lower("train_cpu", Unit::Seconds, "processor time in which the parameters of the codes are found");
    COMMITS = Metric::count("commits", "commits, of all files together");
    RESUMED = Metric::count("resumed_vectors", "vectors that were in the store when the step began; 0 where it began anew");
    CLAMPED = Metric::count("clamped", "values beyond the range that their code covers");
    INGEST_ANONYMOUS = lower("ingest_anonymous", Unit::Bytes, "most anonymous resident memory while vectors are appended, looked at with every 8 MiB of them");
    DISK_PER_VECTOR = lower("disk_bytes_per_vector", Unit::Bytes, "of all files of the store, for each vector");
    OPEN_TIME = lower("open_time", Unit::Seconds, "elapsed time until the store is open, its first pages not in memory before");
    RESIDENT = lower("resident", Unit::Bytes, "resident memory, anonymous and of files, when every vector has been read, where they all are, and every query answered; less that before the store was opened");
    RESIDENT_ANONYMOUS = lower("resident_anonymous", Unit::Bytes, "the anonymous part of that");
    BYTES_PER_VECTOR = lower("bytes_per_vector", Unit::Bytes, "resident, for each vector");
    READ_CPU = lower("read_cpu", Unit::Seconds, "processor time of a read of the trace, by id, into a buffer, and of a dot product with it");
    READ_P50 = lower("read_p50", Unit::Seconds, "median elapsed time of such a read");
    READ_P99 = lower("read_p99", Unit::Seconds, "99th percentile of the elapsed time of such a read");
    READ_LATENCY = lower("read_latency", Unit::Seconds, "elapsed time of such a read, a distribution");
    HIT_RATE = share("hit_rate", "reads of the trace that a cache answered");
    POOL_SHARE = lower("pool_share", Unit::Share, "the pool's part of read_cpu: what a chunk costs that is taken, shared and given back with each load, told from reads that do so ten times; storing the vectors takes no chunks, and is not in it: of the time of both the part is smaller");
    QUERY_CPU = lower("query_cpu", Unit::Seconds, "processor time of a search");
    QUERY_P95 = lower("query_p95", Unit::Seconds, "95th percentile of the elapsed time of a search");
    QUERY_LATENCY = lower("query_latency", Unit::Seconds, "elapsed time of a search, a distribution");
    LAZY_P50 = lower("lazy_p50", Unit::Seconds, "median elapsed time from an unloaded handle to its vector, in the page cache");
    LAZY_P99 = lower("lazy_p99", Unit::Seconds, "99th percentile of that");
    LAZY_LATENCY = lower("lazy_latency", Unit::Seconds, "the same, a distribution");
    LAZY_COLD_P50 = lower("lazy_cold_p50", Unit::Seconds, "median elapsed time from an unloaded handle to its vector, on the disk");
    LAZY_COLD_P99 = lower("lazy_cold_p99", Unit::Seconds, "99th percentile of that");
    DEVICE_P50 = lower("device_p50", Unit::Seconds, "median elapsed time of a random read of 4 KiB of the same file, on the disk");
    DEVICE_P99 = lower("device_p99", Unit::Seconds, "99th percentile of that");
    LAZY_COLD_EXTRA = lower("lazy_cold_extra", Unit::Seconds, "by how much lazy_cold_p99 is above device_p99");
    RECALL = share("recall", "share of the exact nearest that are in the answers");
    CODE_RECALL = share("code_recall", "share of them that are nearest by their codes alone");
    RESCORED_IDENTICAL = share("rescored_identical", "queries whose nearest are the exact ones in their order, once the best by their codes are scored again from the originals");
    MSE = lower("mse", Unit::Ratio, "mean square difference of a value and what is decoded of its code");
    COSINE_ERROR = lower("cosine_error", Unit::Ratio, "mean over all vectors of 1 less the cosine between vector and what is decoded of its code");
}

/// The digests that implementations and the proof may report: of every vector that the trace reads, of ids and scores of all
/// answers, and of all codes as the plain encoder makes them.
pub(crate) const DIGESTS: &[&str] = &[VECTORS_DIGEST, ANSWERS_DIGEST, CODES_DIGEST];
pub(crate) const VECTORS_DIGEST: &str = "vectors";
pub(crate) const ANSWERS_DIGEST: &str = "answers";
pub(crate) const CODES_DIGEST: &str = "codes";

/// Reports a metric.
pub(crate) fn report(context: &Context, metric: Metric, value: f64) {
    context.metric(metric.name, metric.unit, metric.better, value);
}

/// Reports a distribution of times in nanoseconds, and those of its percentiles that have a metric. Sorts them.
pub(crate) fn report_times(
    context: &Context,
    latency: Option<Metric>,
    percentiles: &[(f64, Metric)],
    nanoseconds: &mut [u32],
) {
    if let Some(latency) = latency {
        let mut histogram = context.histogram(latency.name, latency.unit);
        nanoseconds
            .iter()
            .for_each(|time| histogram.record(seconds(*time)));
    }
    nanoseconds.sort_unstable();
    for (share, metric) in percentiles {
        if let Some(time) = percentile(nanoseconds, *share) {
            report(context, *metric, time);
        }
    }
}

/// The least of these times, sorted and in nanoseconds, that is not below this share of all; in seconds.
pub(crate) fn percentile(sorted: &[u32], share: f64) -> Option<f64> {
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted
        .get(place.saturating_sub(1))
        .map(|time| seconds(*time))
}

fn seconds(nanoseconds: u32) -> f64 {
    f64::from(nanoseconds) / 1e9
}

/// Processor time of this process, all its threads together, in seconds.
pub(crate) fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_so_many_are_not_above() {
        let p50 = |times: &[u32]| {
            let context = Context::recording(Path::new("."));
            report_times(&context, None, &[(0.5, READ_P50)], &mut times.to_vec());
            context.recorded_metric("read_p50")
        };
        assert_eq!(p50(&[]), None);
        assert_eq!(p50(&[3_000_000_000]), Some(3.0));
        assert_eq!(
            p50(&[4_000_000_000, 1_000_000_000, 2_000_000_000]),
            Some(2.0)
        );
    }

    #[test]
    fn every_metric_has_a_name_of_its_own() {
        let mut names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), METRICS.len());
    }
}
