//! Boxes without words: shapes, patterns of filled cells, and how a step leads from one to another.

mod graph;
mod shape;
mod transition;

pub use graph::{Graph, Pattern, PatternId, SEED};
pub use shape::{Cell, Shape};
pub use transition::{Edge, EdgeId, Rank};
