//! The machine, and the session on it.

use super::moment;
use crate::evidence::CapsKind;
use crate::report::{Report, format};

/// The machine as name and value, in the order of a table.
pub(crate) fn machine(report: &Report) -> Vec<(&'static str, String)> {
    let machine = &report.machine;
    let caps = match machine.caps {
        CapsKind::CgroupV2 => "cgroup v2",
        CapsKind::CgroupV1 => "cgroup v1",
        CapsKind::Sampled => "by sampling: the kernel enforces none here",
    };
    let build = if machine.debug_build {
        "debug"
    } else {
        "release"
    };
    vec![
        (
            "processor",
            format!(
                "{}, {}",
                machine.cpu,
                format::counted(machine.cores as usize, "core")
            ),
        ),
        (
            "memory",
            format!(
                "{}, of it {} available at the start",
                format::bytes(machine.memory as f64),
                format::bytes(machine.available as f64)
            ),
        ),
        ("swap", format::bytes(machine.swap as f64)),
        (
            "system",
            format!("{}, Linux {} {}", machine.os, machine.kernel, machine.arch),
        ),
        (
            "governor",
            machine
                .governor
                .clone()
                .unwrap_or_else(|| "not readable".into()),
        ),
        ("load at the start", format!("{:.2}", machine.load)),
        ("memory caps", caps.into()),
        (
            "harness",
            format!("plimsoll {}, {build} build", machine.plimsoll),
        ),
        ("fingerprint", machine.fingerprint.clone()),
        (
            "started",
            format!(
                "{}, took {}",
                moment(&report.started),
                format::seconds(report.elapsed)
            ),
        ),
        ("seed of the order", report.seed.to_string()),
    ]
}
