//! What one variant's evidence says of one target, and how findings make a verdict.

use crate::report::{Verdict, VerdictReport};
use crate::scenario::{Bound, Expectation, Target};

/// What the evidence says of a target, for one variant or one side of a bound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    /// The verdict.
    pub(super) verdict: Verdict,
    /// The figures it rests on.
    pub(super) evidence: String,
    /// Why it is not plainly a pass or a fail, and what would help.
    pub(super) reason: Option<String>,
    /// Whether further runs could decide it.
    pub(super) more_may_decide: bool,
}

impl Finding {
    /// A verdict that needs no explanation.
    pub(super) fn plain(verdict: Verdict, evidence: impl Into<String>) -> Finding {
        Finding {
            verdict,
            evidence: evidence.into(),
            reason: None,
            more_may_decide: false,
        }
    }

    /// Pass or fail.
    pub(super) fn held(held: bool, evidence: impl Into<String>) -> Finding {
        let verdict = if held { Verdict::Pass } else { Verdict::Fail };
        Finding::plain(verdict, evidence)
    }

    /// Could not be measured.
    pub(super) fn absent(why: impl Into<String>) -> Finding {
        Finding::plain(Verdict::Absent, "").because(why)
    }

    /// The evidence does not decide.
    pub(super) fn inconclusive(evidence: impl Into<String>, why: impl Into<String>) -> Finding {
        Finding::plain(Verdict::Inconclusive, evidence).because(why)
    }

    /// The same with a reason.
    pub(super) fn because(mut self, why: impl Into<String>) -> Finding {
        self.reason = Some(why.into());
        self
    }

    /// The gravest verdict of both, with the words of both.
    fn and(self, other: Finding) -> Finding {
        Finding {
            verdict: if weight(other.verdict) > weight(self.verdict) {
                other.verdict
            } else {
                self.verdict
            },
            evidence: joined([self.evidence, other.evidence]),
            reason: Some(joined(self.reason.into_iter().chain(other.reason)))
                .filter(|reason| !reason.is_empty()),
            more_may_decide: self.more_may_decide || other.more_may_decide,
        }
    }

    /// All of them as one; none at all could not be measured.
    pub(super) fn all(findings: impl IntoIterator<Item = Finding>) -> Finding {
        findings
            .into_iter()
            .reduce(Finding::and)
            .unwrap_or_else(|| Finding::absent("the target binds nothing"))
    }
}

/// One fail makes a target fail, whatever could not be measured or decided beside it; then what
/// could not be measured, then what could not be decided: the order of the exit codes.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Inconclusive => 1,
        Verdict::Absent => 2,
        Verdict::Fail => 3,
    }
}

/// The texts that say something, each once, in order.
fn joined(texts: impl IntoIterator<Item = String>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for text in texts {
        if !text.is_empty() && !parts.contains(&text) {
            parts.push(text);
        }
    }
    parts.join("; ")
}

/// The texts of several variants, each with the names of those that it is true of; a single
/// variant's text stands alone, because the target names it. `variants`: of how many variants.
fn named<'a>(texts: impl Iterator<Item = (&'a String, &'a str)>, variants: usize) -> String {
    let mut groups: Vec<(Vec<&str>, &str)> = Vec::new();
    for (id, text) in texts {
        match groups.iter_mut().find(|(_, known)| *known == text) {
            Some((ids, _)) => ids.push(id),
            None => groups.push((vec![id], text)),
        }
    }
    let told = groups.into_iter().filter(|(_, text)| !text.is_empty());
    let parts: Vec<String> = told
        .map(|(ids, text)| match ids.len() {
            _ if variants == 1 => text.to_owned(),
            1 if text.starts_with(ids[0]) => text.to_owned(),
            n if n == variants => format!("each of {n}: {text}"),
            _ => format!("{}: {text}", ids.join(", ")),
        })
        .collect();
    parts.join("; ")
}

/// The figures of all variants; where some hold the target and others fail it, apart.
fn evidence(findings: &[(String, Finding)]) -> String {
    let of = |held: fn(Verdict) -> bool| {
        let those = findings.iter().filter(|(_, finding)| held(finding.verdict));
        let texts = those.map(|(id, finding)| (id, finding.evidence.as_str()));
        named(texts, findings.len())
    };
    let any = |verdict| findings.iter().any(|(_, found)| found.verdict == verdict);
    if !(any(Verdict::Pass) && any(Verdict::Fail)) {
        return of(|_| true);
    }
    let parts = [
        ("Held by ", of(|verdict| verdict == Verdict::Pass)),
        ("Failed by ", of(|verdict| verdict == Verdict::Fail)),
        (
            "",
            of(|verdict| !matches!(verdict, Verdict::Pass | Verdict::Fail)),
        ),
    ];
    let told = parts.iter().filter(|(_, text)| !text.is_empty());
    let told: Vec<String> = told.map(|(lead, text)| format!("{lead}{text}")).collect();
    told.join(". ")
}

/// A target's verdict from the findings of its variants, each named where there are several.
pub(super) fn report(target: &Target, findings: Vec<(String, Finding)>) -> VerdictReport {
    let evidence = evidence(&findings);
    let reasons = findings
        .iter()
        .filter_map(|(id, finding)| Some((id, finding.reason.as_deref()?)));
    let reason = Some(named(reasons, findings.len())).filter(|reason| !reason.is_empty());
    let finding = Finding::all(findings.into_iter().map(|(_, finding)| finding));
    let (metric, bound) = match &target.expectation {
        Expectation::Metric {
            metric, at_most, ..
        } => {
            let bound = at_most.and_then(|bound| match bound {
                Bound::Absolute { value, .. } => Some(value),
                Bound::Baseline(_) => None,
            });
            (Some(metric.clone()), bound)
        }
        Expectation::At { metric, .. } | Expectation::Growth { metric, .. } => {
            (Some(metric.clone()), None)
        }
        _ => (None, None),
    };
    VerdictReport {
        target: target.label.clone(),
        verdict: finding.verdict,
        evidence,
        reason: reason.or(finding.reason),
        line: target.line,
        metric,
        variants: target.variants.clone(),
        gate: target.gate,
        bound,
    }
}
