//! What a session amounts to for whoever called it.

use crate::analyze::Analysis;
use crate::evidence::Outcome;
use crate::plan::Plan;
use crate::report::{Verdict, VerdictReport};
use crate::scenario::Expectation;

/// The exit code of `plimsoll run`. Where several apply, the first in the order 2, 130, 1, 3, 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Every target held; without `--strict`, also where some are inconclusive.
    Held = 0,
    /// A target failed.
    Failed = 1,
    /// The scenario or the command line is wrong; nothing was run.
    Usage = 2,
    /// A target could not be measured, or a variant ended in a way that no target expects.
    NotMeasured = 3,
    /// A target is inconclusive, under `--strict`.
    Inconclusive = 4,
    /// The user interrupted the session.
    Interrupted = 130,
}

impl ExitCode {
    /// The codes in the order in which the first that applies is taken.
    pub const ORDER: [ExitCode; 6] = [
        ExitCode::Usage,
        ExitCode::Interrupted,
        ExitCode::Failed,
        ExitCode::NotMeasured,
        ExitCode::Inconclusive,
        ExitCode::Held,
    ];

    /// The number that the process exits with.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What one scenario at one size amounts to; targets that are for information do not count.
    pub fn of(
        plan: &Plan,
        analysis: &Analysis,
        verdicts: &[VerdictReport],
        interrupted: bool,
        strict: bool,
    ) -> ExitCode {
        let gates = || verdicts.iter().filter(|report| report.gate);
        let any = |verdict| gates().any(|report| report.verdict == verdict);
        if interrupted {
            ExitCode::Interrupted
        } else if any(Verdict::Fail) {
            ExitCode::Failed
        } else if any(Verdict::Absent)
            || !unexpected(plan, analysis).is_empty()
            || (plan.floor_only && !floors_found(analysis))
        {
            ExitCode::NotMeasured
        } else if strict && any(Verdict::Inconclusive) {
            ExitCode::Inconclusive
        } else {
            ExitCode::Held
        }
    }

    /// What several scenarios amount to together.
    pub fn worst(codes: impl IntoIterator<Item = ExitCode>) -> ExitCode {
        let place = |code: &ExitCode| ExitCode::ORDER.iter().position(|other| other == code);
        codes
            .into_iter()
            .min_by_key(place)
            .unwrap_or(ExitCode::Held)
    }
}

/// Whether every variant's floor was found as precisely as was asked for.
fn floors_found(analysis: &Analysis) -> bool {
    analysis.variants.iter().all(|variant| {
        let floor = variant.floor.as_ref();
        floor.is_some_and(|floor| floor.passes_at.is_some() && floor.absent.is_none())
    })
}

/// The variants that ended in a way that no target expects; one for information expects nothing.
pub fn unexpected<'a>(plan: &Plan, analysis: &'a Analysis) -> Vec<&'a str> {
    let expects = |id: &str, ended: Outcome| {
        plan.targets.iter().any(|target| {
            target.gate
                && target.under.is_none()
                && target.variants.iter().any(|variant| variant == id)
                && target.expectation == Expectation::Outcome { outcome: ended }
        })
    };
    analysis
        .variants
        .iter()
        .filter(|variant| variant.outcome != Outcome::Completed)
        .filter(|variant| !expects(&variant.id, variant.outcome))
        .map(|variant| variant.id.as_str())
        .collect()
}
