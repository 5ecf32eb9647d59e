//! What runs report.

use plimsoll_workload::{Better, Context, Metric, Unit};

use super::space::Taken;

/// The sum of all words that were found in blocks given back: the same wherever the blocks come from.
pub(super) const WORDS: &str = "words";
pub(super) const DIGESTS: &[&str] = &[WORDS];

const fn lower(name: &'static str, unit: Unit, about: &'static str) -> Metric {
    Metric {
        name,
        unit,
        better: Better::Lower,
        about,
    }
}

const REPLACE_CPU: Metric = lower(
    "replace_cpu",
    Unit::Seconds,
    "CPU time of giving back and taking blocks, all threads together",
);
const OVER_ALIGNED: Metric = lower(
    "cpu_over_aligned",
    Unit::Ratio,
    "that time over the aligned system allocator's, measured in turns with it: the median of the turns",
);
const RESIDENT_OVERHEAD: Metric = lower(
    "resident_overhead",
    Unit::Share,
    "anonymous memory beyond the bytes of blocks in use, as a share of these",
);
const MAPPED_OVERHEAD: Metric = lower(
    "mapped_overhead",
    Unit::Share,
    "bytes of slabs and of what is kept about them beyond the bytes of chunks in use, as a share of these; the pool's only",
);
const FRAGMENTATION: Metric = lower(
    "fragmentation",
    Unit::Ratio,
    "anonymous memory over the bytes of blocks in use, after rounds of filling, giving half back and filling with mixed sizes",
);
const MAPPED_FRAGMENTATION: Metric = lower(
    "mapped_fragmentation",
    Unit::Ratio,
    "bytes of slabs and of what is kept about them over the bytes of chunks in use then; the pool's only",
);

/// The metrics of runs.
pub(super) const METRICS: &[Metric] = &[
    REPLACE_CPU,
    OVER_ALIGNED,
    RESIDENT_OVERHEAD,
    MAPPED_OVERHEAD,
    FRAGMENTATION,
    MAPPED_FRAGMENTATION,
];

fn tell(context: &Context, metric: Metric, value: f64) {
    context.metric(metric.name, metric.unit, metric.better, value);
}

/// Reports the times of turns, this implementation's and the aligned allocator's.
pub(super) fn report_churn(context: &Context, turns: &[(u64, u64)], words: u64) {
    let own: u64 = turns.iter().map(|(own, _)| own).sum();
    tell(context, REPLACE_CPU, own as f64 / 1e9);
    let mut ratios: Vec<f64> = turns
        .iter()
        .map(|(own, aligned)| *own as f64 / (*aligned).max(1) as f64)
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    tell(context, OVER_ALIGNED, ratios[ratios.len() / 2]);
    context
        .digest(WORDS)
        .finish_with(&format!("sum64:{words:016x}"));
}

/// Reports what blocks in use take.
pub(super) fn report_space(context: &Context, filled: Taken, fragmented: Taken) {
    let over = |bytes: u64, taken: Taken| bytes as f64 / taken.live as f64;
    tell(
        context,
        RESIDENT_OVERHEAD,
        over(filled.resident, filled) - 1.0,
    );
    tell(
        context,
        FRAGMENTATION,
        over(fragmented.resident, fragmented),
    );
    if let Some(mapped) = filled.mapped {
        tell(context, MAPPED_OVERHEAD, over(mapped, filled) - 1.0);
    }
    if let Some(mapped) = fragmented.mapped {
        tell(context, MAPPED_FRAGMENTATION, over(mapped, fragmented));
    }
}
