//! What targets expect, kind by kind.

mod at_place;
mod bounds;
mod exact;
mod expected;
mod growth;
mod metric;
mod swept;
mod unit;

pub(super) use at_place::at_place;
pub(super) use exact::{equals, identical, outcome};
pub(super) use expected::Expected;
pub(super) use growth::growth;
pub(super) use metric::metric;
pub(super) use unit::metric_unit;
