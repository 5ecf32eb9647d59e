//! What a trial leaves behind. Plain data: it is measured once, kept, and only read afterwards.

mod census;
mod heap;
mod instructions;
mod machine;
mod metric;
mod outcome;
mod reported;
mod sample;
mod step;
#[cfg(test)]
pub(crate) mod testing;
mod trial;

pub use census::{Census, MapsClasses};
pub use heap::{CallSite, HeapCounts, HeapProfile, SampledFigures};
pub use instructions::{CountedBy, Instructions};
pub use machine::{CapsKind, Machine};
pub use metric::{
    Aggregate, METRICS, MetricInfo, Part, PartFigure, PartMetric, metric_info, part_metric,
};
pub use outcome::Outcome;
pub use reported::{PhaseSpan, ReportedHistogram, ReportedMetric};
pub use sample::{Sample, Timeline};
pub use step::{CapEvidence, Exit, ProcessRecord, Step, StepKill, Usage};
pub use trial::{Block, Identity, Instrument, Role, SweepPoint, Trial, TrialHead, Verification};
