//! What the command line asks of a plan, and what can be wrong with it.

use miette::Diagnostic;
use serde_json::Value;
use thiserror::Error;

use crate::scenario::source::shown;
use crate::scenario::{Runs, yaml};

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanRequest {
    /// The size's name.
    pub size: String,
    /// Parameters that override all others, in order.
    pub set: Vec<(String, Value)>,
    /// Only these variants; empty means all that take part at the size.
    pub variants: Vec<String>,
    /// Overrides every number of runs.
    pub runs: Option<Runs>,
    /// Overrides the number of warm-up rounds.
    pub warmup: Option<u32>,
    /// Overrides the seed of the order.
    pub seed: Option<u64>,
    /// Only floors are searched for, those of all variants.
    pub floor: Option<FloorRequest>,
}

/// What is asked of the search for floors, where it is other than the scenario says.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FloorRequest {
    /// Trials that must all pass at the cap that is said to be enough.
    pub repeats: Option<u32>,
    /// The interval's width over its upper edge.
    pub precision: Option<f64>,
    /// Caps tried at most.
    pub attempts: Option<u32>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
#[error("{what}")]
pub struct PlanError {
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    #[help]
    pub help: String,
}

impl PlanError {
    pub(crate) fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            help: help.into(),
        }
    }
}

/// Splits `key=value` of `--set`; the value is read as a YAML scalar or flow list.
///
/// # Errors
///
/// There is no `=`, or nothing in front of it.
pub fn parse_set(text: &str) -> Result<(String, Value), PlanError> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), yaml::scalar(value)))
        }
        _ => Err(PlanError::new(
            format!("`{}` sets nothing", shown(text)),
            "write `--set KEY=VALUE`, as in `--set sentences=300`",
        )),
    }
}
