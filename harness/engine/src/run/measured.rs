//! One measured step: under its cap, watched, and turned into evidence.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::time::Duration;

use plimsoll_workload::env::AllocatorChoice;
use plimsoll_workload::gauges::{self, Snapshot};
use tokio::time::Instant;

use super::caps::Leaf;
use super::diagnose::{Facts, diagnose};
use super::error::RunError;
use super::fork_server::{ForkServer, Reaped, Start};
use super::interrupt::Interrupts;
use super::machine_kills::MachineKills;
use super::pages::{Found, Pages};
use super::supervise::{Ended, Launch, Stdout, supervise};
use super::tail::{EventTail, Events};
use super::thrash::ThrashWatch;
use super::told::heap_counts;
use super::watch::{CapWatch, Sampling, Seen, StepWatch};
use super::watchdog::{Cause, Watchdog};
use crate::evidence::{CapsKind, Exit, Outcome, ProcessRecord, Step, StepKill, Usage};
use crate::notice::Observer;
use crate::observe::Observed;
use crate::plan::Moment;
use crate::scenario::Limits;

/// A step to be run.
pub(crate) struct StepPlan<'a> {
    pub(crate) variant: &'a str,
    /// Its name; empty where there is one only.
    pub(crate) name: &'a str,
    pub(crate) start: Start,
    pub(crate) stdin: File,
    pub(crate) stdout: Stdout,
    pub(crate) limits: &'a Limits,
    pub(crate) leaf: Option<&'a dyn Leaf>,
    pub(crate) caps: CapsKind,
    pub(crate) machine: &'a MachineKills,
    /// The files that the program speaks through.
    pub(crate) channels: Channels,
    /// Exit statuses that mean success.
    pub(crate) expected: &'a [i32],
    /// When the scenario wants it killed.
    pub(crate) kill: Option<Moment>,
    pub(crate) sampling: Option<Sampling>,
    /// When the trial began.
    pub(crate) trial_began: Instant,
}

/// The files that a program speaks through.
#[derive(Debug)]
pub(crate) struct Channels {
    events: Events,
    gauges: Gauges,
}

/// Where a program's gauges are.
#[derive(Debug)]
pub(crate) enum Gauges {
    /// A plain command keeps none.
    None,
    /// The page of a program that speaks the protocol.
    Page(PathBuf, File),
    /// Those of a plain command that is counted from outside.
    Pages(Pages),
}

impl Gauges {
    /// What its page says now.
    pub(crate) fn read(&self) -> Option<Snapshot> {
        match self {
            Gauges::Page(_, file) => Snapshot::read_file(file).ok(),
            Gauges::None | Gauges::Pages(_) => None,
        }
    }
}

impl Channels {
    /// Events only, in a file that the program makes itself where it has any to tell. A plain
    /// command pays nothing for what it does not use.
    pub(crate) fn of_command(events: PathBuf, pages: Option<Pages>) -> Self {
        Channels {
            events: Events::Expected(events),
            gauges: pages.map_or(Gauges::None, Gauges::Pages),
        }
    }

    /// Makes both files, for a program that speaks the protocol.
    pub(crate) fn create(events: PathBuf, page: PathBuf) -> Result<Self, RunError> {
        let failed = |doing, path: PathBuf| {
            move |source| RunError::File {
                doing,
                path,
                source,
            }
        };
        let make = |path: &PathBuf| {
            let mut options = File::options();
            options.read(true).write(true).create_new(true).open(path)
        };
        let events = make(&events).map_err(failed("making the event file", events))?;
        let file = make(&page).map_err(failed("making the gauge page", page.clone()))?;
        file.set_len(gauges::SIZE as u64)
            .map_err(failed("making the gauge page", page.clone()))?;
        Ok(Channels {
            events: Events::File(events),
            gauges: Gauges::Page(page, file),
        })
    }
}

/// A step's evidence, and what it means for its trial.
pub(crate) struct Measured {
    pub(crate) step: Step,
    /// How it ended; nothing where the scenario killed it.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) diagnosis: String,
    pub(crate) digests: BTreeMap<String, String>,
    /// What served the heap, or why that is not known.
    pub(crate) allocator: Result<AllocatorChoice, String>,
    pub(crate) scratch_peak: Option<u64>,
    /// What was counted, or the error number of why nothing was; where anything was to be.
    pub(crate) counted: Option<Result<u64, i32>>,
    /// Why standard output is not whole, where it was to be kept.
    pub(crate) stdout_cut: Option<String>,
    pub(crate) notes: Vec<String>,
}

/// Runs a step.
///
/// # Errors
/// [`RunError::Supervision`] where the fork server failed.
pub(crate) async fn measure(
    server: &mut ForkServer,
    interrupts: &mut Interrupts,
    observer: &mut dyn Observer,
    plan: StepPlan<'_>,
) -> Result<Measured, RunError> {
    let Channels { events, gauges } = plan.channels;
    let speaks = matches!(gauges, Gauges::Page(..));
    let ticks = rustix::param::clock_ticks_per_second();
    let cap = CapWatch::new(plan.leaf, plan.caps);
    let mut watch = StepWatch {
        server: server.pid(),
        variant: plan.variant,
        watchdog: Watchdog::new(plan.limits, ticks),
        thrash: ThrashWatch::new(cap.pressure()),
        cap,
        tail: Some(EventTail::new(events)),
        gauges,
        sampling: plan.sampling,
        observer,
        trial_began: plan.trial_began,
        seen: Seen::default(),
    };
    let launch = Launch {
        start: plan.start,
        stdin: plan.stdin,
        stdout: plan.stdout,
        wall: plan.limits.wall,
        grace: plan.limits.grace,
        kill_after: plan.kill.map(|moment| moment.at),
    };
    let killed_before = plan.machine.count();
    let ended = supervise(server, launch, &mut watch, interrupts)
        .await
        .map_err(|source| RunError::Supervision {
            variant: plan.variant.to_owned(),
            source,
        })?;
    let (still, thrashing) = (watch.watchdog.still(), watch.thrash.now());
    let (seen, observed) = watch.finish();
    let machine_oom = libc::WIFSIGNALED(ended.main.status) && plan.machine.count() > killed_before;
    let (mut step, rest) = evidence(plan.name, plan.leaf, &ended, seen, observed.as_ref());
    step.kill = plan.kill.map(|moment| StepKill {
        at: moment.at.as_secs_f64(),
        of: moment.of.map(|of| of.as_secs_f64()),
        // One that ended by itself at that very moment was not killed.
        killed: ended.cause == Some(Cause::Scenario) && step.exit == Exit::Signal(libc::SIGKILL),
    });

    let phase = step
        .phases
        .iter()
        .rev()
        .find(|span| span.end.is_none())
        .map(|s| s.name.clone());
    let peak = step.peak_rss();
    let (outcome, diagnosis) = diagnose(&Facts {
        exit: step.exit,
        not_started: ended.begun.err(),
        cause: ended.cause,
        kill: step.kill,
        cap: step.cap.as_ref(),
        machine_oom,
        refused: rest
            .refused
            .as_ref()
            .map(|(needed, has, hint)| (*needed, *has, hint.as_str())),
        protocol: speaks,
        expected: plan.expected,
        wall: step.wall,
        still,
        thrashing,
        peak,
        phase: phase.as_deref(),
        progress: step
            .progress
            .as_ref()
            .map(|(done, total, unit)| (*done, *total, unit.as_str())),
        step: plan.name,
        stderr: &step.stderr_tail,
        limits: plan.limits,
    });
    let killed = outcome.is_none();
    if killed || outcome == Some(Outcome::Completed) {
        // A program that completed or was killed as planned left its phases, whatever its events say.
        for span in &mut step.phases {
            span.end = span.end.or(Some(step.wall));
        }
    }
    let notes = rest.faults.into_iter().chain(left_behind(&ended)).collect();
    Ok(Measured {
        step,
        outcome,
        diagnosis,
        // What a killed program said of its output is not about what comes of it.
        digests: if killed {
            BTreeMap::new()
        } else {
            rest.digests
        },
        allocator: rest.allocator,
        scratch_peak: observed.and_then(|observed| observed.scratch_peak),
        counted: ended.counted,
        stdout_cut: ended.stdout_cut,
        notes,
    })
}

/// What is left of what was told, after the step has taken its part.
struct Rest {
    allocator: Result<AllocatorChoice, String>,
    digests: BTreeMap<String, String>,
    refused: Option<(u64, u64, String)>,
    /// What could not be seen, or was said about it.
    faults: Vec<String>,
}

fn evidence(
    name: &str,
    leaf: Option<&dyn Leaf>,
    ended: &Ended,
    seen: Seen,
    observed: Option<&Observed>,
) -> (Step, Rest) {
    let Seen {
        told,
        page,
        pages,
        mut faults,
        ..
    } = seen;
    let main = ended.main;
    let wall = ended
        .begun
        .map_or(0.0, |begun| main.at.saturating_sub(begun.at) as f64 / 1e9);
    let records = std::iter::once((true, main)).chain(ended.orphans.iter().map(|o| (false, *o)));
    if let Some(observed) = observed {
        faults.extend(observed.faults.iter().cloned());
    }
    faults.extend(told.notices);
    if told.left_out > 0 {
        faults.push(format!(
            "{} entries were too many to be kept",
            told.left_out
        ));
    }
    faults.extend(pages.as_ref().and_then(Found::left_out));
    let (heap, uncounted) = match pages.as_ref().and_then(Found::counts) {
        None => (page.as_ref().and_then(heap_counts), None),
        Some(Ok(counts)) => (Some(counts), None),
        Some(Err(why)) => (None, Some(why)),
    };
    let allocator = match (&pages, &page) {
        (Some(pages), _) => pages.allocator(),
        (None, Some(page)) => Ok(page.allocator),
        (None, None) => Err("it does not say what it runs on".to_owned()),
    };
    let step = Step {
        name: name.to_owned(),
        wall,
        exit: exit(main.status),
        kill: None,
        usage: usage(&main),
        processes: records
            .map(|(is_main, reaped)| record(is_main, &reaped))
            .collect(),
        stored_peak: page.as_ref().and_then(|page| page.resident_peak),
        floor: ended.begun.map_or(0, |begun| begun.floor),
        cap: leaf.map(Leaf::evidence),
        timeline: observed
            .map(|observed| observed.timeline.clone())
            .unwrap_or_default(),
        phases: told.phases,
        stages: told.stages,
        metrics: told.metrics,
        histograms: told.histograms,
        progress: told.progress,
        ledger: told.ledger,
        heap,
        uncounted,
        allocator: allocator.as_ref().ok().map(|it| it.name().to_owned()),
        census: observed.and_then(|observed| observed.census.clone()),
        course: observed.map_or_else(Vec::new, |observed| observed.course.clone()),
        instructions: None,
        malformed_events: told.malformed,
        misuse: told.misuse,
        stderr_tail: ended.stderr.clone(),
        stdout_bytes: ended.stdout_bytes,
    };
    (
        step,
        Rest {
            allocator,
            digests: told.digests,
            refused: told.refused,
            faults,
        },
    )
}

fn record(main: bool, reaped: &Reaped) -> ProcessRecord {
    ProcessRecord {
        pid: reaped.pid,
        main,
        exit: exit(reaped.status),
        usage: usage(reaped),
    }
}

/// How a process ended, from the status that `wait4` gave.
pub(crate) fn exit(status: i32) -> Exit {
    let status = std::process::ExitStatus::from_raw(status);
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or(0)),
    }
}

fn usage(reaped: &Reaped) -> Usage {
    Usage {
        user: Duration::from_micros(reaped.user).as_secs_f64(),
        sys: Duration::from_micros(reaped.sys).as_secs_f64(),
        max_rss: reaped.max_rss,
        minor_faults: reaped.minor_faults,
        major_faults: reaped.major_faults,
        context_switches: reaped.context_switches,
    }
}

/// A note on the processes that outlived the main one.
fn left_behind(ended: &Ended) -> Option<String> {
    let all = ended.orphans.len();
    let processes = |n: usize| {
        if n == 1 {
            "1 process".to_owned()
        } else {
            format!("{n} processes")
        }
    };
    match (ended.cause, ended.killed_behind) {
        (None, 0) if all > 0 => Some(format!(
            "left {} behind, which ended without help",
            processes(all)
        )),
        (None, killed) if killed > 0 => Some(format!("left {} behind; killed", processes(killed))),
        _ => None,
    }
}
