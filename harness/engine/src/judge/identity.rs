//! Identity: the same digest from every completed trial of every listed variant.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::difference::first_difference;
use super::finding::Finding;
use crate::analyze::at_full_parameters;
use crate::evidence::{Identity, Outcome, Role, Trial};
use crate::report::Verdict;
use crate::report::format::counted;

/// Judges that the listed variants gave the same output, by one digest or by all they share.
///
/// Every trial with the full parameters takes part, whatever its instrument or role; dhat trials
/// at another size do not, nor those in search of the floor, which is to find out how little
/// memory spoils the output.
pub(super) fn judge(case: &Case<'_>, digest: Option<&str>) -> Finding {
    let mut absent = Vec::new();
    let mut trials: Vec<(&str, Vec<&Trial>)> = Vec::new();
    for id in &case.target.variants {
        match completed(case, id) {
            Ok(completed) => trials.push((id, completed)),
            Err(why) => absent.push(Finding::absent(why)),
        }
    }
    let names = match digest {
        Some(name) => BTreeSet::from([name.to_owned()]),
        None => common(&trials),
    };
    if names.is_empty() && !trials.is_empty() {
        absent.push(Finding::absent("the variants share no digest"));
    }
    let mut judged: Vec<Finding> = names
        .iter()
        .filter(|_| !trials.is_empty())
        .map(|name| one(case, &trials, name))
        .collect();
    if !absent.is_empty() {
        // That the rest cannot be compared among itself is no news beside that.
        judged.retain(|finding| finding.verdict != Verdict::Absent);
    }
    Finding::all(judged.into_iter().chain(absent))
}

/// A variant's completed trials at its full parameters; the error says why they do not do.
fn completed<'a>(case: &Case<'a>, id: &str) -> Result<Vec<&'a Trial>, String> {
    let (planned, analysed) = case.variant(id)?;
    let mut trials: Vec<&Trial> = case
        .trials
        .iter()
        .filter(|trial| trial.head.variant == id && trial.head.outcome == Outcome::Completed)
        .filter(|trial| at_full_parameters(planned, trial) && trial.head.role != Role::Floor)
        .collect();
    trials.sort_by_key(|trial| trial.head.number);
    if analysed.outcome != Outcome::Completed || trials.is_empty() {
        return Err(analysed.ended());
    }
    Ok(trials)
}

/// The digests that every variant has.
fn common(trials: &[(&str, Vec<&Trial>)]) -> BTreeSet<String> {
    let of = |trials: &[&Trial]| -> BTreeSet<String> {
        let names = trials.iter().flat_map(|trial| trial.digests.keys());
        names.cloned().collect()
    };
    trials
        .iter()
        .map(|(_, trials)| of(trials))
        .reduce(|a, b| a.intersection(&b).cloned().collect())
        .unwrap_or_default()
}

/// One digest over all trials.
fn one(case: &Case<'_>, trials: &[(&str, Vec<&Trial>)], name: &str) -> Finding {
    let all = || trials.iter().flat_map(|(_, trials)| trials.iter().copied());
    // Trials by the digest's value, in the order in which the values first appear.
    let mut values: Vec<(&str, Vec<&Trial>)> = Vec::new();
    for trial in all() {
        let Some(identity) = trial.digests.get(name) else {
            continue;
        };
        match values
            .iter_mut()
            .find(|(value, _)| *value == identity.value)
        {
            Some((_, group)) => group.push(trial),
            None => values.push((&identity.value, vec![trial])),
        }
    }
    if values.len() > 1 {
        let groups: Vec<String> = values
            .iter()
            .map(|(value, group)| format!("{value} from {}", who(group)))
            .collect();
        let evidence = format!("`{name}` differs: {}", groups.join("; "));
        let finding = Finding::held(false, evidence);
        return match shown(case, name, &values[0].1, &values[1].1) {
            Some(difference) => finding.because(difference),
            None => finding,
        };
    }
    let without: Vec<&Trial> = all()
        .filter(|trial| !trial.digests.contains_key(name))
        .collect();
    if !without.is_empty() {
        let there: BTreeSet<&str> = all()
            .flat_map(|trial| trial.digests.keys().map(String::as_str))
            .collect();
        let there = match there.is_empty() {
            true => "none was reported".to_owned(),
            false => format!("there are: {}", Vec::from_iter(there).join(", ")),
        };
        return Finding::absent(format!(
            "no digest `{name}` from {}; {there}",
            who(&without)
        ));
    }
    match values.first() {
        Some((value, group)) if group.len() > 1 => Finding::held(
            true,
            format!("`{name}` is {value} in {}", counted(group.len(), "trial")),
        ),
        _ => Finding::absent(format!("only one trial has `{name}`: nothing to compare")),
    }
}

/// `in-memory (trials 0, 3), depth-first (trial 1)`.
fn who(trials: &[&Trial]) -> String {
    /// Numbers listed per variant before the rest is counted.
    const LISTED: usize = 4;
    let mut by_variant: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for trial in trials {
        let numbers = by_variant.entry(&trial.head.variant).or_default();
        numbers.push(trial.head.number.to_string());
    }
    let parts = by_variant.into_iter().map(|(variant, numbers)| {
        let noun = if numbers.len() == 1 {
            "trial"
        } else {
            "trials"
        };
        let listed = numbers[..numbers.len().min(LISTED)].join(", ");
        match numbers.len().checked_sub(LISTED) {
            Some(rest) if rest > 0 => format!("{variant} ({noun} {listed} and {rest} more)"),
            _ => format!("{variant} ({noun} {listed})"),
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// The first difference of two groups' outputs, in words, where one of each was kept.
fn shown(case: &Case<'_>, name: &str, a: &[&Trial], b: &[&Trial]) -> Option<String> {
    let kept = |group: &[&Trial]| {
        let identity = |trial: &&Trial| -> Option<(String, Identity)> {
            let identity = trial.digests.get(name)?;
            identity.kept.as_ref()?;
            Some((trial.head.variant.clone(), identity.clone()))
        };
        group.iter().find_map(identity)
    };
    let ((a_id, a), (b_id, b)) = (kept(a)?, kept(b)?);
    let open = |identity: Identity| case.outputs.open(&identity.kept?).ok();
    let difference = first_difference(&mut *open(a)?, &mut *open(b)?).ok()??;
    let side = |text: Option<String>| text.map_or("(ended)".to_owned(), |text| format!("{text:?}"));
    Some(format!(
        "first difference in record {}, byte {}: {a_id} has {}, {b_id} has {}",
        difference.record,
        difference.offset,
        side(difference.first),
        side(difference.second)
    ))
}
