//! A gate played through on simulated elapsed times: the plan's own order, the conductor, the judge.
//! Only the machine is made up.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plimsoll::analyze::Analysis;
use plimsoll::conduct::{Executor, conduct};
use plimsoll::evidence::{Role, Trial};
use plimsoll::judge::judge;
use plimsoll::notice::{Notice, Observer};
use plimsoll::plan::{Plan, PlanRequest, TrialSpec, plan};
use plimsoll::report::Verdict;
use plimsoll::scenario::{Runs, WorkloadInfo, WorkloadRef, Workloads, parse};
use serde_json::json;

use super::noise::{Noise, Stream};

const SCENARIO: &str = r#"
name: gate
about: One command against another that does more, or the same.
variants:
  - { id: a, baseline: true, command: [work] }
  - { id: b, command: [work] }
measure: { warmup: 1, runs: { min: 6, max: 1500 }, count: false }
targets:
  - { metric: wall, variant: b, at_most: 1.02 x baseline }
"#;

/// Plays gates of `at_most: 1.02 x baseline`.
pub(crate) struct Gate {
    plan: Plan,
    template: Trial,
}

/// How a gate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) verdict: Verdict,
    /// Pairs that were run.
    pub(crate) pairs: usize,
}

impl Gate {
    /// A gate of at most so many pairs.
    pub(crate) fn new(pairs: u32) -> Gate {
        let scenario = match parse(Path::new("gate.yaml"), SCENARIO, &Commands) {
            Ok(scenario) => Arc::new(scenario),
            Err(error) => panic!("the gate's scenario: {error}"),
        };
        let runs = Runs { min: 6, max: pairs };
        let request = PlanRequest {
            size: "default".to_owned(),
            runs: Some(runs),
            ..PlanRequest::default()
        };
        let plan = match plan(scenario, &request, &Commands) {
            Ok(plan) => plan,
            Err(error) => panic!("the gate's plan: {error}"),
        };
        Gate {
            plan,
            template: template(),
        }
    }

    /// Plays one gate: the variant takes `slowdown` times as long as the baseline, on a machine
    /// with this noise.
    pub(crate) fn play(&self, noise: Noise, slowdown: f64, seed: u64) -> Ended {
        let mut plan = self.plan.clone();
        plan.measure.seed = seed;
        let mut machine = Machine {
            plan: &plan,
            template: &self.template,
            stream: noise.begin(seed),
            slowdown,
            number: 0,
        };
        let conducted = conduct(&plan, &mut machine, &mut Deaf, &mut |_| {});
        let trials = conducted.trials;
        let analysis = Analysis::new(&plan, &trials);
        let verdicts = judge(&plan, &analysis, &trials);
        let of_variant =
            |trial: &&Trial| trial.head.variant == "b" && trial.head.role == Role::Measured;
        Ended {
            verdict: verdicts[0].verdict,
            pairs: trials.iter().filter(of_variant).count(),
        }
    }
}

struct Machine<'a> {
    plan: &'a Plan,
    template: &'a Trial,
    stream: Stream,
    slowdown: f64,
    number: u32,
}

impl Executor for Machine<'_> {
    type Error = String;

    fn trial(&mut self, spec: &TrialSpec, _: &mut dyn Observer) -> Result<Trial, String> {
        let mut trial = self.template.clone();
        let variant = &self.plan.variants[spec.variant];
        let factor = if variant.baseline { 1.0 } else { self.slowdown };
        trial.head.number = self.number;
        trial.head.variant.clone_from(&variant.id);
        trial.head.role = spec.role;
        trial.head.block = spec.block;
        trial.steps[0].wall = factor * self.stream.next();
        self.number += 1;
        Ok(trial)
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn interrupted(&self) -> bool {
        false
    }
}

/// Hears nothing.
struct Deaf;

impl Observer for Deaf {
    fn notice(&mut self, _: Notice) {}
}

/// Knows no workloads: the scenario's variants are commands.
struct Commands;

impl Workloads for Commands {
    fn builtin(&self) -> Vec<String> {
        Vec::new()
    }

    fn describe(&self, _: &WorkloadRef) -> Result<WorkloadInfo, String> {
        Err("there are no workloads here".to_owned())
    }
}

/// A completed clock trial, as results hold it.
fn template() -> Trial {
    let usage = json!({
        "user": 0.02, "sys": 0.0, "max_rss": 1_600_000, "minor_faults": 88, "major_faults": 0,
        "context_switches": 4,
    });
    let step = json!({
        "name": "", "wall": 0.02, "exit": { "code": 0 }, "usage": usage, "processes": [],
        "stored_peak": null, "floor": 1_300_000, "cap": null,
        "timeline": { "interval": 0.01, "samples": [], "cost": 0.0 },
        "phases": [], "stages": [], "metrics": [], "histograms": [], "progress": null,
        "ledger": [], "heap": null, "census": null, "malformed_events": 0, "misuse": [],
        "stderr_tail": "", "stdout_bytes": 0,
    });
    let trial = json!({
        "number": 0, "variant": "a", "instrument": "clock", "role": "measured", "block": null,
        "under": null, "outcome": "completed", "diagnosis": "completed", "verification": null,
        "notes": [], "steps": [step], "digests": {}, "scratch_peak": null, "profile": null,
    });
    match serde_json::from_value(trial) {
        Ok(trial) => trial,
        Err(error) => panic!("the simulated trial: {error}"),
    }
}
