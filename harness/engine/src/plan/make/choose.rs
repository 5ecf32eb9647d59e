//! What a request names of a scenario: the size, the variants, parameters.

use super::super::{PlanError, PlanRequest};
use crate::scenario::check::{known_params, param_mismatch};
use crate::scenario::error::suggestion;
use crate::scenario::source::shown;
use crate::scenario::{Scenario, Size, Variant, WorkloadInfo};

pub(super) fn find_size<'a>(scenario: &'a Scenario, name: &str) -> Result<&'a Size, PlanError> {
    let names = scenario.sizes.iter().map(|size| size.name.as_str());
    scenario
        .sizes
        .iter()
        .find(|size| size.name == name)
        .ok_or_else(|| {
            let nearest = suggestion(name, "", names.clone());
            let list: Vec<&str> = names.collect();
            let list = format!("its sizes: {}", list.join(", "));
            let help = match nearest.starts_with("did you mean") {
                true => format!("{nearest} {list}"),
                false => list,
            };
            PlanError::new(
                format!("scenario `{}` has no size `{}`", scenario.name, shown(name)),
                help,
            )
        })
}

/// Parameters of the command line must be known, and of the right kind.
pub(super) fn check_set(
    scenario: &Scenario,
    request: &PlanRequest,
    info: Option<&WorkloadInfo>,
) -> Result<(), PlanError> {
    let written = || {
        let sizes = scenario.sizes.iter().flat_map(|size| size.params.keys());
        let variants = scenario.variants.iter().flat_map(|v| v.params.keys());
        let mut names: Vec<&str> = scenario
            .params
            .keys()
            .chain(sizes)
            .chain(variants)
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let known = info
        .map(known_params)
        .filter(|known| !known.is_empty())
        .unwrap_or_else(written);
    for (key, value) in &request.set {
        if !known.contains(&key.as_str()) {
            return Err(PlanError::new(
                format!(
                    "scenario `{}` has no parameter `{}`",
                    scenario.name,
                    shown(key)
                ),
                suggestion(key, "its parameters", known.iter().copied()),
            ));
        }
        if let Some(expected) = info.and_then(|info| param_mismatch(info, key, value)) {
            return Err(PlanError::new(
                format!("parameter `{}` is {expected}", shown(key)),
                format!("`{}` is not that", shown(&value.to_string())),
            ));
        }
    }
    Ok(())
}

pub(super) fn choose_variants<'a>(
    scenario: &'a Scenario,
    size: &Size,
    request: &PlanRequest,
) -> Result<Vec<&'a Variant>, PlanError> {
    let at_size = |id: &str| size.variants.is_empty() || size.variants.iter().any(|v| v == id);
    for wanted in &request.variants {
        let ids = scenario.variants.iter().map(|variant| variant.id.as_str());
        if !ids.clone().any(|id| stands_for(wanted, id)) {
            return Err(PlanError::new(
                format!(
                    "scenario `{}` has no variant `{}`",
                    scenario.name,
                    shown(wanted)
                ),
                suggestion(wanted, "its variants", ids),
            ));
        }
        if !ids.clone().any(|id| stands_for(wanted, id) && at_size(id)) {
            let there: Vec<&str> = ids.filter(|id| at_size(id)).collect();
            return Err(PlanError::new(
                format!(
                    "variant `{}` takes no part at size `{}`",
                    shown(wanted),
                    size.name
                ),
                format!("those that do: {}", there.join(", ")),
            ));
        }
    }
    Ok(scenario
        .variants
        .iter()
        .filter(|variant| at_size(&variant.id))
        .filter(|variant| {
            request.variants.is_empty()
                || request
                    .variants
                    .iter()
                    .any(|wanted| stands_for(wanted, &variant.id))
        })
        .collect())
}

/// A name stands for the variant of that id, and for all that the matrix made of it.
fn stands_for(name: &str, id: &str) -> bool {
    id == name
        || id
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('+'))
}
