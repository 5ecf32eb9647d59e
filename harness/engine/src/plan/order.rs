//! In which order trials run: warm-ups, rounds in seeded random order, then what is run once.

use crate::evidence::{Block, Instrument, Role};

use super::rng::Rng;
use super::{Job, Plan, TrialSpec};

/// With fewer runs of the baseline than this, ratios are not judged by an interval, and a noise
/// floor would cost more than it tells.
const CONTROLS_FROM: u32 = 6;

/// The order of a plan's trials. Pure: the same plan and seed give the same order.
///
/// Rounds come in couples: the second of a couple runs its variants in the reverse order of the
/// first, so that of any two variants each goes first equally often, and a drift of the machine
/// hits both alike. With a baseline and one variant these are the blocks AB BA and BA AB.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    plan: &'a Plan,
}

impl<'a> Order<'a> {
    /// The order of `plan`.
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan }
    }

    /// What runs before the rounds: the warm-ups.
    pub fn fixed_before(&self) -> Vec<TrialSpec> {
        let variants = 0..self.plan.variants.len();
        (0..self.plan.measure.warmup)
            .flat_map(|_| variants.clone())
            .map(|variant| spec(variant, Instrument::Clock, Role::Warmup))
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

    /// The trials of round `n`, from 0: every variant that has runs left, once, and in some rounds
    /// the baseline a second time beside the first, for the noise floor. Empty once no variant has
    /// runs left.
    pub fn round(&self, n: u32) -> Vec<TrialSpec> {
        let mut rng = Rng::new(self.plan.measure.seed, u64::from(n / 2));
        let mut order: Vec<usize> = (0..self.plan.variants.len()).collect();
        rng.shuffle(&mut order);
        let control_first = rng.below(2) == 0;
        if n % 2 == 1 {
            order.reverse();
        }
        order.retain(|&variant| self.plan.variants[variant].runs.max > n);
        let mut trials = Vec::with_capacity(order.len() + 1);
        for variant in order {
            let measured = spec(variant, Instrument::Clock, Role::Measured);
            if self.has_control(variant, n) {
                let control = spec(variant, Instrument::Clock, Role::Control);
                match control_first {
                    true => trials.extend([control, measured]),
                    false => trials.extend([measured, control]),
                }
            } else {
                trials.push(measured);
            }
        }
        for (position, trial) in (0..).zip(&mut trials) {
            trial.block = Some(Block { round: n, position });
        }
        trials
    }

    /// The second round of each couple has one, if there are runs enough and somebody to compare.
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

    /// What runs after the rounds: count and dhat trials, one per variant, the trials that count
    /// instructions, and one trial for each variant and cap that a target asks for.
    pub fn fixed_after(&self) -> Vec<TrialSpec> {
        let workloads = |wanted: bool| {
            let variants = self.plan.variants.iter().enumerate();
            variants.filter(move |(_, v)| wanted && matches!(v.job, Job::Workload { .. }))
        };
        let counts = workloads(self.plan.measure.count)
            .map(|(index, _)| spec(index, Instrument::Count, Role::Measured));
        let profiles = workloads(true)
            .filter(|(_, variant)| variant.dhat_params.is_some())
            .map(|(index, _)| spec(index, Instrument::Dhat, Role::Measured));
        let mut trials: Vec<TrialSpec> =
            counts.chain(profiles).chain(self.instructions()).collect();
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
    }
}
