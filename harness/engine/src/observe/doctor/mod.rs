//! What this machine can measure, tried out.

mod disk;
mod finding;
mod instructions;
mod kernel;
mod noise;
mod processor;

use std::path::Path;

pub use finding::{DoctorFinding, State};

use crate::evidence::CapsKind;

/// Tries out everything that measuring needs. `caps` is how memory caps are enforced here, with
/// the reasons where nothing stronger can be had; `scratch` and `cache` are the directories that
/// trials write to and inputs are kept in. Takes about a second.
pub fn examine(
    caps: CapsKind,
    reasons: &[String],
    scratch: &Path,
    cache: &Path,
) -> Vec<DoctorFinding> {
    let mut findings = vec![finding::of_caps(caps, reasons)];
    findings.extend(kernel::findings());
    findings.push(instructions::finding());
    findings.push(disk::place("scratch", scratch));
    findings.push(disk::place("input cache", cache));
    findings.push(disk::dropping(scratch));
    findings.extend(processor::findings());
    findings.push(noise::finding());
    findings
}
