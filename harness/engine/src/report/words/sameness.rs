//! Who equals whom: a variant's output beside the reference's, and whether it was proved.

use super::NOTHING;
use crate::evidence::Outcome;
use crate::report::{Report, TrialSummary, VariantReport, text};

impl Report {
    /// Whether the outputs of all of a variant's completed trials were proved.
    pub(crate) fn verified(&self, variant: &VariantReport) -> bool {
        let mut trials = self.trials.iter().filter(|trial| {
            trial.head.variant == variant.id && trial.head.outcome == Outcome::Completed
        });
        let proved =
            |trial: &TrialSummary| trial.head.verification.is_some_and(|proof| proof.verified);
        trials.next().is_some_and(proved) && trials.all(proved)
    }

    /// How a variant's output compares with the baseline's, or where there is none, with that of
    /// the first variant that has a digest.
    pub(crate) fn sameness(&self, variant: &VariantReport) -> Sameness {
        let with_digests = || self.variants.iter().filter(|v| !v.digests.is_empty());
        let reference = with_digests()
            .find(|v| v.baseline)
            .or_else(|| with_digests().next());
        let Some(reference) = reference else {
            return Sameness::Unknown;
        };
        if reference.id == variant.id {
            return Sameness::Reference;
        }
        if matches!((&reference.inputs, &variant.inputs), (Some(a), Some(b)) if a != b) {
            return Sameness::OtherInputs;
        }
        let common = reference
            .digests
            .iter()
            .filter_map(|(name, value)| Some((name, value == variant.digests.get(name)?)));
        let (same, others): (Vec<_>, Vec<_>) = common.partition(|(_, same)| *same);
        match (same.is_empty(), others.is_empty()) {
            (true, true) => Sameness::Unknown,
            (false, true) => Sameness::Same,
            (true, false) => Sameness::Differs,
            (false, false) => {
                Sameness::DiffersIn(others.into_iter().map(|(name, _)| name.clone()).collect())
            }
        }
    }
}

/// How a variant's digests compare with the reference's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sameness {
    /// It is the one that others are compared with.
    Reference,
    /// Every digest that both have is equal.
    Same,
    /// None that both have is equal.
    Differs,
    /// These are not equal, and others are.
    DiffersIn(Vec<String>),
    /// They are of other inputs.
    OtherInputs,
    /// There is nothing to compare.
    Unknown,
}

impl Sameness {
    /// The word for a table's cell.
    pub(crate) fn word(&self) -> String {
        match self {
            Sameness::Reference => "reference".to_owned(),
            Sameness::Same => "same".to_owned(),
            Sameness::Differs => "differs".to_owned(),
            Sameness::DiffersIn(names) => {
                let names: Vec<String> = names.iter().map(|name| text::line(name, 14)).collect();
                format!("differs in {}", names.join(", "))
            }
            Sameness::OtherInputs => "other inputs".to_owned(),
            Sameness::Unknown => NOTHING.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn outputs_are_compared_by_common_digests() {
        let mut report = sample::report();
        let words = |report: &Report| -> Vec<String> {
            report
                .variants
                .iter()
                .map(|v| report.sameness(v).word())
                .collect()
        };
        assert_eq!(words(&report), ["reference", "-", "same", "same"]);
        report.variants[2]
            .digests
            .insert("orthos".into(), "sum64:0".into());
        assert_eq!(words(&report), ["reference", "-", "differs", "same"]);
        for variant in &mut report.variants[2..] {
            variant.digests.insert("file".into(), "blake3:1".into());
        }
        report.variants[0]
            .digests
            .insert("file".into(), "blake3:1".into());
        assert_eq!(
            words(&report),
            ["reference", "-", "differs in orthos", "same"]
        );
        for variant in &mut report.variants {
            variant.digests.remove("file");
        }
        for (variant, inputs) in [(0, "small"), (2, "large"), (3, "small")] {
            report.variants[variant].inputs = Some(inputs.into());
        }
        assert_eq!(words(&report), ["reference", "-", "other inputs", "same"]);
        report.variants[2].inputs = None;
        report.variants[0].digests.clear();
        assert_eq!(words(&report), ["-", "-", "reference", "differs"]);
    }
}
