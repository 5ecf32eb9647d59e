//! The report model, and everything that is rendered from it.

pub mod format;
mod model;

pub use model::{
    ChartTimeline, Metric, MetricValue, Reconciliation, ReconciliationLine, Relative, Report,
    SCHEMA_VERSION, TrialSummary, VariantReport, Verdict, VerdictReport,
};
