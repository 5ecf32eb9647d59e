//! What stands above everything: whose report it is, what must be known first, how the verdicts count up.

use crate::report::{Report, Verdict, format};

/// Said above everything where the user cut the session short.
pub(crate) const INTERRUPTED: &str =
    "INTERRUPTED: the session was cut short; what had been measured by then is shown.";

impl Report {
    /// What it is of, in words.
    pub(crate) fn title(&self) -> String {
        self.subject().to_string()
    }

    /// Everything that must be said before any figure, the gravest first.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = &str> {
        let interrupted = self.interrupted.then_some(INTERRUPTED);
        let warnings = self.warnings.iter().map(String::as_str);
        interrupted.into_iter().chain(warnings)
    }

    /// Whether the figures are not to be compared with any other, or not all there.
    pub(crate) fn grave(&self) -> bool {
        self.machine.debug_build || self.interrupted
    }

    /// How many targets got which verdict: `5 pass, 1 fail, 1 inconclusive, 2 for information`.
    pub(crate) fn tally(&self) -> String {
        if self.verdicts.is_empty() {
            return "no targets".into();
        }
        let order = [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::Inconclusive,
            Verdict::Absent,
        ];
        let parts = order.into_iter().filter_map(|verdict| {
            let gates = self.verdicts.iter().filter(|v| v.gate);
            let number = gates.filter(|v| v.verdict == verdict).count();
            (number > 0).then(|| format!("{number} {verdict}"))
        });
        let others = self.verdicts.iter().filter(|v| !v.gate).count();
        let others = (others > 0).then(|| format!("{others} for information"));
        parts.chain(others).collect::<Vec<_>>().join(", ")
    }

    /// How much was run: `4 variants, 38 trials, in 2 min 10 s`.
    pub(crate) fn extent(&self) -> String {
        format!(
            "{}, {}, in {}",
            format::counted(self.variants.len(), "variant"),
            format::counted(self.trials.len(), "trial"),
            format::seconds(self.elapsed)
        )
    }
}

/// A moment as people read it: `2026-11-21 15:20:00 UTC` of RFC 3339 in UTC; another text as it is.
pub(crate) fn moment(rfc3339: &str) -> String {
    let whole = rfc3339.get(..19).zip(rfc3339.ends_with('Z').then_some(()));
    match whole.and_then(|(whole, ())| whole.split_once('T')) {
        Some((date, time)) => format!("{date} {time} UTC"),
        None => rfc3339.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn moments_are_without_fractions() {
        assert_eq!(
            moment("2026-11-21T16:13:08.13559192Z"),
            "2026-11-21 16:13:08 UTC"
        );
        assert_eq!(moment("2026-11-21T15:20:00Z"), "2026-11-21 15:20:00 UTC");
        assert_eq!(moment("yesterday"), "yesterday");
    }

    #[test]
    fn the_gravest_is_said_first() {
        let mut report = sample::report();
        report.interrupted = true;
        assert_eq!(report.alarms().next(), Some(INTERRUPTED));
        assert!(report.grave());
        assert_eq!(report.tally(), "5 pass, 1 fail, 1 inconclusive, 1 absent");
    }
}
