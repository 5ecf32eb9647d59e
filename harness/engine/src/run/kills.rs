//! Steps that the scenario kills: when, and what comes after.

use std::collections::BTreeMap;
use std::time::Duration;

use super::diagnose::called;
use super::session::Core;
use super::trial::Running;
use crate::evidence::Role;
use crate::plan::{Moment, moment};
use crate::scenario::{AfterKill, Kill};

/// What follows a process of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The same step once more.
    Again,
    /// The next step.
    Onward,
    /// Nothing: the trial is over.
    Stop,
}

/// How long the steps of variants take when nobody kills them: elapsed seconds, by variant and step.
#[derive(Debug, Default)]
pub(super) struct References(BTreeMap<(usize, String), Vec<f64>>);

impl References {
    pub(super) fn add(&mut self, variant: usize, step: &str, wall: f64) {
        let walls = self.0.entry((variant, step.to_owned())).or_default();
        let place = walls.partition_point(|other| *other < wall);
        walls.insert(place, wall);
    }

    /// The median, the lower of two; nothing where none was seen.
    fn median(&self, variant: usize, step: &str) -> Option<Duration> {
        let walls = self.0.get(&(variant, step.to_owned()))?;
        let middle = walls.get(walls.len().checked_sub(1)? / 2)?;
        Some(Duration::from_secs_f64(*middle))
    }
}

impl Core {
    /// When the next process of a step is to be killed, where it is. That its moment cannot be told is
    /// noted.
    pub(super) fn kill_moment(&self, running: &mut Running<'_>, step: &str) -> Option<Moment> {
        let kill = running.kill(step)?;
        let attempt = running.killed(step);
        if attempt >= kill.times {
            return None;
        }
        let reference = self.references.median(running.spec.variant, step);
        let run = match (running.spec.block, running.spec.role) {
            // The second run of a pair in the same round has moments of its own.
            (Some(block), Role::Control) => u32::MAX - block.round,
            (Some(block), _) => block.round,
            (None, _) => running.number,
        };
        let moment = moment(kill, reference, run, attempt);
        if moment.is_none() {
            running.trial.head.notes.push(format!(
                "{} was not killed: no run without a kill has completed that tells how long it takes",
                called(step)
            ));
        }
        moment
    }
}

impl<'a> Running<'a> {
    /// The scenario's kill of a step, where this trial has any.
    fn kill(&self, step: &str) -> Option<&'a Kill> {
        let mut kills = self.variant.kills.iter();
        kills.find(|kill| self.spec.is_killed() && kill.step == step)
    }

    /// Processes of a step that have been killed in this trial.
    fn killed(&self, step: &str) -> u32 {
        let steps = self.trial.steps.iter().filter(|ran| ran.name == step);
        let killed = steps.filter(|ran| ran.kill.is_some_and(|kill| kill.killed));
        u32::try_from(killed.count()).unwrap_or(u32::MAX)
    }

    /// What follows a process of a step that the scenario has killed.
    pub(super) fn after_kill(&self, step: &str) -> Next {
        match self.kill(step) {
            Some(kill) if self.killed(step) < kill.times || kill.then == AfterKill::Again => {
                Next::Again
            }
            _ => Next::Onward,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_the_median_of_a_steps_own_runs() {
        let mut references = References::default();
        assert_eq!(references.median(0, "build"), None);
        for wall in [3.0, 1.0, 2.0] {
            references.add(0, "build", wall);
        }
        references.add(1, "build", 9.0);
        references.add(0, "query", 8.0);
        assert_eq!(references.median(0, "build"), Some(Duration::from_secs(2)));
        references.add(0, "build", 1.5);
        assert_eq!(
            references.median(0, "build"),
            Some(Duration::from_secs_f64(1.5))
        );
    }
}
