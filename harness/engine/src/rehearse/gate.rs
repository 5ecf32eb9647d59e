//! One gate played on given times, such as recorded ones: the plan's own order, the conductor, the judge. Nothing runs.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::analyze::Analysis;
use crate::conduct::{Executor, conduct};
use crate::evidence::{Role, Trial};
use crate::judge::judge;
use crate::notice::{Notice, Observer};
use crate::plan::{Plan, PlanRequest, TrialSpec, plan};
use crate::random::Random;
use crate::report::Verdict;
use crate::scenario::{Runs, WorkloadInfo, WorkloadRef, Workloads, parse};

/// Runs that are taken from a recording in one piece, so that what follows upon each other there does so here: H. R.
/// Künsch, "The jackknife and the bootstrap for general stationary observations", *Annals of Statistics* 17, 1989.
const BLOCK: usize = 50;

/// Elapsed times of one program, run after run.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Seconds, in the order of the runs; never empty.
    pub walls: Vec<f64>,
    /// One of the runs.
    pub template: Trial,
}

/// A gate: a program that loops so often, against itself with `more` loops.
#[derive(Debug, Clone)]
pub struct Gate {
    pub(super) plan: Plan,
}

/// How a gate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The verdict on its target.
    pub verdict: Verdict,
    /// Pairs that were run.
    pub pairs: usize,
}

impl Gate {
    /// A gate of `at_most: 1.02 x baseline` on elapsed time.
    ///
    /// # Errors
    /// In words; its scenario is its own, so only a defect can cause any.
    pub fn new(loops: u64, more: u64, runs: Option<Runs>) -> Result<Gate, String> {
        let text = format!(
            "name: rehearsal\n\
             variants:\n\
             \x20 - {{ id: a, baseline: true, output: none, command: [sh, -c, '{}'] }}\n\
             \x20 - {{ id: b, output: none, command: [sh, -c, '{}'] }}\n\
             limits: {{ wall: 60 s }}\n\
             measure: {{ sample_every: false, count: false }}\n\
             targets: [{{ metric: wall, variant: b, at_most: 1.02 x baseline }}]\n",
            script(loops),
            script(more)
        );
        let scenario = parse(Path::new("rehearsal.yaml"), &text, &Commands)
            .map_err(|error| error.to_string())?;
        let request = PlanRequest {
            size: "default".to_owned(),
            runs,
            ..PlanRequest::default()
        };
        let plan =
            plan(Arc::new(scenario), &request, &Commands).map_err(|error| error.to_string())?;
        Ok(Gate { plan })
    }

    /// Plays the gate on what was recorded, from run `from` on and without leaving any out: what a real session of the
    /// program against itself would have been. None where the recording ends first. Gives the verdict and the
    /// runs it took.
    pub fn replay(
        &self,
        recording: &Recording,
        from: usize,
        seed: u64,
    ) -> Option<(Verdict, usize)> {
        let mut next = from;
        let ended = self.play(seed, 1.0, &recording.template, &mut || {
            let wall = recording.walls.get(next).copied();
            next += 1;
            wall.unwrap_or(f64::NAN)
        });
        (next <= recording.walls.len()).then_some((ended.verdict, next - from))
    }

    /// Plays the gate on blocks of the recording, the variant's times multiplied by `slowdown`.
    pub fn resample(&self, recording: &Recording, slowdown: f64, seed: u64) -> Verdict {
        let walls = &recording.walls;
        let mut random = Random::new(seed);
        let (mut at, mut left) = (0, 0);
        let ended = self.play(seed, slowdown, &recording.template, &mut || {
            if left == 0 {
                at = random.below(walls.len());
                left = BLOCK;
            }
            left -= 1;
            let wall = walls[at % walls.len()];
            at += 1;
            wall
        });
        ended.verdict
    }

    /// Plays the gate where `next` says how long each run would take, in seconds: the variant takes `slowdown` times
    /// as long. What else is to be known of a run is taken from the template.
    pub fn play(
        &self,
        seed: u64,
        slowdown: f64,
        template: &Trial,
        next: &mut dyn FnMut() -> f64,
    ) -> Ended {
        let mut plan = self.plan.clone();
        plan.measure.seed = seed;
        let mut machine = Machine {
            plan: &plan,
            template,
            next,
            slowdown,
            number: 0,
        };
        let trials = conduct(&plan, &mut machine, &mut Deaf, &mut |_| {}).trials;
        let paired =
            |trial: &&Trial| trial.head.variant == "b" && trial.head.role == Role::Measured;
        Ended {
            verdict: verdict(&plan, &trials),
            pairs: trials.iter().filter(paired).count(),
        }
    }
}

/// The verdict on the plan's one target.
pub(super) fn verdict(plan: &Plan, trials: &[Trial]) -> Verdict {
    let analysis = Analysis::new(plan, trials);
    let verdicts = judge(plan, &analysis, trials);
    verdicts
        .first()
        .map_or(Verdict::Absent, |first| first.verdict)
}

/// A loop that a shell of any kind takes about a microsecond a turn for.
fn script(loops: u64) -> String {
    format!("i=0; while [ $i -lt {loops} ]; do i=$((i+1)); done")
}

struct Machine<'a> {
    plan: &'a Plan,
    template: &'a Trial,
    next: &'a mut dyn FnMut() -> f64,
    slowdown: f64,
    number: u32,
}

impl Executor for Machine<'_> {
    type Error = Infallible;

    fn trial(&mut self, spec: &TrialSpec, _: &mut dyn Observer) -> Result<Trial, Infallible> {
        let mut trial = self.template.clone();
        let variant = &self.plan.variants[spec.variant];
        trial.head.number = self.number;
        trial.head.variant.clone_from(&variant.id);
        trial.head.role = spec.role;
        trial.head.block = spec.block;
        let factor = if variant.baseline { 1.0 } else { self.slowdown };
        let wall = factor * (self.next)();
        for step in &mut trial.steps {
            step.wall = wall;
        }
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
pub(super) struct Deaf;

impl Observer for Deaf {
    fn notice(&mut self, _: Notice) {}
}

/// Knows no workloads: the gate's variants are commands.
struct Commands;

impl Workloads for Commands {
    fn builtin(&self) -> Vec<String> {
        Vec::new()
    }

    fn describe(&self, _: &WorkloadRef) -> Result<WorkloadInfo, String> {
        Err("there are no workloads here".to_owned())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::evidence::testing::trial;

    /// `noise` is the standard deviation of the logarithm.
    pub(in super::super) fn recording(runs: usize, noise: f64) -> Recording {
        let mut random = Random::new(7);
        Recording {
            walls: (0..runs)
                .map(|_| 0.02 * (noise * random.normal()).exp())
                .collect(),
            template: trial("a", 0).build(),
        }
    }

    #[test]
    fn a_quiet_machine_decides_and_rightly() {
        let gate = Gate::new(1, 1, None).unwrap();
        let quiet = recording(200, 0.001);
        for seed in 0..5 {
            assert_eq!(gate.resample(&quiet, 1.0, seed), Verdict::Pass);
            assert_eq!(gate.resample(&quiet, 1.1, seed), Verdict::Fail);
        }
    }

    #[test]
    fn a_loud_machine_does_not_pretend() {
        let gate = Gate::new(1, 1, None).unwrap();
        let loud = recording(200, 0.3);
        let fails = (0..20).filter(|seed| gate.resample(&loud, 1.0, *seed) == Verdict::Fail);
        assert!(fails.count() <= 3);
    }

    #[test]
    fn a_replay_takes_the_runs_in_their_order_until_there_are_no_more() {
        let gate = Gate::new(1, 1, None).unwrap();
        let quiet = recording(60, 0.001);
        let (verdict, taken) = gate.replay(&quiet, 0, 1).unwrap();
        assert_eq!(verdict, Verdict::Pass);
        assert!((12..=60).contains(&taken), "{taken}");
        assert_eq!(gate.replay(&quiet, 55, 1), None);
    }
}
