//! Sweeps as results tell them: the model, and how it is made.

mod frontier;
mod growth;
mod make;
mod model;

pub(super) use make::sweeps;
pub use model::{
    AtQualityReport, CurvePoint, FittedGrowth, FrontierPointReport, FrontierReport, GrowthReport,
    ModelReport, PointReport, RangeReport, SweepReport, SweptReport,
};
