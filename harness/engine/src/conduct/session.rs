//! A session: which trials come next, and when there are enough.

use crate::analyze::next_floor_trial;
use crate::evidence::Trial;
use crate::judge::needs_more;
use crate::notice::{Notice, Observer};
use crate::plan::{Order, Plan, TrialSpec};

use super::executor::Executor;
use super::given_up::GivenUp;

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
    let mut session = Session {
        plan,
        executor,
        observer,
        keep,
        trials: Vec::new(),
        given_up: GivenUp::new(plan),
        expected: at_least(plan),
        stopped: String::new(),
    };
    let ended = session.play(&order);
    let executor_interrupted = session.executor.interrupted();
    let Session {
        trials, stopped, ..
    } = session;
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

/// Why a session ends before its last trial.
pub(super) enum Ended<E> {
    Interrupted,
    Impossible(E),
}

pub(super) struct Session<'a, E: Executor> {
    pub(super) plan: &'a Plan,
    pub(super) executor: &'a mut E,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) keep: &'a mut dyn FnMut(&Trial),
    pub(super) trials: Vec<Trial>,
    pub(super) given_up: GivenUp<'a>,
    /// How many trials there will be, as far as is known.
    pub(super) expected: u32,
    stopped: String,
}

impl<E: Executor> Session<'_, E> {
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
            let taking_part = self.given_up.variants();
            while next < until && self.given_up.variants() == taking_part {
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
            if place > 0 && self.out_of_time() {
                self.stopped +=
                    "; the sweeps have fewer runs than asked for: limits.total is reached";
                break;
            }
            self.all(block)?;
        }
        Ok(())
    }

    fn all(&mut self, specs: &[TrialSpec]) -> Result<(), Ended<E::Error>> {
        for spec in specs {
            if self.executor.interrupted() {
                return Err(Ended::Interrupted);
            }
            if !self.given_up.contains(spec) {
                self.one(spec)?;
            }
        }
        Ok(())
    }
}
