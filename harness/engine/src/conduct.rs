//! The conductor: runs a plan's trials in their order until every target is decided.
//!
//! It knows neither processes nor statistics: how a trial is run is the [`Executor`]'s business,
//! whether more rounds are needed is the judge's.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::analyze::next_floor_trial;
use crate::evidence::{Instrument, Outcome, SweepPoint, Trial};
use crate::judge::needs_more;
use crate::notice::{Notice, Observer};
use crate::plan::{Order, Plan, PointIndex, TrialSpec};

/// Runs single trials.
pub trait Executor {
    /// What makes running impossible, as opposed to a trial that did not complete.
    type Error;

    /// Runs one trial; trials are numbered from 0 in the order in which they are run.
    ///
    /// # Errors
    /// Only where nothing can be measured at all; a trial that ends badly is evidence.
    fn trial(
        &mut self,
        spec: &TrialSpec,
        observer: &mut dyn Observer,
    ) -> Result<Trial, Self::Error>;

    /// Time since the session began.
    fn elapsed(&self) -> Duration;

    /// True once the user has asked for an end.
    fn interrupted(&self) -> bool;
}

/// What a session leaves behind.
#[derive(Debug)]
pub struct Conducted<E> {
    /// Every trial that was run, in order.
    pub trials: Vec<Trial>,
    /// True where the user cut the session short.
    pub interrupted: bool,
    /// What made going on impossible; the trials before it still count.
    pub error: Option<E>,
    /// Why no further rounds were added, in words.
    pub stopped: String,
}

/// Runs `plan`'s trials: warm-ups, rounds until the targets are decided, then the trials of the
/// other instruments, those under a target's own cap, and the search for floors. `keep` sees each trial as soon as it ends.
///
/// A variant that does not complete in a round takes part in no further round, and is not
/// profiled: one honest failure says what twenty would.
pub fn conduct<E: Executor>(
    plan: &Plan,
    executor: &mut E,
    observer: &mut dyn Observer,
    keep: &mut dyn FnMut(&Trial),
) -> Conducted<E::Error> {
    let order = Order::new(plan);
    let mut stage = Stage {
        plan,
        executor,
        observer,
        keep,
        trials: Vec::new(),
        dropped: BTreeSet::new(),
        failed: BTreeSet::new(),
        expected: at_least(plan),
        stopped: String::new(),
    };
    let ended = stage.play(&order);
    let executor_interrupted = stage.executor.interrupted();
    let Stage {
        trials, stopped, ..
    } = stage;
    let (interrupted, error) = match ended {
        Ok(()) => (executor_interrupted, None),
        Err(Ended::Interrupted) => (true, None),
        Err(Ended::Impossible(error)) => (false, Some(error)),
    };
    Conducted {
        trials,
        interrupted,
        error,
        stopped,
    }
}

/// How many trials of `plan` are run in any case.
pub fn at_least(plan: &Plan) -> u32 {
    let order = Order::new(plan);
    let rounds: usize = (0..order.rounds_min())
        .map(|round| order.round(round).len())
        .sum();
    let swept: usize = order.sweeps().iter().map(Vec::len).sum();
    let fixed = order.fixed_before().len() + swept + order.fixed_after().len();
    u32::try_from(fixed + rounds).unwrap_or(u32::MAX)
}

enum Ended<E> {
    Interrupted,
    Impossible(E),
}

struct Stage<'a, E: Executor> {
    plan: &'a Plan,
    executor: &'a mut E,
    observer: &'a mut dyn Observer,
    keep: &'a mut dyn FnMut(&Trial),
    trials: Vec<Trial>,
    dropped: BTreeSet<usize>,
    /// Points of sweeps at which a variant did not complete.
    failed: BTreeSet<(usize, PointIndex)>,
    expected: u32,
    stopped: String,
}

impl<E: Executor> Stage<'_, E> {
    fn play(&mut self, order: &Order) -> Result<(), Ended<E::Error>> {
        self.all(&order.fixed_before())?;
        let mut next = 0;
        while next < order.rounds_max() {
            let need = needs_more(self.plan, &self.trials);
            if !need.more {
                return self.rest(order, need.why);
            }
            // Until the answer may be another one: asking takes time, and takes more with each round.
            let until = next
                .saturating_add(need.rounds.max(1))
                .min(order.rounds_max());
            let taking_part = self.dropped.len();
            while next < until && self.dropped.len() == taking_part {
                if self.out_of_time() {
                    return self.rest(
                        order,
                        format!("limits.total is reached; still open: {}", need.why),
                    );
                }
                let wanted =
                    |spec: &TrialSpec| need.variants.contains(&self.plan.variants[spec.variant].id);
                let specs: Vec<TrialSpec> = order.round(next).into_iter().filter(wanted).collect();
                self.all(&specs)?;
                next += 1;
            }
        }
        let need = needs_more(self.plan, &self.trials);
        let why = match need.more {
            true => format!(
                "the largest number of rounds is reached; still open: {}",
                need.why
            ),
            false => need.why,
        };
        self.rest(order, why)
    }

    fn out_of_time(&self) -> bool {
        let total = self.plan.limits.total;
        total.is_some_and(|total| self.executor.elapsed() >= total)
    }

    /// The trials after the rounds, which ended for this reason.
    fn rest(&mut self, order: &Order, why: String) -> Result<(), Ended<E::Error>> {
        self.stopped = why;
        self.sweeps(order)?;
        self.all(&order.fixed_after())?;
        (0..self.plan.variants.len()).try_for_each(|variant| self.floor(variant))
    }

    /// The search for a variant's floor, where it is wanted: each trial depends on those before.
    fn floor(&mut self, variant: usize) -> Result<(), Ended<E::Error>> {
        while let Some(spec) = next_floor_trial(self.plan, variant, &self.trials) {
            if self.executor.interrupted() {
                return Err(Ended::Interrupted);
            }
            if self.out_of_time() {
                self.observer.notice(Notice::Note {
                    text: format!(
                        "limits.total is reached: the floor of {} is searched for no further",
                        self.plan.variants[variant].id
                    ),
                });
                break;
            }
            self.one(&spec)?;
        }
        Ok(())
    }

    /// The blocks of the sweeps: the first in any case, further ones until `limits.total` is reached.
    fn sweeps(&mut self, order: &Order) -> Result<(), Ended<E::Error>> {
        for (place, block) in order.sweeps().iter().enumerate() {
            let total = self.plan.limits.total;
            if place > 0 && total.is_some_and(|total| self.executor.elapsed() >= total) {
                self.stopped +=
                    "; the sweeps have fewer runs than asked for: limits.total is reached";
                break;
            }
            self.all(block)?;
        }
        Ok(())
    }

    /// Whether a point need not be run: it, or where the parameter is a size, a smaller one, did not
    /// complete.
    fn beyond(&self, variant: usize, at: PointIndex) -> bool {
        let by_size = self.plan.sweeps[at.sweep].quality.is_none();
        self.failed.iter().any(|(other, failed)| {
            *other == variant
                && failed.sweep == at.sweep
                && (failed.point == at.point || by_size && failed.point < at.point)
        })
    }

    fn all(&mut self, specs: &[TrialSpec]) -> Result<(), Ended<E::Error>> {
        for spec in specs {
            if self.executor.interrupted() {
                return Err(Ended::Interrupted);
            }
            // A target's own cap is a question of its own, whatever happened without it.
            if self.dropped.contains(&spec.variant) && !spec.role.has_own_cap() {
                continue;
            }
            let beyond = spec.point.is_some_and(|at| self.beyond(spec.variant, at));
            if beyond || self.fails_under(spec) {
                continue;
            }
            self.one(spec)?;
        }
        Ok(())
    }

    /// Whether a trial of the variant did not complete under the same instrument, other than the clock.
    fn fails_under(&self, spec: &TrialSpec) -> bool {
        let variant = &self.plan.variants[spec.variant].id;
        spec.instrument != Instrument::Clock
            && self.trials.iter().any(|trial| {
                trial.head.instrument == spec.instrument
                    && trial.head.variant == *variant
                    && trial.head.outcome != Outcome::Completed
            })
    }

    fn one(&mut self, spec: &TrialSpec) -> Result<(), Ended<E::Error>> {
        let number = u32::try_from(self.trials.len()).unwrap_or(u32::MAX);
        let variant = &self.plan.variants[spec.variant].id;
        self.expected = self.expected.max(number + 1);
        self.observer.notice(Notice::TrialBegins {
            number,
            of: self.expected,
            variant: variant.clone(),
            instrument: spec.instrument,
            role: spec.role,
            under: spec.under,
            point: spec
                .point
                .map(|at| self.plan.sweeps[at.sweep].named(at.point)),
        });
        let trial = match self.executor.trial(spec, self.observer) {
            Ok(trial) => trial,
            // The user was faster than the trial's beginning.
            Err(_) if self.executor.interrupted() => return Err(Ended::Interrupted),
            Err(error) => return Err(Ended::Impossible(error)),
        };
        self.observer.notice(Notice::TrialEnds {
            number,
            variant: variant.clone(),
            outcome: trial.head.outcome,
            diagnosis: trial.head.diagnosis.clone(),
            wall: trial.steps.iter().map(|step| step.wall).sum(),
            cpu: trial
                .steps
                .iter()
                .map(|step| step.usage.user + step.usage.sys)
                .sum(),
            peak_rss: trial
                .steps
                .iter()
                .map(|step| step.peak_rss())
                .max()
                .unwrap_or(0),
        });
        (self.keep)(&trial);
        let outcome = trial.head.outcome;
        self.trials.push(trial);
        if outcome == Outcome::Interrupted {
            return Err(Ended::Interrupted);
        }
        if let Some(at) = spec.point {
            if outcome != Outcome::Completed && self.failed.insert((spec.variant, at)) {
                let SweepPoint { parameter, value } = self.plan.sweeps[at.sweep].named(at.point);
                self.observer.notice(Notice::Note {
                    text: format!(
                        "{variant} did not complete ({outcome}) at {parameter} {value} and is not swept any further there"
                    ),
                });
            }
            return Ok(());
        }
        let counts = spec.instrument == Instrument::Clock && !spec.role.has_own_cap();
        if outcome != Outcome::Completed && counts && self.dropped.insert(spec.variant) {
            self.observer.notice(Notice::Note {
                text: format!(
                    "{variant} did not complete ({outcome}) and takes part in no further round"
                ),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Role, testing};
    use crate::plan::testing::{at_most, plan};
    use crate::scenario::InstructionsSetting;
    use plimsoll_workload::Unit;

    /// Runs nothing, remembers what it was asked for, and ends trials as a script says.
    struct Fake<'a> {
        plan: &'a Plan,
        asked: Vec<(String, Instrument, Role)>,
        ends: fn(&str, usize) -> Outcome,
        interrupt_after: Option<usize>,
    }

    impl<'a> Fake<'a> {
        fn new(plan: &'a Plan) -> Self {
            Self {
                plan,
                asked: Vec::new(),
                ends: |_, _| Outcome::Completed,
                interrupt_after: None,
            }
        }

        fn count(&self, variant: &str, instrument: Instrument) -> usize {
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

    struct Heard(Vec<Notice>);

    impl Observer for Heard {
        fn notice(&mut self, notice: Notice) {
            self.0.push(notice);
        }
    }

    fn play(fake: &mut Fake<'_>) -> (Conducted<String>, usize) {
        let plan = fake.plan;
        let mut kept = 0;
        let conducted = conduct(plan, fake, &mut Heard(Vec::new()), &mut |_| kept += 1);
        (conducted, kept)
    }

    #[test]
    fn every_variant_gets_its_fewest_runs_and_one_count_trial() {
        let plan = plan(&["a", "b"]).runs(3, 9);
        let mut fake = Fake::new(&plan);
        let (conducted, kept) = play(&mut fake);
        for variant in ["a", "b"] {
            let measured = |asked: &&(String, Instrument, Role)| {
                asked.0 == variant && asked.1 == Instrument::Clock && asked.2 == Role::Measured
            };
            assert_eq!(fake.asked.iter().filter(measured).count(), 3, "{variant}");
            assert_eq!(fake.count(variant, Instrument::Count), 1, "{variant}");
        }
        assert_eq!(kept, conducted.trials.len());
        assert_eq!(conducted.trials.len(), at_least(&plan) as usize);
        assert!(!conducted.interrupted);
    }

    #[test]
    fn warm_ups_come_first() {
        let mut plan = plan(&["a", "b"]).runs(1, 1);
        plan.measure.warmup = 2;
        let mut fake = Fake::new(&plan);
        play(&mut fake);
        assert!(fake.asked[..4].iter().all(|asked| asked.2 == Role::Warmup));
        assert!(fake.asked[4..].iter().all(|asked| asked.2 != Role::Warmup));
    }

    #[test]
    fn a_variant_that_does_not_complete_is_run_once() {
        let plan = plan(&["a", "b"]).runs(4, 9);
        let mut fake = Fake::new(&plan);
        fake.ends = |variant, _| {
            if variant == "b" {
                Outcome::Failed
            } else {
                Outcome::Completed
            }
        };
        play(&mut fake);
        assert_eq!(fake.count("b", Instrument::Clock), 1);
        assert_eq!(fake.count("b", Instrument::Count), 0);
        assert_eq!(fake.count("a", Instrument::Count), 1);
    }

    #[test]
    fn an_instrument_that_a_variant_does_not_survive_is_tried_once() {
        let mut plan = plan(&["a", "b"]).runs(1, 1);
        plan.measure.instructions = Some(InstructionsSetting {
            size: "smoke".to_owned(),
            runs: 3,
            by: None,
        });
        for variant in &mut plan.variants {
            variant.instruction_params = Some(variant.params.clone());
        }
        // Numbers 0 and 1 are the clock's, 2 and 3 the counter's; from then on it is a, b, a, b ...
        let ends = |_: &str, number: usize| match number {
            4 => Outcome::Crashed,
            _ => Outcome::Completed,
        };
        let mut fake = Fake::new(&plan);
        fake.ends = ends;
        let (conducted, _) = play(&mut fake);
        assert_eq!(fake.count("a", Instrument::Instructions), 1);
        assert_eq!(fake.count("b", Instrument::Instructions), 3);
        assert!(!conducted.interrupted);

        plan.leave_out(Instrument::Instructions, "nobody counts".to_owned());
        let mut fake = Fake::new(&plan);
        play(&mut fake);
        assert_eq!(fake.count("b", Instrument::Instructions), 0);
        assert_eq!(plan.notes, ["no instructions trials: nobody counts"]);
    }

    #[test]
    fn a_targets_own_cap_is_tried_even_then() {
        let mut target = at_most("b", "peak_rss", 1e9, Unit::Bytes);
        target.under = Some(1 << 20);
        let plan = plan(&["a", "b"]).runs(2, 2).with(target);
        let mut fake = Fake::new(&plan);
        fake.ends = |variant, _| {
            if variant == "b" {
                Outcome::Crashed
            } else {
                Outcome::Completed
            }
        };
        play(&mut fake);
        let capped = |asked: &&(String, Instrument, Role)| asked.2 == Role::Capped;
        assert_eq!(fake.asked.iter().filter(capped).count(), 1);
    }

    #[test]
    fn a_floor_is_searched_for_last_and_only_where_it_is_wanted() {
        let mut plan = plan(&["a", "b"]).runs(2, 2);
        plan.variants[1].floor = true;
        let mut fake = Fake::new(&plan);
        let (conducted, kept) = play(&mut fake);
        let first = fake.asked.iter().position(|asked| asked.2 == Role::Floor);
        let (before, search) = fake.asked.split_at(first.unwrap());
        assert!(before.iter().all(|asked| asked.2 != Role::Floor));
        assert!(
            search
                .iter()
                .all(|asked| asked.0 == "b" && asked.2 == Role::Floor)
        );
        // Every cap passes here: it comes down to the smallest, which is tried three times.
        assert!(search.len() > 3 && search.len() <= 17, "{}", search.len());
        assert_eq!(kept, conducted.trials.len());
    }

    #[test]
    fn no_floor_is_searched_for_once_the_time_is_up() {
        let mut plan = plan(&["a", "b"]).runs(2, 2);
        plan.variants[1].floor = true;
        plan.limits.total = Some(Duration::from_secs(8));
        let mut fake = Fake::new(&plan);
        play(&mut fake);
        assert_eq!(fake.asked.len(), 8, "{:?}", fake.asked);
    }

    #[test]
    fn an_interruption_keeps_what_there_is() {
        let plan = plan(&["a", "b"]).runs(6, 6);
        let mut fake = Fake::new(&plan);
        fake.interrupt_after = Some(3);
        let (conducted, kept) = play(&mut fake);
        assert!(conducted.interrupted);
        assert_eq!((conducted.trials.len(), kept), (3, 3));
    }

    #[test]
    fn an_interrupted_trial_is_the_last_one() {
        let plan = plan(&["a", "b"]).runs(6, 6);
        let mut fake = Fake::new(&plan);
        fake.ends = |_, number| {
            if number == 4 {
                Outcome::Interrupted
            } else {
                Outcome::Completed
            }
        };
        let (conducted, _) = play(&mut fake);
        assert!(conducted.interrupted);
        assert_eq!(conducted.trials.len(), 5);
    }

    #[test]
    fn sweeps_come_after_the_rounds_and_count_for_nothing_else() {
        let mut plan = plan(&["a", "b"])
            .runs(2, 2)
            .swept("n", &[1.0, 2.0, 3.0], None);
        plan.sweeps[0].runs = 2;
        let mut fake = Fake::new(&plan);
        let (conducted, _) = play(&mut fake);
        let swept = fake.asked.iter().filter(|asked| asked.2 == Role::Sweep);
        assert_eq!(swept.count(), 2 * 2 * 3);
        assert!(
            fake.asked[..4]
                .iter()
                .all(|asked| asked.2 == Role::Measured)
        );
        assert_eq!(conducted.trials.len(), at_least(&plan) as usize);
    }

    #[test]
    fn a_size_that_failed_is_not_tried_again_nor_any_beyond() {
        for (quality, runs) in [(None, 2), (Some("recall"), 3)] {
            let mut plan = plan(&["a"])
                .runs(1, 1)
                .swept("n", &[1.0, 2.0, 3.0], quality);
            plan.sweeps[0].runs = 1;
            plan.measure.count = false;
            let mut fake = Fake::new(&plan);
            // The first point of the first block fails, whichever it is.
            fake.ends = |_, number| match number {
                1 => Outcome::TimedOut,
                _ => Outcome::Completed,
            };
            let (conducted, _) = play(&mut fake);
            let failed = &conducted.trials[1];
            let at = |trial: &Trial| trial.head.point.as_ref().map(|point| point.value);
            let later = conducted.trials[2..].iter();
            let beyond = later.filter(|trial| at(trial) >= at(failed)).count();
            assert_eq!(beyond > 0, quality.is_some() && at(failed) < Some(3.0));
            assert!(conducted.trials.len() <= 1 + runs + 1);
        }
    }

    #[test]
    fn the_total_limit_ends_the_rounds_but_not_the_rest() {
        let mut plan = plan(&["a", "b"]).runs(50, 50);
        plan.limits.total = Some(Duration::from_secs(5));
        let mut fake = Fake::new(&plan);
        let (conducted, _) = play(&mut fake);
        assert!(fake.count("a", Instrument::Clock) < 10);
        assert_eq!(fake.count("a", Instrument::Count), 1);
        assert!(
            conducted.stopped.contains("limits.total"),
            "{}",
            conducted.stopped
        );
    }
}
