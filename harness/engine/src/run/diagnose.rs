//! From the facts of a step to how it ended, and one line that says so. Pure.

use std::time::Duration;

use plimsoll_workload::{Bytes, Exit as ProtocolExit};

use super::fork_server::Stage;
use super::thrash::Thrashing;
use super::watchdog::{Cause, Still};
use crate::evidence::{CapEvidence, Exit, Outcome, StepKill};
use crate::scenario::Limits;

/// Most characters of a program's words within a line of ours.
const WORDS: usize = 200;
/// Most characters of what a program says when it refuses: figures, and what to do.
const HINT: usize = 400;

/// The facts that decide how a step ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// How the main process ended.
    pub(crate) exit: Exit,
    /// What failed before the program was executed, where something did: the stage and errno.
    pub(crate) not_started: Option<(Stage, i32)>,
    /// Why the harness ended it, where it did.
    pub(crate) cause: Option<Cause>,
    /// The scenario's attempt to kill it.
    pub(crate) kill: Option<StepKill>,
    /// What the cap saw.
    pub(crate) cap: Option<&'a CapEvidence>,
    /// Whether the machine's own count of out-of-memory kills went up meanwhile.
    pub(crate) machine_oom: bool,
    /// What the program declined, where it did: needed, available, hint.
    pub(crate) refused: Option<(u64, u64, &'a str)>,
    /// Whether it speaks the workload protocol, so that its exit codes have its meanings.
    pub(crate) protocol: bool,
    /// Exit statuses that mean success.
    pub(crate) expected: &'a [i32],
    /// Seconds that it ran.
    pub(crate) wall: f64,
    /// How long it had made no progress in the end.
    pub(crate) still: Still,
    /// Whether it thrashed in the end.
    pub(crate) thrashing: Option<Thrashing>,
    /// Highest resident size in bytes.
    pub(crate) peak: u64,
    /// The phase it died in.
    pub(crate) phase: Option<&'a str>,
    /// How far it was: done, total, unit.
    pub(crate) progress: Option<(u64, Option<u64>, &'a str)>,
    /// The step's name; empty where there is one only.
    pub(crate) step: &'a str,
    /// The end of standard error.
    pub(crate) stderr: &'a str,
    /// The limits it ran under.
    pub(crate) limits: &'a Limits,
}

/// How a step ended, and that in words. One that the scenario killed has no outcome: what comes of it
/// is for the next process to say.
pub(crate) fn diagnose(facts: &Facts<'_>) -> (Option<Outcome>, String) {
    if let Some(said) = killed(facts) {
        return (None, said);
    }
    let outcome = outcome(facts);
    let what = match outcome {
        Outcome::OutOfMemory => out_of_memory(facts),
        Outcome::Refused => refused(facts),
        Outcome::Completed => format!("in {}", seconds(facts.wall)),
        Outcome::Failed => failed(facts),
        Outcome::Crashed => crashed(facts),
        Outcome::Stalled => stalled(facts),
        Outcome::TimedOut => timed_out(facts),
        Outcome::Interrupted => format!("by the user after {}", seconds(facts.wall)),
    };
    let place = if outcome == Outcome::Completed || facts.not_started.is_some() {
        String::new()
    } else {
        place(facts)
    };
    let word = outcome.name();
    let said = match outcome {
        Outcome::Completed | Outcome::Interrupted => format!("{word} {what}{place}"),
        _ => format!(
            "{word}: {what}{place}{}{}",
            meanwhile(facts, outcome),
            last_words(facts, outcome)
        ),
    };
    (Some(outcome), said)
}

/// That of a step that was killed as the scenario wants it: `step build was killed by the scenario
/// after 1.2 s, at a random moment of 2.1 s`. A kill of the kernel's in the same moment goes first.
fn killed(facts: &Facts<'_>) -> Option<String> {
    let kill = facts.kill.filter(|kill| kill.killed && !over_cap(facts))?;
    let of = kill
        .of
        .map_or_else(String::new, |of| format!(" of {}", seconds(of)));
    let step = Facts { step: "", ..*facts };
    Some(format!(
        "{} was killed by the scenario at {}{of}{}",
        called(facts.step),
        seconds(kill.at),
        place(&step)
    ))
}

/// Why a step was not killed that was to be.
pub(super) fn not_killed(step: &str, kill: &StepKill, wall: f64) -> String {
    format!(
        "{} ended after {}, before the scenario's kill, due at {}, could strike",
        called(step),
        seconds(wall),
        seconds(kill.at)
    )
}

/// A step within a sentence.
pub(super) fn called(step: &str) -> String {
    match step {
        "" => "it".to_owned(),
        step => format!("step {step}"),
    }
}

/// The end of a trial whose steps all went well.
pub(super) fn completed(wall: f64) -> String {
    format!("{} in {}", Outcome::Completed.name(), seconds(wall))
}

/// Whether the kernel killed one of its processes for the memory cap.
fn over_cap(facts: &Facts<'_>) -> bool {
    facts.cap.is_some_and(|cap| cap.oom_kills > 0)
}

fn outcome(facts: &Facts<'_>) -> Outcome {
    if over_cap(facts) {
        // Whatever the exit status: a shell whose child was killed exits 0.
        return Outcome::OutOfMemory;
    }
    match facts.cause {
        Some(Cause::Cap | Cause::Oom) => return Outcome::OutOfMemory,
        Some(Cause::Wall | Cause::Cpu) => return Outcome::TimedOut,
        Some(Cause::Stall) => return Outcome::Stalled,
        Some(Cause::Interrupted) => return Outcome::Interrupted,
        // It ended by itself at the moment when it was to be killed.
        Some(Cause::Scenario) | None => {}
    }
    if facts.not_started.is_some() {
        return Outcome::Failed;
    }
    match facts.exit {
        Exit::Signal(_) => Outcome::Crashed,
        Exit::Code(code) if facts.expected.contains(&code) => Outcome::Completed,
        Exit::Code(_) if facts.refused.is_some() => Outcome::Refused,
        Exit::Code(code) if facts.protocol && code == i32::from(ProtocolExit::Refused.code()) => {
            Outcome::Refused
        }
        Exit::Code(_) => Outcome::Failed,
    }
}

fn out_of_memory(facts: &Facts<'_>) -> String {
    let after = seconds(facts.wall);
    match facts.cap {
        Some(cap) if cap.oom_kills > 0 => {
            let at = mebibytes(cap.peak.unwrap_or(facts.peak).min(cap.limit));
            format!(
                "killed by the kernel at {at} of {} after {after}",
                Bytes(cap.limit)
            )
        }
        Some(cap) => format!(
            "killed by the harness, which saw more than {} after {after}",
            Bytes(cap.limit)
        ),
        None => format!("killed after {after}"),
    }
}

fn refused(facts: &Facts<'_>) -> String {
    match facts.refused {
        Some((needed, available, hint)) => {
            let hint = if hint.is_empty() {
                String::new()
            } else {
                format!("; {}", cut(hint, HINT))
            };
            // Figures a hundredth apart look the same.
            let short = needed.saturating_sub(available);
            let has = if short > 0 && short < available / 100 {
                format!("{}, {} too little", Bytes(available), Bytes(short))
            } else {
                Bytes(available).to_string()
            };
            format!("it needs {} and has {has}{hint}", Bytes(needed))
        }
        None => "it declined the job without saying what it needs".to_owned(),
    }
}

fn failed(facts: &Facts<'_>) -> String {
    if let Some((stage, errno)) = facts.not_started {
        let why = std::io::Error::from_raw_os_error(errno);
        return format!("could not {}: {why}", stage.words());
    }
    let meaning = match facts.exit {
        Exit::Code(code) if facts.protocol => match ProtocolExit::from_code(code) {
            Some(ProtocolExit::WrongInput) => " (wrong input)",
            Some(ProtocolExit::Panicked) => " (panicked)",
            Some(ProtocolExit::Cancelled) => {
                " (left because of a SIGTERM that was not the harness's)"
            }
            _ => "",
        },
        _ => "",
    };
    format!("{}{meaning} after {}", facts.exit, seconds(facts.wall))
}

fn crashed(facts: &Facts<'_>) -> String {
    let Exit::Signal(signal) = facts.exit else {
        return facts.exit.to_string();
    };
    let name = signal_name(signal).map_or_else(String::new, |name| format!(" ({name})"));
    let why = if signal == libc::SIGKILL && facts.machine_oom {
        "; the machine counted an out-of-memory kill meanwhile"
    } else if signal == libc::SIGKILL {
        "; it was not the memory cap's"
    } else {
        ""
    };
    format!("signal {signal}{name} after {}{why}", seconds(facts.wall))
}

fn stalled(facts: &Facts<'_>) -> String {
    let limit = facts.limits.stall.unwrap_or(Duration::ZERO);
    format!(
        "no progress for {}, ended after {}",
        duration(limit),
        seconds(facts.wall)
    )
}

fn timed_out(facts: &Facts<'_>) -> String {
    match (facts.cause, facts.limits.cpu) {
        (Some(Cause::Cpu), Some(cpu)) => {
            format!(
                "used more than {} of CPU time (`limits.cpu`)",
                duration(cpu)
            )
        }
        _ => format!(
            "still running after {} (`limits.wall`)",
            duration(facts.limits.wall)
        ),
    }
}

/// In which step, phase, and how far: `, in phase build, at 37 %`.
fn place(facts: &Facts<'_>) -> String {
    let mut place = String::new();
    if !facts.step.is_empty() {
        place += &format!(", in step {}", facts.step);
    }
    if let Some(phase) = facts.phase {
        place += &format!(", in phase {}", one_line(phase));
    }
    match facts.progress {
        Some((done, Some(total), _)) if total > 0 => {
            place += &format!(", at {:.0} %", 100.0 * done as f64 / total as f64);
        }
        Some((done, _, unit)) => place += &format!(", at {done} {}", one_line(unit)),
        None => {}
    }
    place
}

/// What it did instead of going on, where that was too long: it fetched pages, waited, or burned.
fn meanwhile(facts: &Facts<'_>, outcome: Outcome) -> String {
    let Still { time, cpu } = facts.still;
    let begin = match (outcome, facts.cause) {
        (Outcome::Stalled, _) => "; it used".to_owned(),
        // A limit is reached by work, too: a short pause at its end says nothing.
        (Outcome::TimedOut, Some(Cause::Wall)) if time >= 1.0 && time >= facts.wall / 10.0 => {
            format!("; no progress in the last {}, with", seconds(time))
        }
        (Outcome::TimedOut | Outcome::OutOfMemory, _) => String::new(),
        _ => return String::new(),
    };
    if let Some(thrashing) = facts.thrashing {
        return format!("; it thrashed: {thrashing}");
    }
    if begin.is_empty() {
        return begin;
    }
    match cpu / time.max(f64::MIN_POSITIVE) {
        share if share < 0.01 => {
            format!("{begin} no CPU time: a deadlock, or it waits for what does not come")
        }
        share if share < 0.5 => format!("{begin} {} of CPU time meanwhile", seconds(cpu)),
        _ => format!(
            "{begin} {} of CPU time: a livelock, or progress that it does not count",
            seconds(cpu)
        ),
    }
}

/// The last line of standard error, where the program ended by itself and may have said why.
fn last_words(facts: &Facts<'_>, outcome: Outcome) -> String {
    if !matches!(outcome, Outcome::Failed | Outcome::Crashed) {
        return String::new();
    }
    last_line(facts.stderr).map_or_else(String::new, |line| format!("; it said: {line}"))
}

/// The last line of standard error that says anything.
pub(super) fn last_line(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().rev().map(str::trim);
    lines.find(|line| !line.is_empty()).map(one_line)
}

/// Text of the program's within a line of ours.
fn one_line(text: &str) -> String {
    cut(text, WORDS)
}

/// No control characters, at most `most` characters.
fn cut(text: &str, most: usize) -> String {
    let mut clean: String = text
        .chars()
        .take(most)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(most).is_some() {
        clean.push('…');
    }
    clean
}

/// Always one decimal and MiB where it fits, so that a figure and its limit can be compared.
fn mebibytes(bytes: u64) -> String {
    if bytes < 1 << 20 {
        format!("{:.1} KiB", bytes as f64 / 1024.0)
    } else if bytes < 10 << 30 {
        format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
    } else {
        Bytes(bytes).to_string()
    }
}

fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s if s < 120.0 => format!("{s:.1} s"),
        s => format!("{:.1} min", s / 60.0),
    }
}

pub(super) fn duration(duration: Duration) -> String {
    let exact = duration.as_secs_f64();
    if exact >= 120.0 && exact % 60.0 == 0.0 {
        format!("{} min", exact / 60.0)
    } else {
        format!("{exact} s")
    }
}

/// The name of a signal that ends a process.
pub(super) fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        libc::SIGHUP => "SIGHUP",
        libc::SIGINT => "SIGINT",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGILL => "SIGILL, illegal instruction",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGABRT => "SIGABRT, aborted",
        libc::SIGBUS => "SIGBUS, bus error",
        libc::SIGFPE => "SIGFPE, arithmetic exception",
        libc::SIGKILL => "SIGKILL",
        libc::SIGUSR1 => "SIGUSR1",
        libc::SIGSEGV => "SIGSEGV, segmentation fault",
        libc::SIGUSR2 => "SIGUSR2",
        libc::SIGPIPE => "SIGPIPE, broken pipe",
        libc::SIGALRM => "SIGALRM",
        libc::SIGTERM => "SIGTERM",
        libc::SIGXCPU => "SIGXCPU, CPU time limit",
        libc::SIGXFSZ => "SIGXFSZ, file size limit",
        libc::SIGSYS => "SIGSYS, bad system call",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
