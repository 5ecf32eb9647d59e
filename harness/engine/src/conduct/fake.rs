//! An executor for tests, which runs nothing.

use std::time::Duration;

use super::executor::Executor;
use crate::evidence::{Instrument, Outcome, Role, Trial, testing};
use crate::notice::Observer;
use crate::plan::{Plan, PointIndex, TrialSpec};

/// Runs nothing, remembers what it was asked for, and ends trials as a script says.
pub(super) struct Fake<'a> {
    pub(super) plan: &'a Plan,
    pub(super) asked: Vec<(String, Instrument, Role)>,
    pub(super) ends: fn(&str, usize) -> Outcome,
    pub(super) interrupt_after: Option<usize>,
}

impl<'a> Fake<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            asked: Vec::new(),
            ends: |_, _| Outcome::Completed,
            interrupt_after: None,
        }
    }

    pub(super) fn count(&self, variant: &str, instrument: Instrument) -> usize {
        let same =
            |asked: &&(String, Instrument, Role)| asked.0 == variant && asked.1 == instrument;
        self.asked.iter().filter(same).count()
    }
}

impl Executor for Fake<'_> {
    type Error = String;

    fn trial(&mut self, spec: &TrialSpec, _: &mut dyn Observer) -> Result<Trial, String> {
        let variant = &self.plan.variants[spec.variant].id;
        let number = self.asked.len();
        let outcome = (self.ends)(variant, number);
        self.asked
            .push((variant.clone(), spec.instrument, spec.role));
        let mut trial = testing::trial(variant, number as u32)
            .ended(outcome, "")
            .build();
        trial.head.instrument = spec.instrument;
        trial.head.role = spec.role;
        trial.head.block = spec.block;
        trial.head.under = spec.under;
        for step in &mut trial.steps {
            let limit = spec.under.unwrap_or(1 << 30);
            step.cap = Some(testing::cap(limit, "cgroup-v2"));
        }
        let named = |at: PointIndex| self.plan.sweeps[at.sweep].named(at.point);
        trial.head.point = spec.point.map(named);
        Ok(trial)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.asked.len() as u64)
    }

    fn interrupted(&self) -> bool {
        self.interrupt_after
            .is_some_and(|trials| self.asked.len() >= trials)
    }
}
