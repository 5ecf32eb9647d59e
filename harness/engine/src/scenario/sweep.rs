//! Sweeps: variants run over several values of one parameter.

use serde_json::Number;

/// Sizes that a growth is fitted to at least.
pub const FEWEST_SIZES: usize = 4;
/// How many times the largest size swept a growth is followed at most, and so below the smallest.
pub const FURTHEST: f64 = 10.0;

/// Runs over several values of one parameter, besides the ordinary rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// The parameter; at one size it is swept at most once.
    pub parameter: String,
    /// Its values, ascending, at least two; above 0 unless `quality` is set.
    pub values: Vec<Number>,
    /// How often each value is run; once at `smoke`.
    pub runs: u32,
    /// The sizes at which it is swept, never empty.
    pub sizes: Vec<String>,
    /// The variants that are swept, never empty.
    pub variants: Vec<String>,
    /// The metric that tells how good a result is, where the parameter trades that for cost; otherwise
    /// the parameter is the size of the task.
    pub quality: Option<String>,
}

/// Where on a sweep a target looks.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Where the parameter, a size, has this value: read off the fitted growth.
    Size {
        /// The parameter.
        parameter: String,
        /// Its value.
        value: f64,
    },
    /// Where the quality is this: read off the frontier of what each quality costs.
    Quality {
        /// The parameter that is swept.
        parameter: String,
        /// The metric that tells the quality.
        metric: String,
        /// Its value, in the metric's base unit.
        value: f64,
    },
}

impl Place {
    /// The parameter that is swept.
    pub fn parameter(&self) -> &str {
        match self {
            Place::Size { parameter, .. } | Place::Quality { parameter, .. } => parameter,
        }
    }
}
