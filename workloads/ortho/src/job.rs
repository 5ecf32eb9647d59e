//! What every implementation's run has in common: reading the texts, reporting the result.

use std::time::Duration;

use plimsoll_workload::{Better, Bytes, Context, Failure, Metric, Unit};

use crate::{Params, Summary, Texts};

/// What every run reports, as of the last text.
pub(crate) const METRICS: &[Metric] = &[
    Metric::count("orthos", "distinct orthos"),
    Metric::count("candidates", "children made"),
    Metric::count("duplicates", "children that were there already"),
    Metric::count("leaves", "orthos without a child"),
    Metric::count("at_cap", "orthos that were too large to be expanded"),
    Metric::count("vocabulary", "distinct words"),
    Metric::count("optimal_volume", "volume of the best ortho"),
    Metric::count("optimal_filled", "filled cells of the best ortho"),
    Metric::count("levels", "distinct numbers of filled cells"),
    Metric::count("shapes", "distinct shapes"),
    Metric::count("texts", "texts searched"),
    Metric {
        name: SPEED,
        unit: Unit::PerSecond,
        better: Better::Higher,
        about: "orthos found per second of CPU time, over all texts",
    },
];
/// The digests that every run reports.
pub(crate) const DIGESTS: &[&str] = &["orthos", "orthos_xor", "summary"];
const SPEED: &str = "orthos_per_cpu_s";

/// How far to search and with how much buffer memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Orthos with this many filled cells are recorded but not expanded; at least 1.
    pub max_filled: Option<u32>,
    /// Memory for buffers of the implementations that work on disk.
    pub buffer: Bytes,
}

impl From<&Params> for Options {
    fn from(params: &Params) -> Self {
        Self {
            max_filled: params.max_filled,
            buffer: params.buffer,
        }
    }
}

/// A search: one summary per text, each over all texts up to it.
pub type Search = fn(&Texts, &Options, &Context) -> Result<Vec<Summary>, Failure>;

/// Runs `search` on the prepared texts and reports metrics, digests and the output file.
pub(crate) fn run(search: Search, params: &Params, context: &Context) -> Result<(), Failure> {
    params.check()?;
    let texts = Texts::in_directory(context.inputs())?;
    let summaries = search(&texts, &Options::from(params), context)?;
    report(&summaries, context)
}

fn report(summaries: &[Summary], context: &Context) -> Result<(), Failure> {
    let Some(last) = summaries.last() else {
        return Ok(());
    };
    let counts = [
        ("orthos", last.orthos),
        ("candidates", last.candidates),
        ("duplicates", last.duplicates),
        ("leaves", last.leaves),
        ("at_cap", last.at_cap),
        ("vocabulary", last.vocabulary),
        (
            "optimal_volume",
            last.optimal.as_ref().map_or(0, |best| best.volume),
        ),
        (
            "optimal_filled",
            last.optimal.as_ref().map_or(0, |best| best.filled.into()),
        ),
        ("levels", last.levels.len() as u64),
        ("shapes", last.shapes.len() as u64),
        ("texts", summaries.len() as u64),
    ];
    for (name, count) in counts {
        context.metric(name, Unit::Count, Better::Neither, count as f64);
    }
    let searched: u64 = summaries.iter().map(|summary| summary.orthos).sum();
    let seconds = cpu_time().as_secs_f64();
    if seconds > 0.0 {
        context.metric(
            SPEED,
            Unit::PerSecond,
            Better::Higher,
            searched as f64 / seconds,
        );
    }
    context
        .digest("orthos")
        .finish_with(&format!("sum64:{:016x}", last.digest_sum));
    context
        .digest("orthos_xor")
        .finish_with(&format!("xor64:{:016x}", last.digest_xor));
    let canonical = serde_json::to_vec_pretty(summaries)
        .map_err(|error| Failure::Other(format!("cannot write the result as JSON: {error}")))?;
    let mut digest = context.digest("summary");
    digest.update(&canonical);
    digest.finish();
    if let Some(path) = context.output() {
        std::fs::write(&path, &canonical).map_err(|error| {
            Failure::Other(format!(
                "cannot write the result to {}: {error}",
                path.display()
            ))
        })?;
    }
    Ok(())
}

/// CPU time of this process so far, all threads, user and system.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}
