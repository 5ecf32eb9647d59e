//! Reading `dhat-heap.json` (`dhatFileVersion` 2, the format of Valgrind's DHAT viewer), by dhat or
//! by [`write_sampled`](super::write_sampled), which says more in it.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::frame::{Frame, frame};
use crate::evidence::{CallSite, HeapProfile, SampledFigures};

/// A larger profile is refused: a few hundred bytes a call site make this millions of them.
const LARGEST: u64 = 1 << 30;
/// At most this many frames of a call site are shown, the innermost first.
const DEEPEST: usize = 40;

/// Why a heap profile could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HeapProfileError {
    /// The file cannot be opened or read.
    #[error(
        "cannot read the heap profile {path}: {source}; did the program end before it was written?"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is too large.
    #[error("the heap profile {0} is larger than 1 GiB; profile a smaller size")]
    TooLarge(PathBuf),
    /// The file is none of dhat's.
    #[error("{path} is no heap profile by dhat: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// The part of the file that is used.
#[derive(Deserialize)]
struct DhatFile {
    #[serde(rename = "dhatFileVersion")]
    version: u32,
    mode: String,
    #[serde(rename = "pps")]
    points: Vec<Point>,
    #[serde(rename = "ftbl")]
    frames: Vec<String>,
    #[serde(rename = "sampledEvery")]
    sampled_every: Option<u64>,
    /// When the run ended, in the unit of lifetimes.
    #[serde(rename = "te", default)]
    end: u64,
}

/// A program point: figures of one backtrace.
#[derive(Deserialize)]
struct Point {
    #[serde(rename = "tb")]
    total: u64,
    #[serde(rename = "tbk")]
    allocations: u64,
    /// The lifetimes of all its blocks together.
    #[serde(rename = "tl")]
    lifetimes: Option<u64>,
    #[serde(rename = "gb", default)]
    at_peak: u64,
    #[serde(rename = "gbk", default)]
    blocks_at_peak: u64,
    #[serde(rename = "fs")]
    frames: Vec<usize>,
    #[serde(default)]
    c: bool,
    sampled: Option<PointSampled>,
}

/// What a point of a sampled profile says besides: samples, and variances of `gb` and `tb`.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct PointSampled {
    pub(super) samples: u64,
    pub(super) gb_variance: f64,
    pub(super) tb_variance: f64,
}

impl PointSampled {
    fn add(&mut self, other: Self) {
        self.samples = self.samples.saturating_add(other.samples);
        self.gb_variance += other.gb_variance;
        self.tb_variance += other.tb_variance;
    }

    fn figures(self) -> SampledFigures {
        SampledFigures {
            samples: self.samples,
            at_peak_error: self.gb_variance.sqrt() as u64,
            total_error: self.tb_variance.sqrt() as u64,
        }
    }
}

/// Reads a profile, with all its call sites. Frames of the allocator, the runtime and the harness are left out,
/// repeated frames of a recursion are shown once, and sites that are then equal are one; the largest at the peak
/// come first.
///
/// # Errors
/// See [`HeapProfileError`].
pub fn read_heap_profile(path: &Path) -> Result<HeapProfile, HeapProfileError> {
    let unreadable = |source| HeapProfileError::Unreadable {
        path: path.to_path_buf(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() > LARGEST {
        return Err(HeapProfileError::TooLarge(path.to_path_buf()));
    }
    whole(BufReader::new(file.take(LARGEST))).map_err(|why| HeapProfileError::Malformed {
        path: path.to_path_buf(),
        why,
    })
}

pub(super) fn whole(text: impl Read) -> Result<HeapProfile, String> {
    let file: DhatFile = serde_json::from_reader(text).map_err(|error| error.to_string())?;
    if file.version != 2 {
        return Err(format!("its version is {}, not 2", file.version));
    }
    if !matches!(file.mode.as_str(), "rust-heap" | "heap") {
        return Err(format!(
            "its mode is `{}`, not that of a heap profile",
            file.mode
        ));
    }
    let frames: Vec<Frame> = file.frames.iter().map(|text| frame(text)).collect();
    let mut profile = HeapProfile {
        stripped: stripped(&frames),
        sampled_every: file.sampled_every,
        ..HeapProfile::default()
    };
    let mut all = PointSampled::default();
    let mut sites: HashMap<(Vec<&str>, bool), (CallSite, PointSampled)> = HashMap::new();
    for point in &file.points {
        let stack = stack(&point.frames, &frames)?;
        profile.at_peak = profile.at_peak.saturating_add(point.at_peak);
        profile.total = profile.total.saturating_add(point.total);
        profile.allocations = profile.allocations.saturating_add(point.allocations);
        let sampled = point.sampled.unwrap_or_default();
        all.add(sampled);
        let (site, of_site) = sites
            .entry((stack, point.c))
            .or_insert_with_key(|(stack, c)| {
                let site = CallSite {
                    frames: stack.iter().map(|&name| name.to_owned()).collect(),
                    c: *c,
                    ..CallSite::default()
                };
                (site, PointSampled::default())
            });
        of_site.add(sampled);
        site.at_peak = site.at_peak.saturating_add(point.at_peak);
        site.blocks_at_peak = site.blocks_at_peak.saturating_add(point.blocks_at_peak);
        site.total = site.total.saturating_add(point.total);
        site.allocations = site.allocations.saturating_add(point.allocations);
        if let Some(short_lived) = short_lived(point, &file) {
            let sum = site.short_lived.unwrap_or(0);
            site.short_lived = Some(sum.saturating_add(short_lived));
        }
    }
    let is_sampled = file.sampled_every.is_some();
    profile.sampled = is_sampled.then(|| all.figures());
    let sites = sites.into_values().map(|(site, sampled)| CallSite {
        sampled: is_sampled.then(|| sampled.figures()),
        ..site
    });
    profile.sites = largest_sites(sites.collect(), usize::MAX);
    Ok(profile)
}

/// How many of a point's blocks are sure to have lived for less than a hundredth of the run: by Markov's inequality, at
/// most as many lived longer as that time fits into all lifetimes together. None where lifetimes were not taken, or
/// the run was too short to tell.
fn short_lived(point: &Point, file: &DhatFile) -> Option<u64> {
    let long = (file.end / 100).checked_sub(1)? + 1;
    let lifetimes = point.lifetimes.filter(|_| file.sampled_every.is_none())?;
    Some(point.allocations.saturating_sub(lifetimes / long))
}

/// What is shown of a backtrace: the program's own frames, or all where it has none.
fn stack<'f>(indices: &[usize], frames: &'f [Frame]) -> Result<Vec<&'f str>, String> {
    let mut own = Vec::new();
    let mut all = Vec::new();
    for &index in indices {
        let frame = frames.get(index).ok_or_else(|| {
            format!(
                "a call site names frame {index}, and there are {}",
                frames.len()
            )
        })?;
        let (name, is_own) = match frame {
            Frame::Own(name) => (name.as_str(), true),
            Frame::Machinery(name) => (name.as_str(), false),
            Frame::Nameless => ("???", false),
        };
        for (list, wanted) in [(&mut own, is_own), (&mut all, true)] {
            if wanted && list.len() < DEEPEST && list.last() != Some(&name) {
                list.push(name);
            }
        }
    }
    Ok(if own.is_empty() { all } else { own })
}

/// Most frames of a binary with symbols have names.
fn stripped(frames: &[Frame]) -> bool {
    let nameless = frames
        .iter()
        .filter(|frame| **frame == Frame::Nameless)
        .count();
    // The first is `[root]`, which every profile has.
    let others = frames.len().saturating_sub(1);
    others > 0 && nameless > others / 2
}

/// The `top` sites by each figure: bytes at the peak, bytes and allocations over the run, short-lived ones. The
/// largest at the peak come first.
pub fn largest_sites(mut sites: Vec<CallSite>, top: usize) -> Vec<CallSite> {
    let figures: [fn(&CallSite) -> u64; 4] = [
        |site| site.at_peak,
        |site| site.total,
        |site| site.allocations,
        |site| site.short_lived.unwrap_or(0),
    ];
    // By frames too, so that the order does not depend on that of a hash table.
    sites.sort_unstable_by(|a, b| {
        let by_size = (b.at_peak, b.total).cmp(&(a.at_peak, a.total));
        by_size.then_with(|| (&a.frames, a.c).cmp(&(&b.frames, b.c)))
    });
    let mut kept = vec![false; sites.len()];
    for figure in figures {
        let mut places: Vec<usize> = (0..sites.len()).collect();
        places.sort_by_key(|place| (Reverse(figure(&sites[*place])), *place));
        places
            .into_iter()
            .take(top)
            .for_each(|place| kept[place] = true);
    }
    let mut kept = kept.into_iter();
    sites.retain(|_| kept.next().unwrap_or(false));
    sites
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = include_str!("../../../tests/data/dhat-heap.json");

    fn sample() -> HeapProfile {
        whole(SAMPLE.as_bytes()).unwrap()
    }

    #[test]
    fn totals_are_those_of_all_points() {
        let profile = sample();
        assert_eq!(
            (profile.at_peak, profile.total, profile.allocations),
            (4504, 83_614, 7317)
        );
        assert!(!profile.stripped);
    }

    #[test]
    fn call_sites_are_merged_and_shown_without_machinery() {
        let profile = sample();
        let told: Vec<_> = profile
            .sites
            .iter()
            .map(|site| {
                (
                    site.at_peak,
                    site.blocks_at_peak,
                    site.total,
                    site.allocations,
                    site.frames.join(" < "),
                )
            })
            .collect();
        let run = "demo::search::run (src/search.rs:12:5) < demo::main (src/main.rs:3:1)";
        assert_eq!(
            told,
            [
                (
                    3440,
                    4,
                    4550,
                    16,
                    format!("demo::queue::Queue::push (src/queue.rs:31:9) < demo::search::visit (src/search.rs:52:5) < {run}")
                ),
                (
                    1000,
                    7,
                    9000,
                    300,
                    format!("hashbrown::raw::RawTable<T,A>::reserve_rehash (raw/mod.rs:940:13) < demo::seen::Seen::insert (src/seen.rs:18:9) < {run}")
                ),
                (
                    64,
                    1,
                    64,
                    1,
                    "<plimsoll_workload::heap::allocator::Allocator as core::alloc::global::GlobalAlloc>::alloc (heap/allocator.rs:40:9) < alloc::alloc::alloc (src/alloc.rs:95:9) < std::rt::lang_start::{{closure}} (src/rt.rs:199:17) < main < __libc_start_call_main".to_owned()
                ),
                (
                    0,
                    0,
                    70_000,
                    7000,
                    format!("<demo::model::Name as core::clone::Clone>::clone (src/model.rs:7:10) < demo::search::visit (src/search.rs:58:9) < {run}")
                ),
            ]
        );
    }

    #[test]
    fn the_largest_by_any_figure_are_kept() {
        let kept = |top| -> Vec<_> {
            let sites = largest_sites(sample().sites, top);
            sites
                .iter()
                .map(|site| (site.at_peak, site.total))
                .collect()
        };
        assert_eq!(kept(1), [(3440, 4550), (0, 70_000)]);
        assert_eq!(kept(0), []);
        assert_eq!(kept(10).len(), 4);
    }

    #[test]
    fn allocations_that_cannot_have_lived_long_are_counted() {
        let short = |lifetimes: &str, rest: &str| {
            let point = format!(r#"{{"tb":1,"tbk":50,{lifetimes}"fs":[1]}}"#);
            let text = format!(
                r#"{{"dhatFileVersion":2,"mode":"heap","te":1000{rest},"pps":[{point},{point}],"ftbl":["[root]","demo::a"]}}"#
            );
            whole(text.as_bytes()).unwrap().sites[0].short_lived
        };
        // Ten units are a hundredth of the run: of 50 blocks that lived for 85 together at most 8 lived longer.
        assert_eq!(short(r#""tl":85,"#, ""), Some(84));
        assert_eq!(short(r#""tl":9,"#, ""), Some(100));
        assert_eq!(short(r#""tl":99999,"#, ""), Some(0));
        assert_eq!(short("", ""), None);
        assert_eq!(short(r#""tl":0,"#, r#","sampledEvery":512"#), None);
    }

    #[test]
    fn a_stripped_binary_is_noticed() {
        let text = r#"{"dhatFileVersion":2,"mode":"rust-heap","pps":[{"tb":1,"tbk":1,"fs":[1,2]}],
            "ftbl":["[root]","0x1: ???","0x2: ???"]}"#;
        let profile = whole(text.as_bytes()).unwrap();
        assert!(profile.stripped);
        assert_eq!(profile.sites[0].frames, ["???"]);
    }

    #[test]
    fn what_is_no_profile_says_why() {
        let message = |text: &str| whole(text.as_bytes()).unwrap_err();
        assert!(message("").contains("EOF"));
        assert!(message("[]").contains("invalid"), "{}", message("[]"));
        let file = |version: u32, mode: &str, frames: &str| {
            format!(
                r#"{{"dhatFileVersion":{version},"mode":"{mode}","pps":[{{"tb":1,"tbk":1,"fs":[{frames}]}}],"ftbl":["[root]"]}}"#
            )
        };
        assert_eq!(
            message(&file(3, "rust-heap", "0")),
            "its version is 3, not 2"
        );
        assert!(message(&file(2, "rust-ad-hoc", "0")).contains("rust-ad-hoc"));
        assert_eq!(
            message(&file(2, "heap", "0,9")),
            "a call site names frame 9, and there are 1"
        );
        assert!(message(&file(2, "heap", "-1")).contains("invalid value"));
        assert!(message(&"[".repeat(100_000)).contains("invalid"));
    }

    #[test]
    fn figures_beyond_all_measure_do_not_overflow() {
        let point = format!(
            r#"{{"tb":{0},"tbk":{0},"gb":{0},"gbk":{0},"fs":[0]}}"#,
            u64::MAX
        );
        let text = format!(
            r#"{{"dhatFileVersion":2,"mode":"heap","pps":[{point},{point}],"ftbl":["[root]"]}}"#
        );
        assert_eq!(whole(text.as_bytes()).unwrap().at_peak, u64::MAX);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read_heap_profile(Path::new("/nonexistent/dhat.json")).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/dhat.json"));
    }

    proptest! {
        #[test]
        fn cut_and_altered_profiles_do_not_panic(cut in 0..SAMPLE.len(), at in 0..SAMPLE.len(), byte: u8) {
            let mut text = SAMPLE.as_bytes()[..cut].to_vec();
            if let Some(place) = text.get_mut(at) {
                *place = byte;
            }
            let _ = whole(&text[..]);
        }

        #[test]
        fn the_selection_has_the_largest_by_every_figure(
            figures in prop::collection::vec((0u64..50, 0u64..50, 0u64..50), 0..60), top in 0usize..10,
        ) {
            let sites: Vec<_> = figures.iter().enumerate().map(|(n, &(at_peak, total, allocations))| CallSite {
                frames: vec![n.to_string()], at_peak, total, allocations,
                short_lived: Some(allocations / 2), ..CallSite::default()
            }).collect();
            let kept = largest_sites(sites.clone(), top);
            prop_assert!(kept.len() <= 4 * top);
            for figure in [
                |site: &CallSite| site.at_peak, |site: &CallSite| site.total,
                |site: &CallSite| site.allocations, |site: &CallSite| site.short_lived.unwrap_or(0),
            ] {
                let mut best: Vec<_> = sites.iter().map(figure).collect();
                let mut of_kept: Vec<_> = kept.iter().map(figure).collect();
                best.sort_unstable_by(|a, b| b.cmp(a));
                of_kept.sort_unstable_by(|a, b| b.cmp(a));
                best.truncate(top);
                prop_assert!(of_kept.starts_with(&best));
            }
        }
    }
}
