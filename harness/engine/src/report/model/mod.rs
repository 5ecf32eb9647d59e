//! `result.json`: the one model that the terminal, Markdown, HTML and CSV are rendered from.

mod floor;
mod heap;
mod memory;
mod report;
mod variant;
mod verdict;

pub use floor::{Floor, FloorAttempt, FloorEnding};
pub use heap::{HeapDifference, HeapFigures, SiteDifference, SiteMatch};
pub use memory::{
    ChartTimeline, CourseBand, Reconciliation, ReconciliationCourse, ReconciliationLine,
};
pub use report::{Report, SCHEMA_VERSION, TrialSummary};
pub use variant::{Kills, Metric, MetricValue, Relative, StepReport, VariantReport};
pub use verdict::{Verdict, VerdictReport};
