//! `plimsoll run`: reads and plans everything first, then runs one scenario after the other.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::against::Against;
use super::args::{ProgressMode, RunArgs};
use super::entry::print;
use super::failure::CliFailure;
use super::files::scenario_files;

use super::load::{collect, load_all, programs_here, rendered};
use super::session_files::{Salvaged, abandoned};
use super::{plan_text, session};
use crate::evidence::Instrument;
use crate::judge::ExitCode;
use crate::notice::{Notice, Observer};
use crate::plan::{FloorRequest, Plan, PlanRequest, parse_set, plan};
use crate::report::format::counted;
use crate::report::{DEBUG_BUILD, JsonLines, Live, detect_style, sweep_unfinished, terminal};
use crate::run::inputs::{InputCache, InputsError};
use crate::run::{
    Interruptions, SessionOptions, instruction_counter, look_at_commands, missing, preflight,
};
use crate::scenario::{Affinity, Runs, Scenario, Workloads};

/// The size that is run where none is asked for: the smallest of everything, or the named
/// scenarios as they are meant.
const SIZE_OF_ALL: &str = "smoke";
const SIZE_OF_NAMED: &str = "default";

/// Runs scenarios, prints a summary of each, and gives the exit code that they amount to together.
pub(super) fn run(args: &RunArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    run_as(args, None, out)
}

/// The same; only in search of floors where that is asked for.
pub(super) fn run_as(
    args: &RunArgs,
    floor: Option<FloorRequest>,
    out: &mut dyn Write,
) -> Result<ExitCode, CliFailure> {
    let files = scenario_files(&args.paths)?;
    let workloads = programs_here()?;
    let (scenarios, skipped) = skip(load_all(&files, &workloads)?)?;
    let request = PlanRequest {
        floor,
        ..request(args)?
    };
    let plans = plan_all(scenarios, &request, args, &workloads)?;
    let against = Against::new(args)?;
    for line in &skipped {
        print(out, line)?;
    }
    if args.dry_run {
        return print(out, &plan_text::plans(&plans, &args.out));
    }
    let mut observer = observer(args.progress);
    if cfg!(debug_assertions) {
        observer.notice(Notice::Note {
            text: DEBUG_BUILD.to_owned(),
        });
    }
    clean_up_after_the_dead(&args.out, observer.as_mut());
    // From here on Ctrl-C ends trials, not this process: there is something to save and to clean.
    let interruptions = Interruptions::listen()
        .map_err(|error| CliFailure::unmeasured(format!("cannot listen for Ctrl-C: {error}")))?;
    // What was not run has held nothing: where that matters, it is no success.
    let mut codes = match args.strict && !skipped.is_empty() {
        true => vec![ExitCode::NotMeasured],
        false => Vec::new(),
    };
    for plan in &plans {
        match session::run(
            plan,
            args,
            &against,
            &workloads,
            &interruptions,
            observer.as_mut(),
        ) {
            Ok(ended) => {
                let html = ended.written.html.display().to_string();
                let summary = terminal::summary(&ended.report, detect_style(), Some(&html));
                codes.push(ended.code);
                // The report is written; that it cannot be printed is told, and the rest still runs.
                if let Err(failure) = print(out, &summary) {
                    codes.push(failure.code);
                    failure.tell();
                }
            }
            // One scenario's trouble is no reason to leave out the others, or their verdicts.
            Err(failure) => {
                codes.push(failure.code);
                failure.tell();
            }
        }
        if interruptions.count() > 0 {
            codes.push(ExitCode::Interrupted);
            break;
        }
    }
    Ok(ExitCode::worst(codes))
}

/// The scenarios that can be run here, and a line on each of the others.
fn skip(scenarios: Vec<Scenario>) -> Result<(Vec<Scenario>, Vec<String>), CliFailure> {
    let mut skipped = Vec::new();
    let runnable = collect(scenarios, |scenario| {
        let why = missing(&scenario).map_err(|error| error.to_string())?;
        let line = why.map(|why| format!("SKIP  {}: {why}\n", scenario.name));
        let here = line.is_none().then_some(scenario);
        skipped.extend(line);
        Ok(here)
    })?;
    Ok((runnable.into_iter().flatten().collect(), skipped))
}

/// Removes what killed sessions left in the reports directory and among the inputs, and says so. Their
/// scratch directories and cgroups go when the session starts.
fn clean_up_after_the_dead(out: &Path, observer: &mut dyn Observer) {
    let mut say = |text: String| observer.notice(Notice::Note { text });
    for dead in abandoned(out) {
        let directory = dead.directory.display().to_string();
        say(match dead.salvage(out) {
            Ok(Salvaged {
                trials,
                kept: Some(kept),
            }) => format!(
                "removed what a killed session had left in {directory}; what it had measured, {}, \
                 is in {} (`plimsoll clean` removes that)",
                counted(trials, "trial"),
                kept.display()
            ),
            Ok(_) => format!("removed what a killed session had left in {directory}"),
            Err(error) => {
                format!("what a killed session has left in {directory} cannot be removed: {error}")
            }
        });
    }
    match sweep_unfinished(out) {
        0 => {}
        swept => say(format!(
            "removed {} that a killed session had not finished in {}",
            counted(swept, "file"),
            out.display()
        )),
    }
    match InputCache::sweep_of_user() {
        // Where there is no place for a cache, a scenario that needs one will say so.
        Ok(0) | Err(InputsError::NoPlace) => {}
        Ok(swept) => say(format!(
            "removed what a killed session had left half made of {}",
            counted(swept as usize, "input")
        )),
        Err(error) => say(error.to_string()),
    }
}

fn request(args: &RunArgs) -> Result<PlanRequest, CliFailure> {
    let size = args.size.as_deref().unwrap_or(if args.paths.is_empty() {
        SIZE_OF_ALL
    } else {
        SIZE_OF_NAMED
    });
    Ok(PlanRequest {
        size: size.to_owned(),
        set: collect(&args.set, |text| {
            parse_set(text).map_err(|error| rendered(&error))
        })?,
        variants: args.variants.clone(),
        runs: args.runs.map(|runs| Runs {
            min: runs,
            max: runs,
        }),
        warmup: args.warmup,
        seed: args.seed,
        floor: None,
    })
}

fn plan_all(
    scenarios: Vec<Scenario>,
    request: &PlanRequest,
    args: &RunArgs,
    workloads: &dyn Workloads,
) -> Result<Vec<Arc<Plan>>, CliFailure> {
    let plans = collect(scenarios, |scenario| {
        plan(Arc::new(scenario), request, workloads).map_err(|error| rendered(&error))
    })?;
    collect(plans, |mut plan| {
        if args.no_sampler {
            plan.measure.sample_every = None;
        }
        if let Some(cpus) = &args.cpus {
            plan.measure.affinity = Affinity::Cpus(cpus.clone());
        }
        look_at_commands(&mut plan);
        if let Some(Err(why)) = instruction_counter(&plan) {
            plan.leave_out(Instrument::Instructions, why.to_string());
        }
        let plan = Arc::new(plan);
        let checked = SessionOptions::new(plan.clone(), session::scratch_root(args))
            .and_then(|options| preflight(&options));
        match checked {
            Ok(()) => Ok(plan),
            Err(error) => Err(format!("{}: {error}", plan.scenario.path.display())),
        }
    })
}

fn observer(mode: ProgressMode) -> Box<dyn Observer> {
    struct Silent;
    impl Observer for Silent {
        fn notice(&mut self, _: Notice) {}
    }
    match mode {
        ProgressMode::Auto => Box::new(Live::detect()),
        ProgressMode::Lines => Box::new(Live::plain(Box::new(std::io::stderr()))),
        ProgressMode::Json => Box::new(JsonLines::new(std::io::stderr())),
        ProgressMode::None => Box::new(Silent),
    }
}
