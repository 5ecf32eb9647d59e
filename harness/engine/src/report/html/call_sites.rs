//! The places that hold most of the heap at its peak, variant beside variant.

use super::super::plots::series_class;
use super::super::view;
use super::super::{Report, format, text};
use crate::evidence::{CallSite, HeapProfile};

/// Call sites shown of a variant.
const SHOWN: usize = 8;
/// Frames shown of a call site.
const FRAMES: usize = 12;

/// The top call sites of one variant.
pub(super) struct CallSites {
    pub(super) id: String,
    pub(super) class: String,
    pub(super) baseline: bool,
    pub(super) head: String,
    pub(super) note: &'static str,
    pub(super) file: Option<ProfileFile>,
    pub(super) sites: Vec<Site>,
}

/// The kept profile.
pub(super) struct ProfileFile {
    pub(super) name: String,
    pub(super) linked: bool,
}

/// One call site.
pub(super) struct Site {
    pub(super) bytes: String,
    pub(super) share: String,
    pub(super) width: String,
    pub(super) what: String,
    pub(super) caller: String,
    pub(super) more: String,
    pub(super) frames: Vec<Frame>,
}

/// A frame of a call site's stack.
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) library: bool,
}

/// Variants that have a profile, the baseline first.
pub(super) fn call_sites(report: &Report) -> Vec<CallSites> {
    let mut with: Vec<_> = report
        .variants
        .iter()
        .enumerate()
        .filter_map(|(place, v)| Some((place, v, v.profile.as_ref()?)))
        .collect();
    with.sort_by_key(|(_, variant, _)| !variant.baseline);
    with.into_iter()
        .map(|(place, variant, profile)| CallSites {
            id: text::line(&variant.id, text::LABEL),
            class: series_class(place),
            baseline: variant.baseline,
            head: head(profile),
            note: if profile.stripped {
                "The binary is stripped: frames carry no names. Build it with line tables to see them."
            } else {
                ""
            },
            file: profile.file.as_deref().map(file),
            sites: profile.sites.iter().take(SHOWN).map(|s| site(s, profile)).collect(),
        })
        .collect()
}

fn head(profile: &HeapProfile) -> String {
    let sampled = profile.sampled;
    format!(
        "{} live at the peak, {} allocated in {} allocations over the run; {}",
        view::estimated(profile.at_peak, sampled.map(|s| s.at_peak_error)),
        view::estimated(profile.total, sampled.map(|s| s.total_error)),
        format::count(profile.allocations as f64),
        view::origin(profile)
    )
}

/// A link only to what is plainly a file beside the report.
fn file(name: &str) -> ProfileFile {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    ProfileFile {
        name: text::line(name, text::SENTENCE),
        linked: !name.is_empty() && name.len() <= 255 && name.chars().all(plain),
    }
}

fn site(site: &CallSite, profile: &HeapProfile) -> Site {
    let share = (site.at_peak as f64 / profile.at_peak.max(1) as f64).clamp(0.0, 1.0);
    // What lies within the library is the same for every container; the program's own frames tell.
    let own = site
        .frames
        .iter()
        .position(|frame| !view::is_library(frame));
    let frames = site.frames.iter().skip(own.unwrap_or(0)).take(FRAMES);
    let frames = frames.map(|frame| Frame {
        name: text::line(frame, 300),
        library: view::is_library(frame),
    });
    let (what, caller) = view::call_site(site);
    Site {
        bytes: view::estimated(site.at_peak, site.sampled.map(|s| s.at_peak_error)),
        share: format!(
            "{}{}",
            format::percent(share),
            if site.c { ", by C's malloc" } else { "" }
        ),
        width: format!("{:.1}%", share * 100.0),
        what: text::line(&what, 160),
        caller: text::line(&caller.unwrap_or_default(), 160),
        more: format!(
            "{} live; {} in {} over the run",
            format::counted(site.blocks_at_peak as usize, "block"),
            view::estimated(site.total, site.sampled.map(|s| s.total_error)),
            format::counted(site.allocations as usize, "allocation")
        ),
        frames: frames.collect(),
    }
}
