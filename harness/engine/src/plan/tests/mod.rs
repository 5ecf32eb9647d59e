//! From a scenario's text to trials in order.

mod estimates;
mod floor;
mod making;
mod order;
mod sweeps;

use std::path::Path;
use std::sync::Arc;

use super::{Plan, PlanRequest, plan};
use crate::scenario::fake::Fake;
use crate::scenario::{self, Scenario};

const EXAMPLE: &str = include_str!("../../scenario/examples/ortho.yaml");

fn scenario(text: &str) -> Arc<Scenario> {
    let path = Path::new("scenarios/ortho.yaml");
    match scenario::parse(path, text, &Fake) {
        Ok(scenario) => Arc::new(scenario),
        Err(error) => panic!("{:?}", miette::Report::new(error)),
    }
}

/// A scenario that is committed beside the code.
fn committed(name: &str) -> Arc<Scenario> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    match scenario::load(&directory.join(name), &Fake) {
        Ok(scenario) => Arc::new(scenario),
        Err(error) => panic!("{:?}", miette::Report::new(error)),
    }
}

fn at(size: &str) -> PlanRequest {
    PlanRequest {
        size: size.to_owned(),
        ..PlanRequest::default()
    }
}

fn labels(plan: &Plan) -> Vec<&str> {
    plan.targets
        .iter()
        .map(|target| target.label.as_str())
        .collect()
}

/// The plan of a scenario for what is asked.
#[track_caller]
fn asked(text: &str, request: &PlanRequest) -> Plan {
    plan(scenario(text), request, &Fake).unwrap()
}

/// The plan of a scenario at a size.
#[track_caller]
fn planned(text: &str, size: &str) -> Plan {
    asked(text, &at(size))
}
