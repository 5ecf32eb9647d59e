//! Heap profiles, alone and against another, in the words that all forms share.

use super::{NOTHING, estimated};
use crate::evidence::{CallSite, HeapProfile};
use crate::report::{
    HeapDifference, HeapFigures, Report, SiteDifference, SiteMatch, VariantReport, format, text,
};

/// What the figures are, as heads of columns.
pub(crate) const FIGURES: [&str; 4] = ["at the peak", "over the run", "allocations", "short-lived"];

/// What a profile says of short-lived allocations, for readers of a table.
pub(crate) const SHORT_LIVED: &str = "Short-lived allocations are those that are sure to have lived for less than a hundredth of the run.";

impl Report {
    /// The variants that have a profile beside the baseline's: each with the baseline's, and its own.
    pub(crate) fn heaps_against_baseline(
        &self,
    ) -> impl Iterator<Item = (&VariantReport, &HeapProfile, &HeapProfile)> {
        let baseline = self.baseline();
        let old = baseline.and_then(|baseline| baseline.profile.as_ref());
        let others = self.variants.iter().filter(|variant| !variant.baseline);
        others.filter_map(move |variant| Some((variant, old?, variant.profile.as_ref()?)))
    }
}

/// What is live at the heap's peak.
pub(crate) fn at_peak(profile: &HeapProfile) -> String {
    let error = profile.sampled.map(|sampled| sampled.at_peak_error);
    estimated(profile.at_peak, error)
}

/// What a call site holds of it.
pub(crate) fn site_at_peak(site: &CallSite) -> String {
    let error = site.sampled.map(|sampled| sampled.at_peak_error);
    estimated(site.at_peak, error)
}

/// The same as a share.
pub(crate) fn share(site: &CallSite, profile: &HeapProfile) -> f64 {
    site.at_peak as f64 / profile.at_peak.max(1) as f64
}

/// Which side allocates, where it is not Rust's.
pub(crate) fn side(site: &CallSite) -> &'static str {
    if site.c { ", by C's malloc" } else { "" }
}

/// Where a heap profile comes from, and so what its figures can be held against.
pub(crate) fn origin(profile: &HeapProfile) -> String {
    match (profile.sampled_every, &profile.sampled, &profile.size) {
        (Some(every), Some(sampled), _) => format!(
            "estimated from {}, one in {} allocated; ± is one standard error",
            format::counted(sampled.samples as usize, "sample"),
            format::bytes(every as f64),
        ),
        (_, _, Some(size)) => format!(
            "by dhat, every allocation of Rust's, at size {}: compare the shares, not the bytes",
            text::line(size, text::LABEL)
        ),
        _ => "by dhat, every allocation of Rust's".to_owned(),
    }
}

/// The whole: `live at the peak: 2.24 MiB -> 61.2 KiB; ...`.
pub(crate) fn head(difference: &HeapDifference) -> String {
    let [at_peak, total, allocations, _] = changes(difference.old, difference.new);
    format!(
        "live at the peak: {at_peak}; allocated over the run: {total}; allocations: {allocations}"
    )
}

/// Each figure before and after; one word where it is the same.
pub(crate) fn changes(old: HeapFigures, new: HeapFigures) -> [String; 4] {
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
pub(crate) fn rest(difference: &HeapDifference) -> [String; 4] {
    changes(difference.rest_old, difference.rest_new)
}

/// How a call site was found in both, where that is worth a word.
pub(crate) fn matched(matched: SiteMatch) -> &'static str {
    match matched {
        SiteMatch::Caller => "",
        SiteMatch::Function => "from other callers",
        SiteMatch::Gone => "gone",
        SiteMatch::Added => "new",
    }
}

/// [`matched`] behind the name of a call site: ` (gone)`.
pub(crate) fn matched_mark(site: SiteMatch) -> String {
    match matched(site) {
        "" => String::new(),
        word => format!(" ({word})"),
    }
}

/// `push < run`: the function and its caller.
pub(crate) fn place(site: &SiteDifference) -> String {
    let function = text::line(&site.function, 100);
    match &site.caller {
        Some(caller) => format!("{function} < {}", text::line(caller, 100)),
        None => function,
    }
}

/// The changes at the peak in lines: `2.10 MiB -> 64 KiB  push < run (gone)`; at most `most`, those without a change at
/// the peak left out.
pub(crate) fn at_the_peak(difference: &HeapDifference, most: usize) -> Vec<String> {
    let changed = difference
        .sites
        .iter()
        .filter(|site| site.old.at_peak != site.new.at_peak);
    changed
        .take(most)
        .map(|site| {
            let [at_peak, ..] = changes(site.old, site.new);
            let mark = matched_mark(site.matched);
            format!("{at_peak}  {}{mark}", place(site))
        })
        .collect()
}
