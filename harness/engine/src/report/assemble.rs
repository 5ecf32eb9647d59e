//! The report of a session from everything that was found.

use super::sweeps::sweeps;
use super::warnings::warnings;
use super::{Metric, Report, SCHEMA_VERSION, TrialSummary, VariantReport, VerdictReport};
use crate::analyze::{Analysis, Looks, VariantAnalysis, cpu, values};
use crate::evidence::{Machine, Trial};
use crate::judge::ExitCode;
use crate::plan::{Job, Plan, PlannedVariant};
use crate::report::format::{counted, percent};
use crate::scenario::Allocator;

/// What a report says of the session itself.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionInfo {
    /// The machine.
    pub machine: Machine,
    /// When the session began, RFC 3339 in UTC.
    pub started: String,
    /// Seconds that it took.
    pub elapsed: f64,
    /// How to run it again.
    pub command: String,
    /// Which prepared inputs each variant of the plan read, by its index.
    pub inputs: Vec<Option<String>>,
    /// What each variant of the plan executed, by its index: see [`VariantReport::build`].
    pub builds: Vec<Option<String>>,
    /// Whether the user cut it short.
    pub interrupted: bool,
    /// Whether inconclusive targets count against it.
    pub strict: bool,
}

/// Puts the report of a scenario at one size together.
pub fn assemble(
    plan: &Plan,
    trials: &[Trial],
    analysis: Analysis,
    verdicts: Vec<VerdictReport>,
    session: SessionInfo,
) -> Report {
    let exit = ExitCode::of(
        plan,
        &analysis,
        &verdicts,
        session.interrupted,
        session.strict,
    );
    let mut ordered: Vec<&Trial> = trials.iter().collect();
    ordered.sort_by_key(|trial| trial.head.number);
    let scenario = &plan.scenario;
    let inputs = session.inputs.into_iter().chain(std::iter::repeat(None));
    let builds = session.builds.into_iter().chain(std::iter::repeat(None));
    Report {
        schema_version: SCHEMA_VERSION,
        scenario: scenario.name.clone(),
        about: scenario.about.clone(),
        size: plan.size.clone(),
        part: plan.floor_only.then(|| "floor".to_owned()),
        scenario_digest: scenario.digest.clone(),
        scenario_text: scenario.text.clone(),
        started: session.started,
        elapsed: session.elapsed,
        command: session.command,
        instructions_at: plan
            .measure
            .instructions
            .as_ref()
            .map(|setting| setting.size.clone()),
        resolution: trials
            .iter()
            .flat_map(|trial| &trial.steps)
            .map(|step| step.floor)
            .max(),
        seed: plan.measure.seed,
        interrupted: session.interrupted,
        warnings: warnings(plan, &ordered, &analysis, &session.machine),
        machine: session.machine,
        memory_cap: plan.limits.memory,
        method: method(plan),
        sweeps: sweeps(plan, &analysis),
        variants: plan
            .variants
            .iter()
            .zip(analysis.variants)
            .zip(inputs.zip(builds))
            .map(|((planned, analysed), (inputs, build))| VariantReport {
                inputs,
                build,
                allocator: allocator(planned, &ordered).to_owned(),
                ..variant(planned, analysed)
            })
            .collect(),
        verdicts,
        comparison: None,
        trials: ordered.into_iter().map(summary).collect(),
        exit_code: exit.code(),
    }
}

/// How intervals were made, in words.
fn method(plan: &Plan) -> String {
    if plan.floor_only {
        return "Each run is a fresh process. Caps are enforced by the kernel, without swap. Tried \
                first is the peak without a cap, then caps away from it in growing steps, then the \
                middle between the largest that failed and the smallest above it that passed; one \
                trial decides a cap, and the upper edge is repeated."
            .to_owned();
    }
    if plan.exact_only {
        return "One run of each variant; only exact targets are judged at this size.".to_owned();
    }
    let runs = plan.variants.iter().map(|variant| variant.runs);
    let looks: Vec<Looks> = runs.map(Looks::new).collect();
    let count = looks.iter().map(Looks::count).max().unwrap_or(1);
    let level = looks.iter().map(Looks::level).fold(1.0, f64::min);
    format!(
        "Each run is a fresh process. Variants run in rounds, in random order from seed {}; ratios \
         are medians of paired log ratios, one pair a round. Intervals are exact {} ones, from \
         order statistics, with the error shared between {}. Peaks and counts: the worst run \
         binds.",
        plan.measure.seed,
        percent(level),
        counted(count, "planned look")
    )
}

fn variant(planned: &PlannedVariant, analysed: VariantAnalysis) -> VariantReport {
    let metrics = analysed.metrics.into_iter().map(|(name, series)| {
        let metric = match series {
            Ok(series) => Metric::Value(series.summary()),
            Err(absent) => Metric::Absent { absent },
        };
        (name, metric)
    });
    VariantReport {
        id: analysed.id,
        about: planned.about.clone(),
        baseline: analysed.baseline,
        implementation: match &planned.job {
            Job::Workload { implementation, .. } => implementation.clone(),
            Job::Command(command) => {
                let lines = command.steps.iter().map(|step| command_line(&step.argv));
                lines.collect::<Vec<_>>().join(" && ")
            }
        },
        params: planned.params.clone(),
        inputs: None,
        build: None,
        threads: planned.threads,
        allocator: String::new(),
        outcome: analysed.outcome,
        diagnosis: analysed.diagnosis,
        digests: analysed.digests,
        metrics: metrics.collect(),
        steps: analysed.steps,
        relative: analysed.relative,
        histograms: analysed.histograms,
        timeline: analysed.timeline,
        reconciliation: analysed.reconciliation,
        profile: analysed.profile,
        stderr_tail: analysed.stderr_tail,
        floor: analysed.floor,
    }
}

/// What a variant runs on: what was set, and proved in each trial; else, for a program into which a
/// malloc could be loaded, and that was not found to bring its own, the C library's.
fn allocator(planned: &PlannedVariant, trials: &[&Trial]) -> &'static str {
    let own = || {
        let mine = trials.iter().filter(|t| t.head.variant == planned.id);
        mine.flat_map(|trial| &trial.steps)
            .any(|step| step.uncounted.is_some())
    };
    match (planned.allocator, &planned.job) {
        (Some(allocator), Job::Workload { .. }) => allocator.name(),
        (Some(allocator), _) if allocator != Allocator::System => allocator.name(),
        (None, Job::Workload { .. }) => Allocator::System.name(),
        (_, Job::Command(_)) => {
            let loaded = planned.env.contains_key("LD_PRELOAD");
            if planned.uncounted.is_some() || loaded || own() {
                "unknown"
            } else {
                Allocator::System.name()
            }
        }
    }
}

/// An argument list as a shell would take it.
fn command_line(argv: &[String]) -> String {
    let quoted = argv.iter().map(|argument| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+{}".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            argument.clone()
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn summary(trial: &Trial) -> TrialSummary {
    TrialSummary {
        head: trial.head.clone(),
        wall: trial.wall(),
        cpu: cpu(trial),
        peak_rss: trial.peak_rss(),
        metrics: values(trial),
    }
}
