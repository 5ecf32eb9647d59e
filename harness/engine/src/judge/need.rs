//! Whether more rounds could decide a target that is still open.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::difference::NoOutputs;
use super::verdicts::findings;
use crate::analyze::{Analysis, Looks, of_record};
use crate::evidence::{Instrument, Outcome, Role, Trial};
use crate::plan::{Plan, PlannedVariant};
use crate::report::format::counted;
use crate::scenario::{Bound, Expectation, Runs, Target};

/// Whether to run another round, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Need {
    /// Whether another round is wanted.
    pub more: bool,
    /// Why, or why not.
    pub why: String,
    /// The variants that the next round needs, the baseline among them where ratios are judged.
    pub variants: BTreeSet<String>,
    /// For how many rounds this holds, as long as every trial in them completes.
    pub rounds: u32,
}

/// Whether the trials so far leave a target open that further rounds may decide.
///
/// Every variant that completes gets its fewest runs. After that the targets are looked at when the number of
/// runs is one of [`Looks`], and in between the answer of the last look stands, so that no interval
/// is looked at more often than it was paid for. It goes through all trials, so the caller asks again only
/// after as many rounds as the answer holds for, or where a trial did not complete, and ends earlier at
/// `limits.total`.
pub fn needs_more(plan: &Plan, trials: &[Trial]) -> Need {
    let mut need = Need::default();
    for variant in &plan.variants {
        let done = rounds(trials, &variant.id);
        if done < variant.runs.min as usize && !ended_badly(trials, &variant.id) {
            let missing = variant.runs.min as usize - done;
            need.ask(plan, variant, false, missing, || {
                format!(
                    "{} has {} of at least {}",
                    variant.id,
                    counted(done, "run"),
                    variant.runs.min
                )
            });
        }
    }
    if need.more || plan.exact_only {
        return need.or("every variant has its runs, and only exact targets are judged");
    }
    let mut seen_at: BTreeMap<usize, (Cow<'_, [Trial]>, Analysis)> = BTreeMap::new();
    let judged: BTreeSet<&str> = plan.targets.iter().flat_map(metrics).collect();
    let gates = plan.targets.iter().filter(|target| target.gate);
    for target in gates.filter(|target| target.under.is_none()) {
        for variant in bound(plan, target) {
            let done = rounds(trials, &variant.id);
            let runs = runs_for(plan, variant, target);
            if done >= runs.max as usize {
                continue;
            }
            let looks = Looks::new(runs);
            // Fewer runs than have an interval are looked at once, when they are the fewest.
            let look = looks.last_before(done + 1).unwrap_or(runs.min as usize);
            let (seen, analysis) = seen_at.entry(look).or_insert_with(|| {
                let seen = up_to(trials, look);
                let analysis = Analysis::of(plan, &seen, &|metric| judged.contains(metric));
                (seen, analysis)
            });
            let case = Case {
                plan,
                analysis,
                trials: seen,
                target,
                outputs: &NoOutputs,
            };
            let open = findings(&case)
                .into_iter()
                .find(|(id, finding)| *id == variant.id && finding.more_may_decide);
            if let Some((_, finding)) = open {
                let next = looks.next_after(done).unwrap_or(done + 1);
                need.ask(plan, variant, against_baseline(target), next - done, || {
                    let reason = finding.reason.unwrap_or_default();
                    format!("{}: {reason} (next look at {next})", target.label)
                });
            }
        }
    }
    need.or("no target is open that more runs could decide")
}

impl Need {
    fn ask(
        &mut self,
        plan: &Plan,
        variant: &PlannedVariant,
        with_baseline: bool,
        rounds: usize,
        why: impl FnOnce() -> String,
    ) {
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        if self.more {
            self.rounds = self.rounds.min(rounds);
        } else {
            self.why = why();
            self.rounds = rounds;
        }
        self.more = true;
        self.variants.insert(variant.id.clone());
        let baseline = plan.variants.iter().find(|variant| variant.baseline);
        if let Some(baseline) = baseline.filter(|_| with_baseline) {
            self.variants.insert(baseline.id.clone());
        }
    }

    fn or(mut self, why: &str) -> Need {
        if !self.more {
            self.why = why.to_owned();
        }
        self
    }
}

/// The planned variants that a target binds.
fn bound<'a>(plan: &'a Plan, target: &'a Target) -> impl Iterator<Item = &'a PlannedVariant> {
    plan.variants
        .iter()
        .filter(|variant| target.variants.contains(&variant.id))
}

/// The metrics that a target looks at.
fn metrics(target: &Target) -> Vec<&str> {
    match &target.expectation {
        Expectation::Metric { metric, .. } => vec![metric],
        Expectation::Equals { values } => values.keys().map(String::as_str).collect(),
        // Sweeps are run after the rounds, as often as the scenario says.
        Expectation::At { .. } | Expectation::Growth { .. } => Vec::new(),
        Expectation::Identical { .. } | Expectation::Outcome { .. } => Vec::new(),
    }
}

/// Whether a target holds variants against the baseline.
fn against_baseline(target: &Target) -> bool {
    let Expectation::Metric {
        at_most, at_least, ..
    } = &target.expectation
    else {
        return false;
    };
    [at_most, at_least]
        .into_iter()
        .flatten()
        .any(Bound::is_relative)
}

/// The runs that can serve a target: a ratio needs the baseline's too.
fn runs_for(plan: &Plan, variant: &PlannedVariant, target: &Target) -> Runs {
    let baseline = plan.variants.iter().find(|variant| variant.baseline);
    match baseline.filter(|_| against_baseline(target)) {
        Some(baseline) => Looks::runs_of_pair(variant.runs, baseline.runs),
        None => variant.runs,
    }
}

/// Whether further runs of a variant would only fail again.
fn ended_badly(trials: &[Trial], variant: &str) -> bool {
    of_record(trials, variant)
        .iter()
        .any(|trial| trial.head.outcome != Outcome::Completed)
}

/// Rounds in which a variant was measured.
fn rounds(trials: &[Trial], variant: &str) -> usize {
    measured(trials)
        .filter(|(_, trial)| trial.head.variant == variant)
        .map(|(round, _)| round)
        .collect::<BTreeSet<_>>()
        .len()
}

/// The measured clock trials with their rounds.
fn measured(trials: &[Trial]) -> impl Iterator<Item = (u32, &Trial)> {
    trials
        .iter()
        .filter(|trial| {
            trial.head.role == Role::Measured && trial.head.instrument == Instrument::Clock
        })
        .filter_map(|trial| Some((trial.head.block?.round, trial)))
}

/// The trials as they were after so many rounds.
fn up_to(trials: &[Trial], rounds: usize) -> Cow<'_, [Trial]> {
    let in_order: BTreeSet<u32> = measured(trials).map(|(round, _)| round).collect();
    let Some(&last) = in_order.iter().nth(rounds.saturating_sub(1)) else {
        return Cow::Borrowed(trials);
    };
    let then = |trial: &&Trial| trial.head.block.is_none_or(|block| block.round <= last);
    if trials.iter().all(|trial| then(&trial)) {
        return Cow::Borrowed(trials);
    }
    Cow::Owned(trials.iter().filter(then).cloned().collect())
}
