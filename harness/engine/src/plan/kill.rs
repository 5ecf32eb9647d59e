//! When a step is killed: a pure function of the scenario, the run and how long the step takes.

use std::time::Duration;

use super::{PlannedVariant, TrialSpec};
use crate::evidence::{Instrument, Role};
use crate::random::Random;
use crate::scenario::{Kill, KillMoment};

/// The moment at which a step is to be killed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment {
    /// Since the step's start.
    pub(crate) at: Duration,
    /// What it was chosen within; absent where the scenario fixes the moment itself.
    pub(crate) of: Option<Duration>,
}

impl Kill {
    /// Whether its moment depends on how long the step takes when nobody kills it.
    pub(crate) fn needs_reference(&self) -> bool {
        matches!(
            self.at,
            KillMoment::Share(_) | KillMoment::Random { within: None }
        )
    }
}

impl PlannedVariant {
    /// Whether a run without a kill must come before those with one, to tell how long its steps take.
    pub(crate) fn needs_reference(&self) -> bool {
        self.kills.iter().any(Kill::needs_reference)
    }
}

impl TrialSpec {
    /// Whether the scenario's kills are carried out in it. Warm-ups tell how long steps take without,
    /// the search for a floor asks what completes; other instruments describe the program, not its
    /// accidents.
    pub(crate) fn is_killed(&self) -> bool {
        self.instrument == Instrument::Clock && !matches!(self.role, Role::Warmup | Role::Floor)
    }
}

/// The moment of one kill. `run` numbers the runs of a variant, `attempt` the processes of the step in
/// one of them, from 0; `reference` is how long the step takes when nobody kills it.
///
/// Random moments are uniform, differ from run to run and from attempt to attempt, and depend on
/// nothing else but the seed. `None` where a reference is needed and there is none.
pub(crate) fn moment(
    kill: &Kill,
    reference: Option<Duration>,
    run: u32,
    attempt: u32,
) -> Option<Moment> {
    let share = match kill.at {
        KillMoment::After(at) => return Some(Moment { at, of: None }),
        KillMoment::Share(share) => share,
        KillMoment::Random { .. } => {
            let stream = u64::from(run) << 32 | u64::from(attempt);
            Random::stream(kill.seed, stream).share()
        }
    };
    let of = match kill.at {
        KillMoment::Random {
            within: Some(within),
        } => within,
        _ => reference?,
    };
    Some(Moment {
        at: of.mul_f64(share),
        of: Some(of),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::AfterKill;

    fn kill(at: KillMoment, seed: u64) -> Kill {
        Kill {
            step: "build".to_owned(),
            at,
            seed,
            times: 1,
            then: AfterKill::Again,
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn fixed_moments_are_as_written() {
        let after = kill(KillMoment::After(SECOND), 1);
        let at = |kill: &Kill, reference| moment(kill, reference, 3, 0);
        assert_eq!(
            at(&after, None),
            Some(Moment {
                at: SECOND,
                of: None
            })
        );
        let share = kill(KillMoment::Share(0.4), 1);
        let found = at(&share, Some(10 * SECOND)).unwrap();
        assert_eq!((found.at, found.of), (4 * SECOND, Some(10 * SECOND)));
        assert_eq!(at(&share, None), None);
    }

    #[test]
    fn a_span_of_the_scenarios_own_needs_no_reference() {
        let within = kill(
            KillMoment::Random {
                within: Some(SECOND),
            },
            1,
        );
        assert!(!within.needs_reference());
        let found = moment(&within, Some(10 * SECOND), 0, 0).unwrap();
        assert_eq!(found.of, Some(SECOND));
        assert_eq!(Some(found), moment(&within, None, 0, 0));
    }

    #[test]
    fn random_moments_cover_the_span_evenly() {
        let random = kill(KillMoment::Random { within: None }, 7);
        let mut tenths = [0u32; 10];
        for run in 0..10_000 {
            let at = moment(&random, Some(SECOND), run, 0).unwrap().at;
            tenths[(at.as_secs_f64() * 10.0) as usize] += 1;
        }
        // Four standard deviations of a binomial around 1,000.
        assert!(
            tenths.iter().all(|n| (880..1_120).contains(n)),
            "{tenths:?}"
        );
    }

    proptest! {
        #[test]
        fn random_moments_depend_on_seed_run_and_attempt_alone(
            seed: u64, run: u32, attempt in 0u32..1_000, millis in 1u64..1_000_000,
        ) {
            let span = Duration::from_millis(millis);
            let random = kill(KillMoment::Random { within: None }, seed);
            let of = |run, attempt| moment(&random, Some(span), run, attempt).unwrap().at;
            prop_assert!(of(run, attempt) <= span);
            prop_assert_eq!(of(run, attempt), of(run, attempt));
            if millis > 1_000 {
                prop_assert_ne!(of(run, attempt), of(run.wrapping_add(1), attempt));
                prop_assert_ne!(of(run, attempt), of(run, attempt + 1));
            }
        }
    }
}
