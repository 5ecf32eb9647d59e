//! One scenario at one size: inputs, trials, verdicts, report.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::against::Against;
use super::args::RunArgs;
use super::failure::CliFailure;
use super::inputs::{self, Prepared};
use super::session_files::SessionFiles;
use crate::analyze::Analysis;
use crate::conduct::{Conducted, Executor, at_least, conduct};
use crate::evidence::{Role, Trial};
use crate::judge::{ExitCode, KeptOutputs, judge_with_outputs};
use crate::notice::{Notice, Observer};
use crate::observe::machine;
use crate::plan::{Plan, TrialSpec};
use crate::report::{Report, SessionInfo, assemble, write};
use crate::run::{CapsChoice, Interruptions, RunError, Session, SessionOptions};
use crate::scenario::Workloads;

/// A finished session.
pub(super) struct Ended {
    /// What it amounts to.
    pub(super) code: ExitCode,
    /// The report.
    pub(super) report: Report,
    /// Where its files are.
    pub(super) written: write::Written,
}

/// Runs `plan` and writes its report. What was measured is reported even where going on became
/// impossible; the failure is then told after the report.
pub(super) fn run(
    plan: &Arc<Plan>,
    args: &RunArgs,
    against: &Against,
    workloads: &dyn Workloads,
    interruptions: &Interruptions,
    observer: &mut dyn Observer,
) -> Result<Ended, CliFailure> {
    let began = Instant::now();
    let started = Timestamp::now().to_string();
    let scenario = &plan.scenario;
    observer.notice(Notice::ScenarioBegins {
        scenario: scenario.name.clone(),
        size: plan.size.clone(),
        variants: plan
            .variants
            .iter()
            .map(|variant| variant.id.clone())
            .collect(),
        trials: at_least(plan),
    });
    for text in &plan.notes {
        observer.notice(Notice::Note { text: text.clone() });
    }
    let mut files = SessionFiles::create(&args.out, &scenario.name, &plan.size)
        .map_err(|error| unwritable(&args.out, &error))?;
    let inputs = inputs::prepare(plan, workloads, interruptions, !args.no_caps, observer)?;
    if interruptions.count() > 0 {
        return Err(CliFailure::interrupted());
    }
    let mut session = start(plan, args, &inputs, &files, observer)?;
    let machine = machine::describe(session.caps());
    let builds = session.builds();
    let mut unkept = None;
    let mut keep = |trial: &Trial| {
        if let Err(error) = files.write(trial) {
            unkept.get_or_insert(error);
        }
    };
    let mut live = Live {
        session: &mut session,
        interruptions,
        began,
    };
    let conducted = conduct(plan, &mut live, observer, &mut keep);
    if let Some(error) = unkept {
        observer.notice(Notice::Note {
            text: format!("raw trials are not all kept: {error}"),
        });
    }
    let Conducted {
        trials,
        interrupted,
        error,
        stopped,
    } = conducted;
    observer.notice(Notice::Note {
        text: format!("no more rounds: {stopped}"),
    });
    if trials.is_empty() {
        // Nothing was measured: an earlier report is worth more than an empty one.
        return Err(match error {
            Some(error) => CliFailure::unmeasured(error.to_string()),
            None => CliFailure::interrupted(),
        });
    }
    let analysis = Analysis::new(plan, &trials);
    let verdicts = judge_with_outputs(plan, &analysis, &trials, &Files);
    let info = SessionInfo {
        machine,
        started,
        elapsed: began.elapsed().as_secs_f64(),
        command: again(args, plan),
        inputs: inputs.names(),
        builds,
        interrupted,
        strict: args.strict,
    };
    let mut report = assemble(plan, &trials, analysis, verdicts, info);
    against.judge(&mut report, observer);
    keep_differing(&trials, &files, observer);
    session.finish();
    let written = match write::write(&args.out, &report, Some(files.directory())) {
        Ok(written) => written,
        Err(error) => {
            let left = files.leave();
            return Err(CliFailure::unmeasured(format!(
                "{error}; what was measured is in {}",
                left.display()
            )));
        }
    };
    observer.notice(Notice::ScenarioEnds {
        scenario: scenario.name.clone(),
        report: written.html.display().to_string(),
    });
    if let Some(error) = error {
        return Err(CliFailure::unmeasured(format!(
            "{error}; what was measured before is in {}",
            written.directory.display()
        )));
    }
    against
        .keep(&report, observer)
        .map_err(|error| CliFailure::unmeasured(error.to_string()))?;
    let code = ExitCode::ORDER
        .into_iter()
        .find(|code| code.code() == report.exit_code)
        .unwrap_or(ExitCode::NotMeasured);
    Ok(Ended {
        code,
        report,
        written,
    })
}

/// Starts the session.
fn start(
    plan: &Arc<Plan>,
    args: &RunArgs,
    inputs: &Prepared,
    files: &SessionFiles,
    observer: &mut dyn Observer,
) -> Result<Session, CliFailure> {
    let fail = |error: RunError| match error {
        RunError::Interrupted => CliFailure::interrupted(),
        error => CliFailure::usage(error.to_string()),
    };
    let mut options = SessionOptions::new(plan.clone(), scratch_root(args)).map_err(fail)?;
    options.inputs.clone_from(&inputs.full);
    options.dhat_inputs.clone_from(&inputs.dhat);
    options.instruction_inputs.clone_from(&inputs.instructions);
    options.sweep_inputs.clone_from(&inputs.swept);
    options.keep_output.clone_from(&args.keep_output);
    options.profiles = Some(files.directory().to_owned());
    if args.no_caps {
        options.caps = CapsChoice::WhereAsked;
    }
    Session::start(options, observer).map_err(fail)
}

/// Scratch directories go where the reports go, which is on disk, unless another place is named.
pub(super) fn scratch_root(args: &RunArgs) -> PathBuf {
    args.scratch.clone().unwrap_or_else(|| args.out.clone())
}

/// The session as the conductor sees it.
struct Live<'a> {
    session: &'a mut Session,
    interruptions: &'a Interruptions,
    began: Instant,
}

impl Executor for Live<'_> {
    type Error = RunError;

    fn trial(&mut self, spec: &TrialSpec, observer: &mut dyn Observer) -> Result<Trial, RunError> {
        self.session.trial(spec, observer)
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn interrupted(&self) -> bool {
        // The session counts from its own beginning, the other from before inputs were made.
        self.session.interrupted() || self.interruptions.count() > 0
    }
}

/// Kept outputs are files.
struct Files;

impl KeptOutputs for Files {
    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(BufReader::new(File::open(path)?)))
    }
}

/// Keeps outputs whose digests differ, so that the difference can be looked into.
fn keep_differing(trials: &[Trial], files: &SessionFiles, observer: &mut dyn Observer) {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    // A search for the floor finds out under how little memory outputs go wrong, and what comes out at
    // another point of a sweep is another output.
    let compared = || {
        let other = |trial: &&Trial| matches!(trial.head.role, Role::Floor | Role::Sweep);
        trials.iter().filter(move |trial| !other(trial))
    };
    for (name, identity) in compared().flat_map(|trial| &trial.digests) {
        values.entry(name).or_default().insert(&identity.value);
    }
    for trial in compared() {
        for (name, identity) in &trial.digests {
            let differs = values.get(name.as_str()).is_some_and(|seen| seen.len() > 1);
            let Some(output) = identity.kept.as_deref().filter(|_| differs) else {
                continue;
            };
            if let Err(error) = files.keep_output(&trial.head.variant, name, output) {
                observer.notice(Notice::Note {
                    text: format!("an output of {} is not kept: {error}", trial.head.variant),
                });
            }
        }
    }
}

/// The command line that runs this again.
fn again(args: &RunArgs, plan: &Plan) -> String {
    let command = if plan.floor_only { "floor" } else { "run" };
    let mut words = vec!["plimsoll".to_owned(), command.to_owned()];
    let mut add = |words_of: &[&str]| words.extend(words_of.iter().map(|word| (*word).to_owned()));
    add(&[
        &plan.scenario.path.display().to_string(),
        "--size",
        &plan.size,
    ]);
    add(&["--seed", &plan.measure.seed.to_string()]);
    for set in &args.set {
        add(&["--set", set]);
    }
    for id in &args.variants {
        add(&["--variant", id]);
    }
    for (flag, number) in [("--runs", args.runs), ("--warmup", args.warmup)] {
        if let Some(number) = number {
            add(&[flag, &number.to_string()]);
        }
    }
    if let Some(name) = &args.baseline {
        add(&["--baseline", name]);
    }
    if plan.floor_only {
        let setting = plan.measure.floor;
        add(&["--repeats", &setting.repeats.to_string()]);
        add(&["--precision", &setting.precision.to_string()]);
        add(&["--max-attempts", &setting.attempts.to_string()]);
    }
    if let Some(cpus) = &args.cpus {
        let cpus: Vec<_> = cpus.iter().map(usize::to_string).collect();
        add(&["--cpus", &cpus.join(",")]);
    }
    for (flag, given) in [
        ("--no-sampler", args.no_sampler),
        ("--no-caps", args.no_caps),
        ("--strict", args.strict),
    ] {
        if given {
            add(&[flag]);
        }
    }
    // Only a NUL cannot be quoted, and no argument of a process has one.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

fn unwritable(out: &Path, error: &io::Error) -> CliFailure {
    CliFailure::usage(format!(
        "cannot write reports into {}: {error}; name another directory with --out",
        out.display()
    ))
}
