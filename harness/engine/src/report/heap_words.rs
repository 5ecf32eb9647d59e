//! The words of a difference of two heaps that all forms share.

use super::view::NOTHING;
use super::{HeapDifference, HeapFigures, SiteDifference, SiteMatch, format, text};

/// What the figures are, as heads of columns.
pub(super) const FIGURES: [&str; 4] = ["at the peak", "over the run", "allocations", "short-lived"];

/// What a profile says of short-lived allocations, for readers of a table.
pub(super) const SHORT_LIVED: &str = "Short-lived allocations are those that are sure to have lived for less than a hundredth of the run.";

/// The whole: `live at the peak: 2.24 MiB -> 61.2 KiB; ...`.
pub(super) fn head(difference: &HeapDifference) -> String {
    let [at_peak, total, allocations, _] = changes(difference.old, difference.new);
    format!(
        "live at the peak: {at_peak}; allocated over the run: {total}; allocations: {allocations}"
    )
}

/// Each figure before and after; one word where it is the same.
pub(super) fn changes(old: HeapFigures, new: HeapFigures) -> [String; 4] {
    let figure = |place: usize, value: u64| match place {
        0 | 1 => format::bytes(value as f64),
        _ => format::count(value as f64),
    };
    let (old, new) = (old.each(), new.each());
    [0, 1, 2, 3].map(|place| match (old[place], new[place]) {
        // Known by neither profile, or by both to be none.
        (0, 0) => NOTHING.to_owned(),
        (old, new) if old == new => figure(place, old),
        (old, new) => format!("{} \u{2192} {}", figure(place, old), figure(place, new)),
    })
}

/// The figures of all call sites that are not shown.
pub(super) fn rest(difference: &HeapDifference) -> [String; 4] {
    changes(difference.rest_old, difference.rest_new)
}

/// How a call site was found in both, where that is worth a word.
pub(super) fn matched(matched: SiteMatch) -> &'static str {
    match matched {
        SiteMatch::Caller => "",
        SiteMatch::Function => "from other callers",
        SiteMatch::Gone => "gone",
        SiteMatch::Added => "new",
    }
}

/// `push < run`: the function and its caller.
pub(super) fn place(site: &SiteDifference) -> String {
    let function = text::line(&site.function, 100);
    match &site.caller {
        Some(caller) => format!("{function} < {}", text::line(caller, 100)),
        None => function,
    }
}

/// The changes at the peak in lines: `2.10 MiB -> 64 KiB  push < run (gone)`; at most `most`, those without a change at
/// the peak left out.
pub(super) fn at_the_peak(difference: &HeapDifference, most: usize) -> Vec<String> {
    let changed = difference
        .sites
        .iter()
        .filter(|site| site.old.at_peak != site.new.at_peak);
    changed
        .take(most)
        .map(|site| {
            let [at_peak, ..] = changes(site.old, site.new);
            let word = match matched(site.matched) {
                "" => String::new(),
                word => format!(" ({word})"),
            };
            format!("{at_peak}  {}{word}", place(site))
        })
        .collect()
}
