//! What a plan will take, before it is run: trials, time, memory, disk. Data for `--dry-run`.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::evidence::{Instrument, Role};
use crate::report::{Metric, Report};
use crate::scenario::{AfterKill, OutputSpec};

use super::{Job, Order, Plan, PlannedVariant, TrialSpec};

/// An earlier result's medians, by variant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Earlier(BTreeMap<String, EarlierVariant>);

/// What a variant took in an earlier result at the same size.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EarlierVariant {
    /// Median elapsed seconds of a trial.
    pub wall: Option<f64>,
    /// Highest peak resident bytes.
    pub peak_rss: Option<f64>,
    /// Highest scratch bytes.
    pub scratch: Option<f64>,
}

impl FromIterator<(String, EarlierVariant)> for Earlier {
    fn from_iter<I: IntoIterator<Item = (String, EarlierVariant)>>(variants: I) -> Self {
        Self(variants.into_iter().collect())
    }
}

impl Earlier {
    /// The medians of an earlier result.
    pub fn from_report(report: &Report) -> Self {
        let of = |variant: &crate::report::VariantReport, name: &str, pick: fn(f64, f64) -> f64| {
            match variant.metrics.get(name) {
                Some(Metric::Value(value)) => Some(pick(value.median, value.max)),
                Some(Metric::Absent { .. }) | None => None,
            }
        };
        let variants = report.variants.iter().map(|variant| {
            let figures = EarlierVariant {
                wall: of(variant, "wall", |median, _| median),
                peak_rss: of(variant, "peak_rss", |_, max| max),
                scratch: of(variant, "scratch_peak", |_, max| max),
            };
            (variant.id.clone(), figures)
        });
        variants.collect()
    }
}

/// What a plan will take.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// One row a variant, in the plan's order.
    pub rows: Vec<EstimateRow>,
    /// Trials at least: every variant's least number of runs, and what is run once.
    pub trials_min: u32,
    /// Trials at most.
    pub trials_max: u32,
    /// No plan takes longer: every trial at its limits, or `limits.total` and what follows it.
    pub time_limit: Duration,
    /// Elapsed seconds from least to most runs, from the earlier result; absent unless it has
    /// every variant. Heap profiles, counts of instructions and sweeps are left out: their sizes are
    /// others.
    pub time_expected: Option<(f64, f64)>,
    /// The memory cap of each trial in bytes; absent means what is available less a reserve.
    pub memory_cap: Option<u64>,
    /// The highest peak resident bytes of the earlier result.
    pub memory_expected: Option<f64>,
    /// The most scratch bytes of the earlier result.
    pub disk_expected: Option<f64>,
    /// The most bytes of standard output that a trial keeps, until the next one; none where no
    /// output is compared.
    pub output_limit: Option<u64>,
}

/// What a variant will take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateRow {
    /// The variant's id.
    pub variant: String,
    /// Warm-up trials.
    pub warmup: u32,
    /// Measured clock trials, at least and at most.
    pub clock: (u32, u32),
    /// The baseline's second runs, at least and at most.
    pub control: (u32, u32),
    /// Count trials.
    pub count: u32,
    /// Profile trials.
    pub profile: u32,
    /// dhat trials.
    pub dhat: u32,
    /// Trials that count instructions.
    pub instructions: u32,
    /// Trials under caps of targets.
    pub capped: u32,
    /// Trials in search of its floor, at least and at most.
    pub floor: (u32, u32),
    /// Trials of sweeps.
    pub swept: u32,
    /// Processes of a trial, one after the other, at most: a step that is killed may take several.
    pub steps: u32,
}

impl EstimateRow {
    /// All trials, at least and at most.
    pub fn trials(&self) -> (u32, u32) {
        let elsewhere = self.dhat + self.instructions + self.swept;
        let fixed = self.warmup + self.count + self.profile + elsewhere + self.capped;
        let sum = |clock: u32, control: u32, floor: u32| {
            fixed
                .saturating_add(clock)
                .saturating_add(control)
                .saturating_add(floor)
        };
        (
            sum(self.clock.0, self.control.0, self.floor.0),
            sum(self.clock.1, self.control.1, self.floor.1),
        )
    }
}

/// Counts a plan's trials by going through its order, and bounds what they take.
pub fn estimate(plan: &Plan, earlier: Option<&Earlier>) -> Estimate {
    let order = Order::new(plan);
    let rounds_min: Vec<TrialSpec> = (0..order.rounds_min())
        .flat_map(|n| order.round(n))
        .collect();
    let rounds_more: Vec<TrialSpec> = (order.rounds_min()..order.rounds_max())
        .flat_map(|n| order.round(n))
        .collect();
    let before = order.fixed_before();
    let after = order.fixed_after();
    let swept: Vec<TrialSpec> = order.sweeps().into_iter().flatten().collect();
    let rows: Vec<EstimateRow> = (0..plan.variants.len())
        .map(|variant| {
            let least = |role| count(&rounds_min, variant, Instrument::Clock, role);
            let most = |role| least(role) + count(&rounds_more, variant, Instrument::Clock, role);
            let once = |instrument, role| count(&after, variant, instrument, role);
            EstimateRow {
                variant: plan.variants[variant].id.clone(),
                warmup: count(&before, variant, Instrument::Clock, Role::Warmup),
                clock: (least(Role::Measured), most(Role::Measured)),
                control: (least(Role::Control), most(Role::Control)),
                count: once(Instrument::Count, Role::Measured),
                profile: once(Instrument::Profile, Role::Measured),
                dhat: once(Instrument::Dhat, Role::Measured),
                instructions: once(Instrument::Instructions, Role::Measured),
                capped: once(Instrument::Clock, Role::Capped),
                floor: floor_trials(plan, &plan.variants[variant]),
                steps: steps(&plan.variants[variant]),
                swept: swept
                    .iter()
                    .filter(|trial| trial.variant == variant)
                    .count() as u32,
            }
        })
        .collect();
    let trials_min = rows.iter().map(|row| row.trials().0).sum();
    let trials_max = rows.iter().map(|row| row.trials().1).sum();
    let figures = |row: &EstimateRow| earlier.and_then(|e| e.0.get(&row.variant)).copied();
    let expected = |pick: fn((u32, u32)) -> u32| {
        rows.iter()
            .map(|row| {
                let elsewhere = row.dhat + row.instructions + row.swept;
                Some(figures(row)?.wall? * f64::from(pick(row.trials()) - elsewhere))
            })
            .sum::<Option<f64>>()
    };
    let highest = |pick: fn(EarlierVariant) -> Option<f64>| {
        rows.iter()
            .filter_map(|row| pick(figures(row)?))
            .reduce(f64::max)
    };
    Estimate {
        trials_min,
        trials_max,
        time_limit: time_limit(plan, &rows),
        time_expected: expected(|(least, _)| least).zip(expected(|(_, most)| most)),
        memory_cap: plan.limits.memory,
        memory_expected: highest(|figures| figures.peak_rss),
        disk_expected: highest(|figures| figures.scratch),
        output_limit: keeps_output(plan).then_some(plan.limits.output),
        rows,
    }
}

fn keeps_output(plan: &Plan) -> bool {
    plan.variants.iter().any(|variant| {
        matches!(&variant.job, Job::Command(command) if command.output == OutputSpec::Stdout)
    })
}

fn count(trials: &[TrialSpec], variant: usize, instrument: Instrument, role: Role) -> u32 {
    let mine = trials.iter().filter(|trial| {
        trial.variant == variant && trial.instrument == instrument && trial.role == role
    });
    mine.count() as u32
}

/// A guess that is confirmed and a cap below it that fails; or every cap repeated.
fn floor_trials(plan: &Plan, variant: &PlannedVariant) -> (u32, u32) {
    let setting = plan.measure.floor;
    match variant.floor {
        true => (
            setting.repeats.saturating_add(1),
            setting.repeats.saturating_mul(setting.attempts),
        ),
        false => (0, 0),
    }
}

fn steps(variant: &PlannedVariant) -> u32 {
    let steps = match &variant.job {
        Job::Workload { steps, .. } => steps.len().max(1) as u32,
        Job::Command(command) => command.steps.len() as u32,
    };
    let more = variant.kills.iter().map(|kill| match kill.then {
        AfterKill::Again => kill.times,
        AfterKill::Next => kill.times - 1,
    });
    steps + more.sum::<u32>()
}

/// Every trial at its limits; with `limits.total`, the runs beyond the least number end there.
fn time_limit(plan: &Plan, rows: &[EstimateRow]) -> Duration {
    let step = plan.limits.wall.saturating_add(plan.limits.grace);
    let of = |pick: fn((u32, u32)) -> u32| {
        rows.iter().fold(Duration::ZERO, |sum, row| {
            let trials = pick(row.trials()).saturating_mul(row.steps);
            sum.saturating_add(step.saturating_mul(trials))
        })
    };
    let (least, most) = (of(|(least, _)| least), of(|(_, most)| most));
    match plan.limits.total {
        // The round that is under way when the time is up is finished.
        Some(total) => {
            let round = rows.iter().map(|row| row.steps).sum::<u32>();
            most.min(least.max(total.saturating_add(step.saturating_mul(round))))
        }
        None => most,
    }
}
