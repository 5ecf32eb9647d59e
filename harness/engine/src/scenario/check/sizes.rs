//! Sizes, and numbers of runs.

use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::ScenarioDoc;
use crate::scenario::error::Mistakes;
use crate::scenario::forms::{RunsDoc, SizeDoc};
use crate::scenario::read::{At, Entries, Field};
use crate::scenario::source::{Span, shown};
use crate::scenario::{Params, Runs, Size};

use super::names::{Families, check_name};
use super::params::check_params;

/// The size at which one run is made per variant and only exact targets are judged.
pub(crate) const SMOKE: &str = "smoke";
/// Runs at most, so that a slip does not run for a year.
const MOST_RUNS: u64 = 10_000;

/// The sizes in the order written, one called `default` where there are none. Variants are
/// resolved later, by [`check_size_variants`].
pub(crate) fn check_sizes_of(
    doc: &ScenarioDoc,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> Vec<Size> {
    let entries = doc
        .sizes
        .value()
        .map(|s| s.0.as_slice())
        .unwrap_or_default();
    let mut sizes: Vec<Size> = Vec::new();
    for (key, at) in entries {
        let name = At {
            value: key.name.clone(),
            span: key.span,
        };
        check_name("the size's name", &name, mistakes);
        if sizes.iter().any(|size| size.name == key.name) {
            continue;
        }
        let none = Entries::default();
        let (params, runs) = match &at.value {
            SizeDoc::Params(params) => (params, None),
            SizeDoc::Long(long) => (
                long.params.value().unwrap_or(&none),
                long.runs.get().and_then(|at| check_runs(at, mistakes)),
            ),
        };
        sizes.push(Size {
            name: key.name.clone(),
            params: check_params(params, info, mistakes),
            variants: Vec::new(),
            runs,
        });
    }
    if sizes.is_empty() {
        sizes.push(Size {
            name: "default".to_owned(),
            params: Params::new(),
            variants: Vec::new(),
            runs: None,
        });
    }
    sizes
}

/// Fills in which variants take part in each size.
pub(crate) fn check_size_variants(
    doc: &ScenarioDoc,
    sizes: &mut [Size],
    families: &Families,
    mistakes: &mut Mistakes,
) {
    let entries = doc
        .sizes
        .value()
        .map(|s| s.0.as_slice())
        .unwrap_or_default();
    for (key, at) in entries {
        let SizeDoc::Long(long) = &at.value else {
            continue;
        };
        let Some(named) = long.variants.get() else {
            continue;
        };
        if named.value.is_empty() {
            mistakes.add(
                named.span,
                format!("size `{}` has no variants", shown(&key.name)),
                "empty",
                "leave `variants` out for all of them".to_owned(),
            );
            continue;
        }
        let ids = families.resolve_all(&named.value, mistakes);
        if let Some(size) = sizes.iter_mut().find(|size| size.name == key.name) {
            size.variants = ids;
        }
    }
}

/// A number of runs, or a range.
pub(crate) fn check_runs(at: &At<RunsDoc>, mistakes: &mut Mistakes) -> Option<Runs> {
    match &at.value {
        RunsDoc::Exactly(n) => {
            let n = within(*n, 1, "runs", at.span, mistakes)?;
            Some(Runs { min: n, max: n })
        }
        RunsDoc::Between(range) => {
            let (Field::Given(low), Field::Given(high)) = (&range.min, &range.max) else {
                return None;
            };
            let min = within(low.value, 1, "runs", low.span, mistakes);
            let max = within(high.value, 1, "runs", high.span, mistakes);
            let (min, max) = (min?, max?);
            if min > max {
                mistakes.add(
                    low.span,
                    format!("at least {min} and at most {max} runs cannot be"),
                    "more than `max`",
                    format!("write `{{ min: {max}, max: {min} }}`"),
                );
                return None;
            }
            Some(Runs { min, max })
        }
    }
}

/// A number of something from `least` on, as far as it is reasonable.
pub(super) fn within(
    value: u64,
    least: u64,
    what: &str,
    span: Span,
    mistakes: &mut Mistakes,
) -> Option<u32> {
    if (least..=MOST_RUNS).contains(&value) {
        return u32::try_from(value).ok();
    }
    mistakes.add(
        span,
        format!("{value} {what} cannot be"),
        "out of range",
        format!("{least} to {MOST_RUNS}"),
    );
    None
}
