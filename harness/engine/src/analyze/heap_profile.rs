//! Which heap profile of a variant is shown.

use super::record::at_full_parameters;
use crate::evidence::{HeapProfile, Instrument, Trial};
use crate::plan::{Plan, PlannedVariant};
use crate::scenario::DhatSetting;

/// The profile that says most: by dhat, of every allocation, at the size that is run; else from
/// samples, which are of that size; else by dhat at the size that the scenario names for it, which
/// the profile then says.
pub(super) fn heap_profile(
    plan: &Plan,
    variant: &PlannedVariant,
    all: &[Trial],
) -> Option<HeapProfile> {
    let trials = all.iter().filter(|trial| trial.head.variant == variant.id);
    let profiles = trials.filter_map(|trial| Some((trial, trial.profile.as_ref()?)));
    let (of_the_run, _, profile) = profiles
        .map(|(trial, profile)| {
            let of_the_run = at_full_parameters(variant, trial);
            let exact = trial.head.instrument == Instrument::Dhat;
            (of_the_run, exact, profile)
        })
        .max_by_key(|(of_the_run, exact, _)| (*of_the_run, *exact))?;
    let size = match &plan.measure.dhat {
        DhatSetting::AtSize(size) if !of_the_run => Some(size.clone()),
        DhatSetting::AtSize(_) | DhatSetting::Off => None,
    };
    Some(HeapProfile {
        size,
        ..profile.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::trial;
    use crate::plan::testing::plan;

    fn profiled(number: u32, instrument: Instrument) -> Trial {
        let mut trial = trial("a", number).instrument(instrument).build();
        trial.profile = Some(HeapProfile {
            sampled_every: (instrument == Instrument::Profile).then_some(512),
            ..HeapProfile::default()
        });
        trial
    }

    fn chosen(dhat_size: Option<&str>, trials: &[Trial]) -> Option<(Option<String>, bool)> {
        let mut plan = plan(&["a"]);
        if let Some(size) = dhat_size {
            plan.measure.dhat = DhatSetting::AtSize(size.to_owned());
            let mut params = plan.variants[0].params.clone();
            if size != plan.size {
                params.insert("rows".to_owned(), 1.into());
            }
            plan.variants[0].dhat_params = Some(params);
        }
        let profile = heap_profile(&plan, &plan.variants[0], trials)?;
        Some((profile.size, profile.sampled_every.is_some()))
    }

    #[test]
    fn a_profile_of_the_run_goes_before_one_of_another_size() {
        let both = [
            profiled(1, Instrument::Profile),
            profiled(2, Instrument::Dhat),
        ];
        assert_eq!(chosen(Some("tiny"), &both), Some((None, true)));
        let size = plan(&["a"]).size;
        assert_eq!(chosen(Some(&size), &both), Some((None, false)));
        assert_eq!(chosen(None, &both[..1]), Some((None, true)));
        let dhat = Some((Some("tiny".to_owned()), false));
        assert_eq!(chosen(Some("tiny"), &both[1..]), dhat);
        assert_eq!(chosen(None, &[]), None);
    }
}
