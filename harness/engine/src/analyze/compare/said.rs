//! What two results differ in besides their figures, in words.

use super::noise::comparable;
use crate::evidence::{Machine, Outcome};
use crate::report::format::{bytes, counted};
use crate::report::{Difference, Ending, OutputSameness, Report, SessionHead, VariantReport};

/// A session in short.
pub(super) fn head(report: &Report) -> SessionHead {
    SessionHead {
        started: report.started.clone(),
        machine: machine(&report.machine),
        fingerprint: report.machine.fingerprint.clone(),
        plimsoll: report.machine.plimsoll.clone(),
    }
}

fn machine(machine: &Machine) -> String {
    format!(
        "{}, {}, {}, Linux {}",
        machine.cpu,
        counted(machine.cores as usize, "core"),
        bytes(machine.memory as f64),
        machine.kernel
    )
}

/// What a reader must know of two sessions, the gravest first.
pub(super) fn of_sessions(names: (&str, &str), old: &Report, new: &Report) -> Vec<String> {
    let (was, is) = names;
    let mut said = Vec::new();
    let same_machine = old.machine.fingerprint == new.machine.fingerprint;
    if old.machine.debug_build != new.machine.debug_build {
        let debug = if new.machine.debug_build { is } else { was };
        said.push(format!(
            "{debug} was measured by a debug build, the other was not: no figure is comparable"
        ));
    } else if new.machine.debug_build {
        said.push("both were measured by debug builds, whose figures say little".to_owned());
    }
    if !same_machine {
        said.push(format!(
            "the machines differ ({was}: {}; {is}: {}): each variant is held against the baseline of its own session, \
             and only what the program itself counts is compared as it is",
            machine(&old.machine),
            machine(&new.machine)
        ));
    } else if old.started == new.started {
        said.push(format!("{was} and {is} are the same session"));
    }
    for (name, report) in [(was, old), (is, new)] {
        if report.interrupted {
            said.push(format!("{name} was interrupted: not all of it is there"));
        }
    }
    if old.scenario_digest != new.scenario_digest {
        said.push(format!(
            "the scenario's file is not the same in {is} as in {was}"
        ));
    }
    if old.memory_cap != new.memory_cap {
        let cap = |cap: Option<u64>| cap.map_or("none".to_owned(), |cap| bytes(cap as f64));
        said.push(format!(
            "the memory cap was {} in {was} and {} in {is}",
            cap(old.memory_cap),
            cap(new.memory_cap)
        ));
    }
    if old.machine.plimsoll != new.machine.plimsoll {
        said.push(format!(
            "{was} was measured by plimsoll {}, {is} by {}",
            old.machine.plimsoll, new.machine.plimsoll
        ));
    }
    said
}

/// Why figures of two results cannot decide anything at all.
pub(super) fn withheld(
    old: (&Report, &VariantReport),
    new: (&Report, &VariantReport),
) -> Option<String> {
    if old.0.machine.debug_build != new.0.machine.debug_build {
        return Some("one was measured by a debug build".to_owned());
    }
    matches!((&old.1.inputs, &new.1.inputs), (Some(a), Some(b)) if a != b)
        .then(|| "the inputs differ: it is not the same work".to_owned())
}

/// Whether figures of two sessions can be compared as they are.
pub(super) fn same_machine(old: &Report, new: &Report) -> bool {
    comparable(&old.machine, &new.machine)
}

/// What differs between a variant and its later self. `name` is the later result's.
pub(super) fn of_variant(name: &str, old: &VariantReport, new: &VariantReport) -> Vec<String> {
    let mut said = Vec::new();
    match (&old.build, &new.build) {
        (Some(a), Some(b)) if a != b => said.push(format!("another build in {name}")),
        _ => {}
    }
    let mut differ = |what: &str, was: &str, is: &str| {
        if was != is {
            said.push(format!("{what} {was}, in {name} {is}"));
        }
    };
    differ("ran", &old.implementation, &new.implementation);
    differ("allocator", &old.allocator, &new.allocator);
    let threads = |threads: Option<usize>| threads.map_or("not set".to_owned(), |n| n.to_string());
    differ("threads", &threads(old.threads), &threads(new.threads));
    let text =
        |value: Option<&serde_json::Value>| value.map_or("not set".to_owned(), ToString::to_string);
    let mut keys: Vec<&String> = old.params.keys().chain(new.params.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        differ(key, &text(old.params.get(key)), &text(new.params.get(key)));
    }
    if matches!((&old.inputs, &new.inputs), (Some(a), Some(b)) if a != b) {
        said.push(format!("other inputs in {name}"));
    }
    said
}

/// How a variant ended and what it put out, beside its earlier self.
pub(super) fn ending(result: u32, old: &VariantReport, new: &VariantReport) -> Ending {
    let completed = |variant: &VariantReport| variant.outcome == Outcome::Completed;
    Ending {
        result,
        was: old.outcome,
        is: new.outcome,
        diagnosis: (!completed(new)).then(|| new.diagnosis.clone()),
        verdict: match (completed(old), completed(new)) {
            (true, false) => Difference::Regressed,
            (false, true) => Difference::Improved,
            _ if old.outcome == new.outcome => Difference::NoDifference,
            _ => Difference::Differs,
        },
        output: output(old, new),
    }
}

fn output(old: &VariantReport, new: &VariantReport) -> OutputSameness {
    if old.params != new.params || old.inputs != new.inputs {
        return OutputSameness::Unknown;
    }
    let mut common = old
        .digests
        .iter()
        .filter_map(|(name, value)| Some(value == new.digests.get(name)?))
        .peekable();
    match (common.peek().is_some(), common.all(|same| same)) {
        (false, _) => OutputSameness::Unknown,
        (true, true) => OutputSameness::Same,
        (true, false) => OutputSameness::Differs,
    }
}
