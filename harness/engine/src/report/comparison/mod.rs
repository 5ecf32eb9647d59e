//! Stored results held against one another: the model, and its forms.

mod markdown;
mod model;
mod terminal;
#[cfg(test)]
mod tests;
mod words;

pub use markdown::markdown as comparison_markdown;
pub(super) use markdown::section;
pub use model::{
    Change, Comparison, Difference, Ending, HeapChange, Method, MetricComparison, OutputSameness,
    ScenarioComparison, SessionHead, SessionNoise, VariantComparison, comparison_schema,
    comparison_to_json,
};
pub(super) use terminal::body;
pub use terminal::summary as comparison_summary;
pub(super) use words::{Cells, HeapLines, cells, footnotes, heaps, legend};
