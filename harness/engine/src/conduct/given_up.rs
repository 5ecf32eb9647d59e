//! What is not run any further because it did not complete: one honest failure says what twenty would.

use std::collections::BTreeSet;

use crate::evidence::{Instrument, Outcome, SweepPoint};
use crate::plan::{Plan, PointIndex, TrialSpec};

/// The variants that did not complete, each with where that was.
pub(super) struct GivenUp<'a> {
    plan: &'a Plan,
    /// In a round, or before the first one.
    rounds: BTreeSet<usize>,
    /// At points of sweeps.
    points: BTreeSet<(usize, PointIndex)>,
    /// Under instruments other than the clock.
    instruments: BTreeSet<(usize, Instrument)>,
}

impl<'a> GivenUp<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            rounds: BTreeSet::new(),
            points: BTreeSet::new(),
            instruments: BTreeSet::new(),
        }
    }

    /// How many variants take part in no further round.
    pub(super) fn variants(&self) -> usize {
        self.rounds.len()
    }

    /// Whether a trial need not be run.
    pub(super) fn contains(&self, spec: &TrialSpec) -> bool {
        // A target's own cap is a question of its own, whatever happened without it.
        let dropped = self.rounds.contains(&spec.variant) && !spec.role.has_own_cap();
        let beyond = spec.point.is_some_and(|at| self.beyond(spec.variant, at));
        let instrument = (spec.variant, spec.instrument);
        dropped || beyond || self.instruments.contains(&instrument)
    }

    /// Whether it, or where the parameter is a size, a smaller one, did not complete.
    fn beyond(&self, variant: usize, at: PointIndex) -> bool {
        let by_size = self.plan.sweeps[at.sweep].quality.is_none();
        self.points.iter().any(|(other, failed)| {
            *other == variant
                && failed.sweep == at.sweep
                && (failed.point == at.point || by_size && failed.point < at.point)
        })
    }

    /// Takes in how a trial ended, and says in words what is given up for it.
    pub(super) fn learn(&mut self, spec: &TrialSpec, outcome: Outcome) -> Option<String> {
        if outcome == Outcome::Completed {
            return None;
        }
        if spec.instrument != Instrument::Clock {
            self.instruments.insert((spec.variant, spec.instrument));
        }
        let variant = &self.plan.variants[spec.variant].id;
        if let Some(at) = spec.point {
            let SweepPoint { parameter, value } = self.plan.sweeps[at.sweep].named(at.point);
            return self.points.insert((spec.variant, at)).then(|| {
                format!(
                    "{variant} did not complete ({outcome}) at {parameter} {value} and is not swept any further there"
                )
            });
        }
        let counts = spec.instrument == Instrument::Clock && !spec.role.has_own_cap();
        (counts && self.rounds.insert(spec.variant)).then(|| {
            format!("{variant} did not complete ({outcome}) and takes part in no further round")
        })
    }
}
