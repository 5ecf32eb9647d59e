//! The report model, and everything that is rendered from it.

mod assemble;
#[cfg(test)]
mod assemble_tests;
mod comparison;
mod csv;
pub mod format;
mod html;
mod json;
mod jsonl;
mod live;
mod markdown;
mod model;
mod place;
mod plots;
#[cfg(test)]
mod sample;
mod stacks;
pub mod stored;
mod subject;
mod sweeps;
pub mod terminal;
mod text;
mod warnings;
mod words;
pub mod write;

pub use assemble::{SessionInfo, assemble};
pub use comparison::{
    Change, Comparison, Difference, Ending, HeapChange, Method, MetricComparison, OutputSameness,
    ScenarioComparison, SessionHead, SessionNoise, VariantComparison, comparison_markdown,
    comparison_schema, comparison_summary, comparison_to_json,
};
pub use csv::csv;
pub use html::{HtmlError, html};
pub use json::{ReadError, from_json, schema, to_json};
pub use jsonl::JsonLines;
pub use live::{Live, detect_style};
pub use markdown::markdown;
pub use model::{
    ChartTimeline, CourseBand, Floor, FloorAttempt, FloorEnding, HeapDifference, HeapFigures,
    Kills, Metric, MetricValue, Reconciliation, ReconciliationCourse, ReconciliationLine, Relative,
    Report, SCHEMA_VERSION, SiteDifference, SiteMatch, StepReport, TrialSummary, VariantReport,
    Verdict, VerdictReport,
};
pub use place::sweep_unfinished;
pub use plots::PlotError;
pub use stacks::folded;
pub use subject::Subject;
pub use sweeps::{
    AtQualityReport, CurvePoint, FittedGrowth, FrontierPointReport, FrontierReport, GrowthReport,
    ModelReport, PointReport, RangeReport, SweepReport, SweptReport,
};
pub use warnings::DEBUG_BUILD;
pub(crate) use words::site_functions;
pub use write::WriteError;
