//! One thing that was tried.

use serde::Serialize;

use crate::evidence::CapsKind;

/// How well something can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Good,
    /// Measuring works, with less to show or to trust.
    Limited,
    /// Not to be had.
    Missing,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoctorFinding {
    /// What was tried.
    pub what: String,
    /// How it went.
    pub state: State,
    /// What was found, in words.
    pub detail: String,
    /// What would help, where something would.
    pub advice: Option<String>,
}

impl DoctorFinding {
    pub(super) fn good(what: &str, detail: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            state: State::Good,
            detail: detail.into(),
            advice: None,
        }
    }

    pub(super) fn limited(what: &str, detail: impl Into<String>, advice: &str) -> Self {
        Self {
            state: State::Limited,
            advice: Some(advice.to_owned()),
            ..Self::good(what, detail)
        }
    }

    pub(super) fn missing(what: &str, detail: impl Into<String>, advice: &str) -> Self {
        Self {
            state: State::Missing,
            ..Self::limited(what, detail, advice)
        }
    }
}

/// How memory caps are enforced.
pub(super) fn of_caps(caps: CapsKind, reasons: &[String]) -> DoctorFinding {
    let what = "memory caps";
    let because = match reasons {
        [] => String::new(),
        reasons => format!(": {}", reasons.join("; ")),
    };
    match caps {
        CapsKind::CgroupV2 => DoctorFinding::good(what, "by the kernel (cgroup v2)"),
        CapsKind::CgroupV1 => DoctorFinding::good(what, "by the kernel (cgroup v1)"),
        CapsKind::Sampled => DoctorFinding::limited(
            what,
            format!("by sampling only{because}"),
            "out-of-memory targets are absent without a cgroup; where systemd runs, try `systemd-run --user --scope -p Delegate=yes plimsoll ...`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampled_caps_are_limited_and_say_why() {
        let finding = of_caps(CapsKind::Sampled, &["no controller".to_owned()]);
        assert_eq!(finding.state, State::Limited);
        assert_eq!(finding.detail, "by sampling only: no controller");
        assert!(finding.advice.unwrap().contains("Delegate=yes"));
        assert_eq!(of_caps(CapsKind::CgroupV1, &[]).state, State::Good);
    }
}
