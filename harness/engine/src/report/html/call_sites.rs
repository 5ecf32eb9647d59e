//! The places that hold most of the heap at its peak, variant beside variant.

use super::super::plots::series_class;
use super::super::words::{self, heap};
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
    format!(
        "{} live at the peak, {} allocated in {} allocations over the run; {}",
        heap::at_peak(profile),
        words::estimated(profile.total, profile.sampled.map(|s| s.total_error)),
        format::count(profile.allocations as f64),
        heap::origin(profile)
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
    let share = heap::share(site, profile).clamp(0.0, 1.0);
    // What lies within the library is the same for every container; the program's own frames tell.
    let frames = words::own_frames(site).iter().take(FRAMES);
    let frames = frames.map(|frame| Frame {
        name: text::line(frame, 300),
        library: words::is_library(frame),
    });
    let (what, caller) = words::call_site(site);
    Site {
        bytes: heap::site_at_peak(site),
        share: format!("{}{}", format::percent(share), heap::side(site)),
        width: format!("{:.1}%", share * 100.0),
        what: text::line(&what, 160),
        caller: text::line(&caller.unwrap_or_default(), 160),
        more: format!(
            "{} live; {} in {} over the run",
            format::counted(site.blocks_at_peak as usize, "block"),
            words::estimated(site.total, site.sampled.map(|s| s.total_error)),
            format::counted(site.allocations as usize, "allocation")
        ),
        frames: frames.collect(),
    }
}
