//! One trial: announced, run, kept, and what follows from how it ended.

use super::executor::Executor;
use super::session::{Ended, Session};
use crate::evidence::{Outcome, Trial};
use crate::notice::Notice;
use crate::plan::TrialSpec;

impl<E: Executor> Session<'_, E> {
    /// Runs a trial and takes in what it says of those to come.
    pub(super) fn one(&mut self, spec: &TrialSpec) -> Result<(), Ended<E::Error>> {
        let number = u32::try_from(self.trials.len()).unwrap_or(u32::MAX);
        self.expected = self.expected.max(number + 1);
        self.observer.notice(self.begins(number, spec));
        let trial = match self.executor.trial(spec, self.observer) {
            Ok(trial) => trial,
            // The user was faster than the trial's beginning.
            Err(_) if self.executor.interrupted() => return Err(Ended::Interrupted),
            Err(error) => return Err(Ended::Impossible(error)),
        };
        self.observer.notice(self.ends(number, spec, &trial));
        (self.keep)(&trial);
        let outcome = trial.head.outcome;
        self.trials.push(trial);
        if outcome == Outcome::Interrupted {
            return Err(Ended::Interrupted);
        }
        if let Some(text) = self.given_up.learn(spec, outcome) {
            self.observer.notice(Notice::Note { text });
        }
        Ok(())
    }

    fn begins(&self, number: u32, spec: &TrialSpec) -> Notice {
        let point = spec
            .point
            .map(|at| self.plan.sweeps[at.sweep].named(at.point));
        Notice::TrialBegins {
            number,
            of: self.expected,
            variant: self.plan.variants[spec.variant].id.clone(),
            instrument: spec.instrument,
            role: spec.role,
            under: spec.under,
            point,
        }
    }

    fn ends(&self, number: u32, spec: &TrialSpec, trial: &Trial) -> Notice {
        Notice::TrialEnds {
            number,
            variant: self.plan.variants[spec.variant].id.clone(),
            outcome: trial.head.outcome,
            diagnosis: trial.head.diagnosis.clone(),
            wall: trial.wall(),
            cpu: trial
                .steps
                .iter()
                .map(|step| step.usage.user + step.usage.sys)
                .sum(),
            peak_rss: trial.peak_rss(),
        }
    }
}
