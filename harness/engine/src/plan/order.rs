//! In which order trials run: warm-ups, rounds in seeded random order, then what is run once.

use crate::evidence::{Block, Instrument, Role};
use crate::random::Random;

use super::{Plan, PlannedSweep, PlannedVariant, PointIndex, TrialSpec};

/// The random streams of sweeps, apart from those of the rounds.
const SWEEPS: u64 = 1 << 40;

/// With fewer runs of the baseline than this, ratios are not judged by an interval, and a noise
/// floor would cost more than it tells.
const CONTROLS_FROM: u32 = 6;

/// The order of a plan's trials. Pure: the same plan and seed give the same order.
///
/// Each round is a block of its own: its trials are shuffled by fair coins that no other round
/// uses. Whatever the machine does meanwhile, drift, periods and modes included, then falls on any two
/// variants in a given order or in the other with the same probability, round by round, and that is
/// all that the intervals assume (`docs/statistics.md`). Rounds in couples, the second in the reverse
/// order of the first, would cancel a steady drift a little better, and double the error of a disturbance
/// whose period is two rounds.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    plan: &'a Plan,
}

impl<'a> Order<'a> {
    /// The order of `plan`.
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan }
    }

    /// What runs before the rounds: the warm-ups, at least one of every variant that is killed at
    /// moments that depend on how long it takes.
    pub fn fixed_before(&self) -> Vec<TrialSpec> {
        let warmups = |variant: &PlannedVariant| {
            let needed = u32::from(variant.needs_reference());
            self.plan.measure.warmup.max(needed)
        };
        let most = self.plan.variants.iter().map(warmups).max();
        (0..most.unwrap_or(0))
            .flat_map(|n| {
                let variants = self.plan.variants.iter().enumerate();
                variants.filter(move |(_, variant)| warmups(variant) > n)
            })
            .map(|(variant, _)| spec(variant, Instrument::Clock, Role::Warmup))
            .collect()
    }

    /// Rounds that are always run: enough for every variant's least number of runs.
    pub fn rounds_min(&self) -> u32 {
        self.plan
            .variants
            .iter()
            .map(|v| v.runs.min)
            .max()
            .unwrap_or(0)
    }

    /// Rounds after which no variant has runs left.
    pub fn rounds_max(&self) -> u32 {
        self.plan
            .variants
            .iter()
            .map(|v| v.runs.max)
            .max()
            .unwrap_or(0)
    }

    /// The trials of round `n`, from 0: every variant that has runs left, once, and in every second
    /// round the baseline a second time, for the noise floor. Empty once no variant has runs left.
    pub fn round(&self, n: u32) -> Vec<TrialSpec> {
        let mut trials = Vec::with_capacity(self.plan.variants.len() + 1);
        for (index, variant) in self.plan.variants.iter().enumerate() {
            if variant.runs.max > n {
                trials.push(spec(index, Instrument::Clock, Role::Measured));
                if self.has_control(index, n) {
                    trials.push(spec(index, Instrument::Clock, Role::Control));
                }
            }
        }
        Random::stream(self.plan.measure.seed, u64::from(n)).shuffle(&mut trials);
        for (position, trial) in (0..).zip(&mut trials) {
            trial.block = Some(Block { round: n, position });
        }
        trials
    }

    /// Every second round has one, if there are runs enough and somebody to compare.
    fn has_control(&self, variant: usize, n: u32) -> bool {
        let planned = &self.plan.variants[variant];
        planned.baseline
            && !self.plan.exact_only
            && self.plan.variants.len() > 1
            && planned.runs.min >= CONTROLS_FROM
            && n % 2 == 1
    }

    /// The trials that count instructions. No variant is done with before the others have begun, so
    /// that whatever changes meanwhile changes for all.
    fn instructions(&self) -> impl Iterator<Item = TrialSpec> {
        let setting = self.plan.measure.instructions.as_ref();
        let here = !self.plan.without.contains_key(&Instrument::Instructions);
        let runs = setting.filter(|_| here).map_or(0, |setting| setting.runs);
        let counted = self.plan.variants.iter().enumerate();
        let counted = counted.filter(|(_, variant)| variant.instruction_params.is_some());
        (0..runs).flat_map(move |_| {
            let counted = counted.clone();
            counted.map(|(index, _)| spec(index, Instrument::Instructions, Role::Measured))
        })
    }

    /// The trials of the sweeps, block by block, to be run after the rounds: in every block each
    /// point of each swept variant once, all in one random order of the block's own, so that no drift
    /// of the machine looks like growth, and none favours a variant.
    pub fn sweeps(&self) -> Vec<Vec<TrialSpec>> {
        let most = self.plan.sweeps.iter().map(|sweep| sweep.runs).max();
        let blocks = (0..most.unwrap_or(0)).map(|block| {
            let mut random = Random::stream(self.plan.measure.seed, SWEEPS | u64::from(block));
            let mut trials = self.of_sweeps(|_| vec![Instrument::Clock]);
            random.shuffle(&mut trials);
            trials.retain(|trial| {
                let sweep = trial.point.map(|at| &self.plan.sweeps[at.sweep]);
                sweep.is_some_and(|sweep| sweep.runs > block)
            });
            for (position, trial) in (0..).zip(&mut trials) {
                let round = block;
                trial.block = Some(Block { round, position });
            }
            trials
        });
        let mut blocks: Vec<Vec<TrialSpec>> = blocks.collect();
        let others = self.of_sweeps(|sweep| sweep.instruments.clone());
        if !others.is_empty() {
            blocks.push(others);
        }
        blocks
    }

    /// One trial for each instrument, point and swept variant that the instrument works for.
    fn of_sweeps(&self, instruments: impl Fn(&PlannedSweep) -> Vec<Instrument>) -> Vec<TrialSpec> {
        let works = |instrument, variant: &PlannedVariant| match instrument {
            Instrument::Clock => true,
            Instrument::Instructions => !self.plan.without.contains_key(&instrument),
            Instrument::Count | Instrument::Profile => variant.uncounted.is_none(),
            Instrument::Dhat => variant.dhat_params.is_some(),
        };
        let mut trials = Vec::new();
        for (sweep, planned) in self.plan.sweeps.iter().enumerate() {
            for instrument in instruments(planned) {
                for (point, at) in planned.points.iter().enumerate() {
                    for (variant, params) in at.params.iter().enumerate() {
                        if params.is_some() && works(instrument, &self.plan.variants[variant]) {
                            trials.push(TrialSpec {
                                point: Some(PointIndex { sweep, point }),
                                ..spec(variant, instrument, Role::Sweep)
                            });
                        }
                    }
                }
            }
        }
        trials
    }

    /// What runs after the rounds: count, profile and dhat trials, one per variant, the trials that count
    /// instructions, and one trial for each variant and cap that a target asks for.
    pub fn fixed_after(&self) -> Vec<TrialSpec> {
        if self.plan.floor_only {
            return Vec::new();
        }
        let variants = || self.plan.variants.iter().enumerate();
        let counts = variants()
            .filter(|(_, variant)| self.plan.measure.count && variant.uncounted.is_none())
            .map(|(index, _)| spec(index, Instrument::Count, Role::Measured));
        let sampled = variants()
            .filter(|(_, variant)| {
                self.plan.measure.profile.is_some() && variant.uncounted.is_none()
            })
            .map(|(index, _)| spec(index, Instrument::Profile, Role::Measured));
        let profiles = variants()
            .filter(|(_, variant)| variant.dhat_params.is_some())
            .map(|(index, _)| spec(index, Instrument::Dhat, Role::Measured));
        let mut trials: Vec<TrialSpec> = counts
            .chain(sampled)
            .chain(profiles)
            .chain(self.instructions())
            .collect();
        for target in &self.plan.targets {
            let Some(cap) = target.under else { continue };
            for (index, variant) in self.plan.variants.iter().enumerate() {
                let capped = TrialSpec {
                    under: Some(cap),
                    ..spec(index, Instrument::Clock, Role::Capped)
                };
                if target.variants.contains(&variant.id) && !trials.contains(&capped) {
                    trials.push(capped);
                }
            }
        }
        trials
    }
}

fn spec(variant: usize, instrument: Instrument, role: Role) -> TrialSpec {
    TrialSpec {
        variant,
        instrument,
        role,
        block: None,
        under: None,
        wall: None,
        point: None,
    }
}
