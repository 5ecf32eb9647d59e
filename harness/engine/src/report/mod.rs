//! The report model, and everything that is rendered from it.

mod assemble;
pub mod format;
mod model;
mod warnings;

pub use assemble::{SessionInfo, assemble};
pub use model::{
    ChartTimeline, Metric, MetricValue, Reconciliation, ReconciliationLine, Relative, Report,
    SCHEMA_VERSION, TrialSummary, VariantReport, Verdict, VerdictReport,
};
