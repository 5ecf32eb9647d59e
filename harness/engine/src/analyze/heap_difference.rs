//! Two heap profiles against each other, by function: lines move from build to build, and variants are written in
//! different files.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{CallSite, HeapProfile};
use crate::report::{HeapDifference, HeapFigures, SiteDifference, SiteMatch, site_functions};

/// Call sites that are kept for each of the figures.
const TOP: usize = 10;

/// What changed in the heap from `old` to `new`: bytes at the peak, bytes and allocations over the run, and
/// short-lived allocations, by call site.
///
/// A call site is the innermost function that is the program's own, with the one that calls it; backtraces that
/// agree in these are one, whatever lies within the library or further out. What is not in both is matched by
/// the function alone, so that a function that was inlined into another caller, or called from elsewhere, is still
/// the same.
pub fn heap_difference(old: &HeapProfile, new: &HeapProfile) -> HeapDifference {
    let sites = largest(heap_sites(old, new));
    let sum = |of: fn(&SiteDifference) -> HeapFigures| {
        let figures = sites.iter().map(of);
        figures.fold(HeapFigures::default(), HeapFigures::plus)
    };
    let (whole_old, whole_new) = (whole(old), whole(new));
    HeapDifference {
        old: whole_old,
        new: whole_new,
        rest_old: whole_old.minus(sum(|site| site.old)),
        rest_new: whole_new.minus(sum(|site| site.new)),
        notes: notes(old, new),
        sites,
    }
}

/// Every call site of either profile, matched as [`heap_difference`] does, by name.
pub fn heap_sites(old: &HeapProfile, new: &HeapProfile) -> Vec<SiteDifference> {
    matched(sums(old), sums(new))
}

/// A function and its caller.
type Place = (String, Option<String>);

/// The figures of a profile by place.
fn sums(profile: &HeapProfile) -> BTreeMap<Place, HeapFigures> {
    let mut sums: BTreeMap<Place, HeapFigures> = BTreeMap::new();
    for site in &profile.sites {
        let sum = sums.entry(site_functions(site)).or_default();
        *sum = sum.plus(figures(site));
    }
    sums
}

fn figures(site: &CallSite) -> HeapFigures {
    HeapFigures {
        at_peak: site.at_peak,
        total: site.total,
        allocations: site.allocations,
        short_lived: site.short_lived.unwrap_or(0),
    }
}

/// The whole profile; it says no sum of short-lived allocations, and its largest call sites hold all but few of them.
fn whole(profile: &HeapProfile) -> HeapFigures {
    let short_lived = profile.sites.iter().filter_map(|site| site.short_lived);
    HeapFigures {
        at_peak: profile.at_peak,
        total: profile.total,
        allocations: profile.allocations,
        short_lived: short_lived.fold(0, u64::saturating_add),
    }
}

/// Every place of either, matched by caller where both have it, else by function.
fn matched(
    old: BTreeMap<Place, HeapFigures>,
    mut new: BTreeMap<Place, HeapFigures>,
) -> Vec<SiteDifference> {
    let mut rows = Vec::new();
    let mut gone = Vec::new();
    for (place, old) in old {
        match new.remove(&place) {
            Some(new) => rows.push(row(place, SiteMatch::Caller, old, new)),
            None => gone.push((place, old)),
        }
    }
    let functions = |places: &mut dyn Iterator<Item = &Place>| -> BTreeSet<String> {
        places.map(|(function, _)| function.clone()).collect()
    };
    let of_old = functions(&mut gone.iter().map(|(place, _)| place));
    let of_new = functions(&mut new.keys());
    let both: BTreeSet<&String> = of_old.intersection(&of_new).collect();
    let mut by_function: BTreeMap<String, [HeapFigures; 2]> = BTreeMap::new();
    for (side, places) in [gone, new.into_iter().collect()].into_iter().enumerate() {
        for (place, figures) in places {
            if both.contains(&place.0) {
                let sums = by_function.entry(place.0).or_default();
                sums[side] = sums[side].plus(figures);
            } else if side == 0 {
                rows.push(row(place, SiteMatch::Gone, figures, HeapFigures::default()));
            } else {
                rows.push(row(
                    place,
                    SiteMatch::Added,
                    HeapFigures::default(),
                    figures,
                ));
            }
        }
    }
    rows.extend(
        by_function
            .into_iter()
            .map(|(function, [old, new])| row((function, None), SiteMatch::Function, old, new)),
    );
    rows.sort_by(|one, other| order(one).cmp(&order(other)));
    rows
}

/// What rows of equal changes are told apart by: it is the same whichever profile is the old one. A function that
/// was matched by itself stands after the one of its name that has no caller.
fn order(row: &SiteDifference) -> (&str, Option<&str>, bool) {
    let by_function = row.matched == SiteMatch::Function;
    (&row.function, row.caller.as_deref(), by_function)
}

fn row(place: Place, matched: SiteMatch, old: HeapFigures, new: HeapFigures) -> SiteDifference {
    SiteDifference {
        function: place.0,
        caller: place.1,
        matched,
        old,
        new,
    }
}

/// The rows among the first [`TOP`] by the change of any figure, the largest change at the peak first.
fn largest(rows: Vec<SiteDifference>) -> Vec<SiteDifference> {
    let changes = |row: &SiteDifference| {
        let (old, new) = (row.old.each(), row.new.each());
        [0, 1, 2, 3].map(|figure| old[figure].abs_diff(new[figure]))
    };
    let mut kept = BTreeSet::new();
    for figure in 0..4 {
        let mut places: Vec<usize> = (0..rows.len()).collect();
        // Of equal changes the first by name is taken: the sort is stable.
        places.sort_by_key(|place| Reverse(changes(&rows[*place])[figure]));
        let changed = places
            .into_iter()
            .filter(|place| changes(&rows[*place])[figure] > 0);
        kept.extend(changed.take(TOP));
    }
    let mut rows: Vec<SiteDifference> = rows
        .into_iter()
        .enumerate()
        .filter(|(place, _)| kept.contains(place))
        .map(|(_, row)| row)
        .collect();
    rows.sort_by_key(|row| Reverse(changes(row)));
    rows
}

fn notes(old: &HeapProfile, new: &HeapProfile) -> Vec<String> {
    let mut said = Vec::new();
    if old.stripped || new.stripped {
        said.push("a binary is stripped: its call sites have no names to be matched by".to_owned());
    }
    if old.size != new.size {
        let size = |profile: &HeapProfile| match &profile.size {
            Some(size) => format!("at size {size}"),
            None => "at the size that was run".to_owned(),
        };
        said.push(format!(
            "one was taken {}, the other {}",
            size(old),
            size(new)
        ));
    }
    let lifetimes =
        |profile: &HeapProfile| profile.sites.iter().any(|site| site.short_lived.is_some());
    if !lifetimes(old) || !lifetimes(new) {
        said.push("lifetimes are not known: nothing is said of short-lived allocations".to_owned());
    }
    match (old.sampled_every, new.sampled_every) {
        (None, None) => {}
        (Some(_), Some(_)) => said.push("both are estimates from samples".to_owned()),
        _ => said
            .push("one counts every allocation, the other is an estimate from samples".to_owned()),
    }
    said
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn site(frames: &[&str], at_peak: u64, allocations: u64) -> CallSite {
        CallSite {
            frames: frames.iter().map(|frame| (*frame).to_owned()).collect(),
            at_peak,
            blocks_at_peak: 1,
            total: 2 * at_peak,
            allocations,
            short_lived: Some(allocations / 2),
            ..CallSite::default()
        }
    }

    fn profile(sites: Vec<CallSite>) -> HeapProfile {
        HeapProfile {
            at_peak: sites.iter().map(|site| site.at_peak).sum(),
            total: sites.iter().map(|site| site.total).sum(),
            allocations: sites.iter().map(|site| site.allocations).sum(),
            sites,
            ..HeapProfile::default()
        }
    }

    fn said(difference: &HeapDifference) -> Vec<(String, SiteMatch, u64, u64)> {
        let rows = difference.sites.iter();
        rows.map(|row| {
            let caller = row.caller.as_deref().map(|caller| format!(" < {caller}"));
            let name = format!("{}{}", row.function, caller.unwrap_or_default());
            (name, row.matched, row.old.at_peak, row.new.at_peak)
        })
        .collect()
    }

    #[test]
    fn moved_lines_do_not_matter() {
        let old = profile(vec![site(
            &[
                "demo::push (src/queue.rs:31:9)",
                "demo::run (src/run.rs:5:1)",
            ],
            100,
            4,
        )]);
        let new = profile(vec![site(
            &[
                "demo::push (src/deque.rs:77:2)",
                "demo::run (src/run.rs:9:1)",
            ],
            60,
            4,
        )]);
        let difference = heap_difference(&old, &new);
        assert_eq!(
            said(&difference),
            [(
                "demo::push < demo::run".to_owned(),
                SiteMatch::Caller,
                100,
                60
            )]
        );
    }

    #[test]
    fn what_lies_in_the_library_and_further_out_is_one_call_site() {
        let grow = "alloc::raw_vec::grow (src/raw_vec.rs:1:1)";
        let hash = "hashbrown::raw::reserve (raw/mod.rs:3:1)";
        let old = profile(vec![
            site(&[grow, "demo::push", "demo::run", "demo::main"], 100, 1),
            site(
                &[hash, grow, "demo::push", "demo::run", "demo::other"],
                50,
                1,
            ),
        ]);
        let new = profile(vec![site(
            &["demo::push<T>", "demo::run", "demo::main"],
            20,
            1,
        )]);
        let difference = heap_difference(&old, &new);
        assert_eq!(
            said(&difference),
            [(
                "demo::push < demo::run".to_owned(),
                SiteMatch::Caller,
                150,
                20
            )]
        );
    }

    #[test]
    fn a_function_that_was_inlined_into_another_caller_is_still_the_same() {
        let old = profile(vec![
            site(&["demo::push", "demo::visit", "demo::run"], 100, 1),
            site(&["demo::push", "demo::retry", "demo::run"], 30, 1),
        ]);
        let new = profile(vec![site(&["demo::push", "demo::run"], 90, 1)]);
        let difference = heap_difference(&old, &new);
        assert_eq!(
            said(&difference),
            [("demo::push".to_owned(), SiteMatch::Function, 130, 90)]
        );
    }

    #[test]
    fn vanished_and_new_sites_are_told() {
        let old = profile(vec![site(&["demo::Seen::insert", "demo::run"], 900, 9)]);
        let new = profile(vec![site(&["demo::Window::slide", "demo::run"], 10, 9)]);
        let difference = heap_difference(&old, &new);
        let expected = [
            (
                "demo::Seen::insert < demo::run".to_owned(),
                SiteMatch::Gone,
                900,
                0,
            ),
            (
                "demo::Window::slide < demo::run".to_owned(),
                SiteMatch::Added,
                0,
                10,
            ),
        ];
        assert_eq!(said(&difference), expected);
        assert_eq!((difference.old.at_peak, difference.new.at_peak), (900, 10));
    }

    #[test]
    fn what_changed_in_any_figure_is_kept_and_the_rest_is_summed() {
        let sites = |factor: u64| -> Vec<CallSite> {
            let mut sites: Vec<CallSite> = (0..50)
                .map(|n| {
                    site(
                        &[&format!("demo::f{n:02}"), "demo::run"],
                        100 + factor * n,
                        10,
                    )
                })
                .collect();
            // At the peak it is nothing; it allocates all the time.
            sites.push(site(&["demo::churn", "demo::run"], 0, 1_000 * factor));
            sites
        };
        let (old, new) = (profile(sites(1)), profile(sites(3)));
        let difference = heap_difference(&old, &new);
        let names: Vec<&str> = difference
            .sites
            .iter()
            .map(|site| site.function.as_str())
            .collect();
        assert_eq!(names[0], "demo::f49");
        assert!(names.contains(&"demo::churn"), "{names:?}");
        assert_eq!(difference.sites.last().unwrap().new.short_lived, 1_500);
        assert!(names.len() <= 4 * TOP);
        let kept = difference
            .sites
            .iter()
            .map(|site| site.new)
            .fold(HeapFigures::default(), HeapFigures::plus);
        assert_eq!(kept.plus(difference.rest_new), difference.new);
    }

    #[test]
    fn of_equal_changes_the_same_are_kept_whichever_profile_is_the_old_one() {
        let named = |prefix: &str| -> Vec<CallSite> {
            let names = (0..TOP).map(|n| format!("demo::{prefix}{n}"));
            names.map(|name| site(&[&name], 100, 10)).collect()
        };
        let (old, new) = (profile(named("b")), profile(named("a")));
        let names = |old, new| -> Vec<String> {
            let rows = heap_difference(old, new).sites.into_iter();
            rows.map(|row| row.function).collect()
        };
        let there = names(&old, &new);
        assert_eq!(
            there,
            (0..TOP).map(|n| format!("demo::a{n}")).collect::<Vec<_>>()
        );
        assert_eq!(there, names(&new, &old));
    }

    #[test]
    fn what_makes_them_less_comparable_is_said() {
        let old = profile(vec![site(&["demo::a"], 1, 1)]);
        let mut new = old.clone();
        assert!(heap_difference(&old, &new).notes.is_empty());
        assert!(heap_difference(&old, &new).sites.is_empty());
        new.stripped = true;
        new.sampled_every = Some(512);
        new.size = Some("smoke".into());
        assert_eq!(heap_difference(&old, &new).notes.len(), 3);
        assert_eq!(heap_difference(&new, &new).notes.len(), 2);
    }

    fn turned_round(row: SiteDifference) -> SiteDifference {
        SiteDifference {
            matched: match row.matched {
                SiteMatch::Gone => SiteMatch::Added,
                SiteMatch::Added => SiteMatch::Gone,
                both => both,
            },
            old: row.new,
            new: row.old,
            ..row
        }
    }

    fn profiles() -> impl Strategy<Value = HeapProfile> {
        let frame = prop::sample::select(vec![
            "demo::a (a.rs:1:1)",
            "demo::a (a.rs:2:2)",
            "demo::b",
            "alloc::vec::push (src/vec.rs:1:1)",
            "demo::c<T>",
            "???",
        ]);
        let stack = prop::collection::vec(frame, 0..5);
        let site = (stack, 0..1_000_u64, 0..1_000_u64);
        let of =
            |(frames, at_peak, n): (Vec<&str>, u64, u64)| super::tests::site(&frames, at_peak, n);
        prop::collection::vec(site, 0..30)
            .prop_map(move |sites| profile(sites.into_iter().map(of).collect()))
    }

    proptest! {
        #[test]
        fn nothing_is_lost(old in profiles(), new in profiles()) {
            let difference = heap_difference(&old, &new);
            let sum = |of: fn(&SiteDifference) -> HeapFigures| {
                difference.sites.iter().map(of).fold(HeapFigures::default(), HeapFigures::plus)
            };
            prop_assert_eq!(sum(|site| site.old).plus(difference.rest_old), difference.old);
            prop_assert_eq!(sum(|site| site.new).plus(difference.rest_new), difference.new);
        }

        #[test]
        fn turning_the_profiles_round_turns_the_difference_round(old in profiles(), new in profiles()) {
            let there = heap_difference(&old, &new);
            let back = heap_difference(&new, &old);
            let turned: Vec<SiteDifference> = back.sites.into_iter().map(turned_round).collect();
            prop_assert_eq!(there.sites, turned);
        }

        #[test]
        fn a_profile_does_not_differ_from_itself(one in profiles()) {
            prop_assert!(heap_difference(&one, &one).sites.is_empty());
        }
    }
}
