//! What the kernel lets us see and do.

use std::fs;

use plimsoll_workload::Bytes;
use sysinfo::System;

use super::finding::DoctorFinding;
use crate::observe::machine;

pub(super) fn findings() -> Vec<DoctorFinding> {
    vec![release(), processes(), resets(), huge_pages(), memory()]
}

fn release() -> DoctorFinding {
    let what = "kernel";
    let (Ok(kernel), Ok(os)) = (System::kernel_version(), System::long_os_version()) else {
        return DoctorFinding::limited(
            what,
            "unknown",
            "figures of machines that cannot be told apart are not to be compared",
        );
    };
    DoctorFinding::good(what, format!("{kernel}, {os}"))
}

/// What the sampler, and the reconciliation beyond it, read.
fn processes() -> DoctorFinding {
    let what = "processes";
    let readable =
        |name: &str| fs::read(format!("/proc/self/{name}")).is_ok_and(|text| !text.is_empty());
    let unreadable = |names: &[&str]| -> Vec<String> {
        names
            .iter()
            .filter(|name| !readable(name))
            .map(|name| (*name).to_owned())
            .collect()
    };
    let needed = unreadable(&["statm", "status", "stat"]);
    if !needed.is_empty() {
        return DoctorFinding::missing(
            what,
            format!("/proc/PID/{} cannot be read", needed.join(", ")),
            "mount /proc without hidepid; on other systems resident size alone is sampled",
        );
    }
    let further = unreadable(&["smaps", "io"]);
    if !further.is_empty() {
        return DoctorFinding::limited(
            what,
            format!("/proc/PID/{} cannot be read", further.join(", ")),
            "without smaps there is no reconciliation, without io a silent program's stall is told by CPU time alone",
        );
    }
    if !std::path::Path::new("/proc/thread-self/children").exists() {
        return DoctorFinding::limited(
            what,
            "readable, but the kernel does not list children (CONFIG_PROC_CHILDREN)",
            "short-lived children may be missed where trials have no cgroup",
        );
    }
    DoctorFinding::good(what, "/proc is readable, children included")
}

/// Resets of the resident peak, for phases.
fn resets() -> DoctorFinding {
    let what = "peaks of phases";
    // Our own mark, which nobody reads.
    match fs::write("/proc/self/clear_refs", "5") {
        Ok(()) => DoctorFinding::good(what, "the kernel's mark can be reset (clear_refs)"),
        Err(error) => DoctorFinding::missing(
            what,
            format!("the kernel's mark cannot be reset: {error}"),
            "`phase_peaks` has no figures here; peaks of whole steps are exact all the same",
        ),
    }
}

fn huge_pages() -> DoctorFinding {
    of_huge_pages(
        fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled")
            .ok()
            .as_deref(),
    )
}

fn of_huge_pages(text: Option<&str>) -> DoctorFinding {
    let what = "huge pages";
    let chosen = text.and_then(|text| text.split_once('[')?.1.split_once(']'));
    match chosen {
        Some(("always", _)) => DoctorFinding::limited(
            what,
            "always: resident memory comes in steps of 2 MiB, and depends on how memory is fragmented",
            "for the steadiest peaks: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled (as root)",
        ),
        Some((chosen, _)) => DoctorFinding::good(what, chosen),
        None => DoctorFinding::good(what, "none"),
    }
}

fn memory() -> DoctorFinding {
    let what = "memory";
    let machine = machine::describe(crate::evidence::CapsKind::Sampled);
    let swap = match machine.swap {
        0 => "no swap".to_owned(),
        swap => format!("{} of swap", Bytes(swap)),
    };
    let detail = format!(
        "{} available of {}, {swap}",
        Bytes(machine.available),
        Bytes(machine.memory)
    );
    if machine.available < machine.memory / 4 {
        let advice = "end what else runs: trials whose memory is swapped out or reclaimed measure the machine";
        return DoctorFinding::limited(what, detail, advice);
    }
    DoctorFinding::good(what, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::doctor::State;

    #[test]
    fn the_choice_in_brackets_counts() {
        assert_eq!(
            of_huge_pages(Some("[always] madvise never\n")).state,
            State::Limited
        );
        assert_eq!(
            of_huge_pages(Some("always [madvise] never\n")).detail,
            "madvise"
        );
        assert_eq!(of_huge_pages(Some("garbage")).detail, "none");
        assert_eq!(of_huge_pages(None).state, State::Good);
    }

    #[test]
    fn everything_has_an_answer() {
        for finding in findings() {
            assert!(
                !finding.what.is_empty() && !finding.detail.is_empty(),
                "{finding:?}"
            );
            assert_eq!(
                finding.advice.is_some(),
                finding.state != State::Good,
                "{finding:?}"
            );
        }
    }
}
