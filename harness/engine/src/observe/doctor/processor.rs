//! The processor, and what else runs on it.

use sysinfo::System;

use super::finding::DoctorFinding;
use crate::evidence::{CapsKind, Machine};
use crate::observe::machine;

pub(super) fn findings() -> Vec<DoctorFinding> {
    let machine = machine::describe(CapsKind::Sampled);
    let load = System::load_average().map_or(0.0, |load| load.one);
    vec![
        processors(&machine),
        governor(machine.governor.as_deref()),
        of_load(load, machine.cores),
        build(machine.debug_build),
    ]
}

fn processors(machine: &Machine) -> DoctorFinding {
    let what = "processors";
    let detail = format!("{} x {}", machine.cores, machine.cpu);
    if machine.cores < 2 {
        let advice = "the sampler and the measured program share the one: times are longer than they need be";
        return DoctorFinding::limited(what, detail, advice);
    }
    DoctorFinding::good(what, detail)
}

fn governor(governor: Option<&str>) -> DoctorFinding {
    let what = "clock rate";
    match governor {
        None => DoctorFinding::good(what, "set by the host or the hardware"),
        Some("performance") => DoctorFinding::good(what, "held high (performance)"),
        Some(other) => DoctorFinding::limited(
            what,
            format!("follows the load ({other})"),
            "for steadier times: cpupower frequency-set -g performance (as root)",
        ),
    }
}

fn of_load(load: f64, cores: u32) -> DoctorFinding {
    let what = "other work";
    let detail = format!("load average {load:.2} on {cores}");
    if load > 0.25 * f64::from(cores) {
        return DoctorFinding::limited(
            what,
            detail,
            "end what else runs; more runs make up for some of it",
        );
    }
    DoctorFinding::good(what, detail)
}

fn build(debug: bool) -> DoctorFinding {
    let what = "build";
    if debug {
        return DoctorFinding::limited(
            what,
            "debug: the built-in workloads' figures are not comparable",
            "use `cargo run --release`",
        );
    }
    DoctorFinding::good(what, "release")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::doctor::State;

    #[test]
    fn what_makes_times_unsteady_is_told() {
        assert_eq!(governor(Some("powersave")).state, State::Limited);
        assert_eq!(governor(Some("performance")).state, State::Good);
        assert_eq!(governor(None).state, State::Good);
        assert_eq!(of_load(0.1, 2).state, State::Good);
        assert_eq!(of_load(1.5, 2).state, State::Limited);
        assert_eq!(build(true).state, State::Limited);
    }
}
