//! Charts as SVG, drawn by plotters, in colours that follow the page's theme.

mod axis;
mod course;
mod distribution;
mod floor;
mod frame;
mod frontier;
mod growth;
mod ink;
mod labels;
mod lines;
mod memory;
mod peak;
mod plot;
mod rows;
mod spread;
mod stacked;
mod timelines;

pub(super) use course::course;
pub(super) use distribution::distribution;
pub(super) use floor::{floor_chart, reading as floor_reading};
pub use frame::PlotError;
pub(super) use frontier::frontier;
pub(super) use growth::{at_largest, growth};
pub(super) use ink::series_class;
pub(super) use lines::Lines;
pub(super) use memory::memory;
pub(super) use stacked::{categories, stacked, swatch};
pub(super) use timelines::timelines;
