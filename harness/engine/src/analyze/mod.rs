//! From trials to figures: metrics, summaries, paired ratios with their intervals, timelines.

mod analysis;
mod compare;
#[cfg(test)]
mod docs_test;
mod floor;
mod frontier;
mod growth;
mod heap_difference;
mod heap_profile;
mod interval;
mod looks;
mod metrics;
mod modes;
mod ratio;
mod reconcile;
mod record;
mod series;
mod sweep;
#[cfg(test)]
mod tests;
mod timeline;
mod value;
mod walk;

pub use analysis::{Analysis, VariantAnalysis};
#[cfg(test)]
pub(crate) use compare::testing as compare_testing;
pub use compare::{Choice, ResultSet, compare};
pub(crate) use floor::cap_trouble;
pub use floor::{floor, next_floor_trial};
pub use frontier::{AtQuality, Frontier, FrontierPoint};
pub use growth::{Candidate, Curve, GROWTH_LEVEL, Growth, Model, Range, Shape};
pub use heap_difference::{heap_difference, heap_sites};
pub use interval::{Estimate, Interval, median, median_interval, order_statistic_rank};
pub use looks::{FEWEST, Looks, SHORT_ALPHA, TOTAL_ALPHA};
pub(crate) use metrics::told;
pub use metrics::{instrument_of, series, values};
pub use modes::{Mode, far_outside, modes};
pub use ratio::{Noise, log_ratios, noise};
pub use reconcile::reconcile;
pub(crate) use record::{at_full_parameters, endings, of_record, of_role, worst};
pub use series::{Descriptor, Quality, Reading, Series};
pub use sweep::{SweepAnalysis, SweptPoint, SweptVariant};
pub use timeline::{MOST_SAMPLES, timeline};
pub(crate) use value::{cpu, several_at_once};
