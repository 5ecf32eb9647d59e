//! What a target is judged by: the plan, the analysis, the trials, and the target itself.

use std::borrow::Cow;

use super::difference::KeptOutputs;
use crate::analyze::{
    Analysis, Series, VariantAnalysis, cap_trouble, of_role, series, told, worst,
};
use crate::evidence::{Outcome, Role, Trial};
use crate::plan::{Plan, PlannedVariant};
use crate::report::format::bytes;
use crate::scenario::Target;

/// Everything that a judgement may look at.
pub(super) struct Case<'a> {
    pub(super) plan: &'a Plan,
    pub(super) analysis: &'a Analysis,
    pub(super) trials: &'a [Trial],
    pub(super) target: &'a Target,
    pub(super) outputs: &'a dyn KeptOutputs,
}

impl<'a> Case<'a> {
    /// A variant as planned and as analysed, or why it is neither.
    pub(super) fn variant(
        &self,
        id: &str,
    ) -> Result<(&'a PlannedVariant, &'a VariantAnalysis), String> {
        let planned = self.plan.variants.iter().find(|variant| variant.id == id);
        planned
            .zip(self.analysis.variant(id))
            .ok_or_else(|| format!("{id} takes no part at size {}", self.plan.size))
    }

    /// The variant's trials under the target's cap, in order.
    pub(super) fn capped(&self, id: &str, cap: u64) -> Vec<&'a Trial> {
        let mut trials = of_role(self.trials, id, Role::Capped);
        trials.retain(|trial| trial.head.under == Some(cap));
        trials
    }

    /// The variant's trials under the target's cap if they say what happens under it: there are
    /// some, and the kernel enforced the cap.
    pub(super) fn enforced(&self, id: &str, cap: u64) -> Result<Vec<&'a Trial>, String> {
        let mut trials = self.capped(id, cap);
        trials.retain(|trial| trial.head.outcome != Outcome::Interrupted);
        if trials.is_empty() {
            return Err(format!("{id} was not run under {}", bytes(cap as f64)));
        }
        match trials.iter().find_map(|trial| cap_trouble(trial)) {
            Some(trouble) => Err(trouble.to_owned()),
            None => Ok(trials),
        }
    }

    /// A metric of a variant where the target looks: over its measured trials, or over those
    /// under the target's cap. A variant that did not complete has none.
    pub(super) fn series(&self, id: &str, metric: &str) -> Result<Cow<'a, Series>, String> {
        let (planned, analysed) = self.variant(id)?;
        let Some(cap) = self.target.under else {
            return measured(analysed, metric).map(Cow::Borrowed);
        };
        let trials = self.enforced(id, cap)?;
        if let Some(trial) = worst(&trials)
            && trial.head.outcome != Outcome::Completed
        {
            let cap = bytes(cap as f64);
            return Err(format!("{id} under {cap} ended {}", told(trial)));
        }
        series(self.plan, planned, &trials, metric).map(Cow::Owned)
    }
}

/// A metric over a variant's measured trials; none where any of them did not complete.
pub(super) fn measured<'a>(
    variant: &'a VariantAnalysis,
    metric: &str,
) -> Result<&'a Series, String> {
    if variant.outcome != Outcome::Completed {
        return Err(variant.ended());
    }
    variant.metric(metric)
}
