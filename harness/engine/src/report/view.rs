//! What all renderers say in the same words: a metric's one figure, who equals whom, the headline.

use super::{Metric, MetricValue, Report, TrialSummary, VariantReport, Verdict};
use super::{format, text};
use crate::evidence::{Aggregate, CallSite, CapsKind, HeapProfile, Outcome};
use plimsoll_workload::Better;

/// Said above everything where the user cut the session short.
pub(crate) const INTERRUPTED: &str =
    "INTERRUPTED: the session was cut short; what had been measured by then is shown.";

/// What stands in a cell without a figure.
pub(crate) const NOTHING: &str = "-";

impl MetricValue {
    /// The one figure that stands for all trials: the median, or the trial that binds.
    pub fn figure(&self) -> f64 {
        match (self.aggregate, self.better) {
            (Aggregate::Median, _) | (Aggregate::Worst, Better::Neither) => self.median,
            (Aggregate::Worst, Better::Lower) => self.max,
            (Aggregate::Worst, Better::Higher) => self.min,
        }
    }

    /// [`MetricValue::figure`] in words.
    pub(crate) fn figure_text(&self) -> String {
        format::value(self.unit, self.figure())
    }
}

impl VariantReport {
    /// A metric's values, unless it could not be had.
    pub fn metric(&self, name: &str) -> Option<&MetricValue> {
        match self.metrics.get(name) {
            Some(Metric::Value(value)) => Some(value),
            Some(Metric::Absent { .. }) | None => None,
        }
    }

    /// A metric's one figure in words, or a dash.
    pub(crate) fn figure_text(&self, name: &str) -> String {
        self.metric(name)
            .map_or_else(|| NOTHING.to_owned(), MetricValue::figure_text)
    }

    /// A metric's ratio to the baseline in words.
    pub(crate) fn ratio_text(&self, name: &str) -> Option<String> {
        self.relative.get(name).map(|r| format::ratio(r.ratio))
    }
}

impl Report {
    /// The variant that others are held against.
    pub fn baseline(&self) -> Option<&VariantReport> {
        self.variants.iter().find(|variant| variant.baseline)
    }

    /// Scenario and size: `ortho, size full`.
    pub(crate) fn title(&self) -> String {
        match &self.part {
            Some(part) => format!("{}, size {}, {part}", self.scenario, self.size),
            None => format!("{}, size {}", self.scenario, self.size),
        }
    }

    /// The size and the part, as the report's directory has them.
    pub(crate) fn size_and_part(&self) -> String {
        match &self.part {
            Some(part) => format!("{}.{part}", self.size),
            None => self.size.clone(),
        }
    }

    /// Everything that must be said before any figure, the gravest first.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = &str> {
        let interrupted = self.interrupted.then_some(INTERRUPTED);
        let warnings = self.warnings.iter().map(String::as_str);
        interrupted.into_iter().chain(warnings)
    }

    /// Whether the figures are not to be compared with any other, or not all there.
    pub(crate) fn grave(&self) -> bool {
        self.machine.debug_build || self.interrupted
    }

    /// How many targets got which verdict: `5 pass, 1 fail, 1 inconclusive, 2 for information`.
    pub(crate) fn tally(&self) -> String {
        if self.verdicts.is_empty() {
            return "no targets".into();
        }
        let order = [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::Inconclusive,
            Verdict::Absent,
        ];
        let parts = order.into_iter().filter_map(|verdict| {
            let gates = self.verdicts.iter().filter(|v| v.gate);
            let number = gates.filter(|v| v.verdict == verdict).count();
            (number > 0).then(|| format!("{number} {verdict}"))
        });
        let others = self.verdicts.iter().filter(|v| !v.gate).count();
        let others = (others > 0).then(|| format!("{others} for information"));
        parts.chain(others).collect::<Vec<_>>().join(", ")
    }

    /// Whether the outputs of all of a variant's completed trials were proved.
    pub(crate) fn verified(&self, variant: &VariantReport) -> bool {
        let mut trials = self.trials.iter().filter(|trial| {
            trial.head.variant == variant.id && trial.head.outcome == Outcome::Completed
        });
        let proved =
            |trial: &TrialSummary| trial.head.verification.is_some_and(|proof| proof.verified);
        trials.next().is_some_and(proved) && trials.all(proved)
    }

    /// How a variant's output compares with the baseline's, or where there is none, with that of
    /// the first variant that has a digest.
    pub(crate) fn sameness(&self, variant: &VariantReport) -> Sameness {
        let with_digests = || self.variants.iter().filter(|v| !v.digests.is_empty());
        let reference = with_digests()
            .find(|v| v.baseline)
            .or_else(|| with_digests().next());
        let Some(reference) = reference else {
            return Sameness::Unknown;
        };
        if reference.id == variant.id {
            return Sameness::Reference;
        }
        if matches!((&reference.inputs, &variant.inputs), (Some(a), Some(b)) if a != b) {
            return Sameness::OtherInputs;
        }
        let common = reference
            .digests
            .iter()
            .filter_map(|(name, value)| Some((name, value == variant.digests.get(name)?)));
        let (same, others): (Vec<_>, Vec<_>) = common.partition(|(_, same)| *same);
        match (same.is_empty(), others.is_empty()) {
            (true, true) => Sameness::Unknown,
            (false, true) => Sameness::Same,
            (true, false) => Sameness::Differs,
            (false, false) => {
                Sameness::DiffersIn(others.into_iter().map(|(name, _)| name.clone()).collect())
            }
        }
    }
}

/// How a variant's digests compare with the reference's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sameness {
    /// It is the one that others are compared with.
    Reference,
    /// Every digest that both have is equal.
    Same,
    /// None that both have is equal.
    Differs,
    /// These are not equal, and others are.
    DiffersIn(Vec<String>),
    /// They are of other inputs.
    OtherInputs,
    /// There is nothing to compare.
    Unknown,
}

impl Sameness {
    /// The word for a table's cell.
    pub(crate) fn word(&self) -> String {
        match self {
            Sameness::Reference => "reference".to_owned(),
            Sameness::Same => "same".to_owned(),
            Sameness::Differs => "differs".to_owned(),
            Sameness::DiffersIn(names) => {
                let names: Vec<String> = names.iter().map(|name| text::line(name, 14)).collect();
                format!("differs in {}", names.join(", "))
            }
            Sameness::OtherInputs => "other inputs".to_owned(),
            Sameness::Unknown => NOTHING.to_owned(),
        }
    }
}

/// What a call site is called: the innermost frame that is the program's own, and its caller,
/// without their generic arguments.
pub(crate) fn call_site(site: &CallSite) -> (String, Option<String>) {
    let mut frames = own_frames(site).iter();
    let own = frames.next().map(|frame| without_generics(frame));
    let caller = frames.next().map(|frame| without_generics(frame));
    (own.unwrap_or_else(|| "(no frames)".into()), caller)
}

/// Bytes, with their standard error where they are an estimate: `412 MiB ± 14.1 MiB`.
pub(crate) fn estimated(bytes: u64, error: Option<u64>) -> String {
    let bytes = format::bytes(bytes as f64);
    match error {
        Some(error) => format!("{bytes} ± {}", format::bytes(error as f64)),
        None => bytes,
    }
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

/// The frames of a call site from the innermost that is the program's own; all where none is.
pub(crate) fn own_frames(site: &CallSite) -> &[String] {
    let own = site.frames.iter().position(|frame| !is_library(frame));
    &site.frames[own.unwrap_or(0)..]
}

/// Who allocates at a call site, and who calls that: as [`call_site`], by function alone.
pub(crate) fn site_functions(site: &CallSite) -> (String, Option<String>) {
    let name = |called: &str| function(called);
    let (own, caller) = call_site(site);
    (name(&own), caller.as_deref().map(name))
}

/// A frame's function without its place in the source and its generic arguments: lines move, and variants differ
/// in types.
pub(crate) fn function(frame: &str) -> String {
    let name = match frame.rsplit_once(" (") {
        Some((name, place)) if place.ends_with(')') => name,
        _ => frame,
    };
    // Of `a::<impl b>::c` the middle is gone.
    without_generics(name).replace("::::", "::")
}

/// `insert<K, V> (src/map.rs:1:2)` as `insert (src/map.rs:1:2)`. What begins with a bracket
/// (`<T as Trait>::call`) would lose its meaning, and stays.
fn without_generics(frame: &str) -> String {
    let mut depth = 0u32;
    let mut out = String::new();
    for c in frame.chars() {
        match c {
            '<' if !out.is_empty() || depth > 0 => depth += 1,
            '>' if depth > 0 && !out.ends_with('-') => depth -= 1,
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    if depth == 0 { out } else { frame.to_owned() }
}

/// True for frames of the standard library, of containers and of the allocator, which say how but
/// not why. Frames with a path are told by it; those without, by the last two parts of their file.
pub(crate) fn is_library(frame: &str) -> bool {
    const CRATES: [&str; 5] = ["alloc::", "core::", "std::", "hashbrown::", "smallvec::"];
    const FOLDERS: [&str; 11] = [
        "alloc",
        "collections",
        "hash",
        "iter",
        "adapters",
        "ops",
        "raw",
        "raw_vec",
        "slice",
        "traits",
        "vec",
    ];
    const FILES: [&str; 14] = [
        "src/alloc.rs",
        "src/boxed.rs",
        "src/lib.rs",
        "src/map.rs",
        "src/rc.rs",
        "src/rt.rs",
        "src/set.rs",
        "src/slice.rs",
        "src/string.rs",
        "src/sync.rs",
        "src/table.rs",
        "src/vec.rs",
        "src/raw_vec.rs",
        "heap/allocator.rs",
    ];
    let path = frame.trim_start_matches('<');
    if CRATES.iter().any(|name| path.starts_with(name)) {
        return true;
    }
    let Some((_, place)) = frame.rsplit_once(" (") else {
        return false;
    };
    let file = place.split(':').next().unwrap_or_default();
    let folder = file.split('/').next().unwrap_or_default();
    FILES.contains(&file) || FOLDERS.contains(&folder)
}

/// A moment as people read it: `2026-11-21 15:20:00 UTC` of RFC 3339 in UTC; another text as it is.
pub(crate) fn moment(rfc3339: &str) -> String {
    let whole = rfc3339.get(..19).zip(rfc3339.ends_with('Z').then_some(()));
    match whole.and_then(|(whole, ())| whole.split_once('T')) {
        Some((date, time)) => format!("{date} {time} UTC"),
        None => rfc3339.to_owned(),
    }
}

/// A quantile's name without its `p`: `50`, `99.9`.
pub(crate) fn quantile(q: f64) -> String {
    let percent = (q * 1e6).round() / 1e4;
    format!("{percent}")
}

/// The machine as name and value, in the order of a table.
pub(crate) fn machine(report: &Report) -> Vec<(&'static str, String)> {
    let machine = &report.machine;
    let caps = match machine.caps {
        CapsKind::CgroupV2 => "cgroup v2",
        CapsKind::CgroupV1 => "cgroup v1",
        CapsKind::Sampled => "by sampling: the kernel enforces none here",
    };
    let build = if machine.debug_build {
        "debug"
    } else {
        "release"
    };
    vec![
        (
            "processor",
            format!(
                "{}, {}",
                machine.cpu,
                format::counted(machine.cores as usize, "core")
            ),
        ),
        (
            "memory",
            format!(
                "{}, of it {} available at the start",
                format::bytes(machine.memory as f64),
                format::bytes(machine.available as f64)
            ),
        ),
        ("swap", format::bytes(machine.swap as f64)),
        (
            "system",
            format!("{}, Linux {} {}", machine.os, machine.kernel, machine.arch),
        ),
        (
            "governor",
            machine
                .governor
                .clone()
                .unwrap_or_else(|| "not readable".into()),
        ),
        ("load at the start", format!("{:.2}", machine.load)),
        ("memory caps", caps.into()),
        (
            "harness",
            format!("plimsoll {}, {build} build", machine.plimsoll),
        ),
        ("fingerprint", machine.fingerprint.clone()),
        (
            "started",
            format!(
                "{}, took {}",
                moment(&report.started),
                format::seconds(report.elapsed)
            ),
        ),
        ("seed of the order", report.seed.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn outputs_are_compared_by_common_digests() {
        let mut report = sample::report();
        let words = |report: &Report| -> Vec<String> {
            report
                .variants
                .iter()
                .map(|v| report.sameness(v).word())
                .collect()
        };
        assert_eq!(words(&report), ["reference", "-", "same", "same"]);
        report.variants[2]
            .digests
            .insert("orthos".into(), "sum64:0".into());
        assert_eq!(words(&report), ["reference", "-", "differs", "same"]);
        for variant in &mut report.variants[2..] {
            variant.digests.insert("file".into(), "blake3:1".into());
        }
        report.variants[0]
            .digests
            .insert("file".into(), "blake3:1".into());
        assert_eq!(
            words(&report),
            ["reference", "-", "differs in orthos", "same"]
        );
        for variant in &mut report.variants {
            variant.digests.remove("file");
        }
        for (variant, inputs) in [(0, "small"), (2, "large"), (3, "small")] {
            report.variants[variant].inputs = Some(inputs.into());
        }
        assert_eq!(words(&report), ["reference", "-", "other inputs", "same"]);
        report.variants[2].inputs = None;
        report.variants[0].digests.clear();
        assert_eq!(words(&report), ["-", "-", "reference", "differs"]);
    }

    #[test]
    fn call_sites_are_named_by_the_program_s_own_frames() {
        let site = CallSite {
            frames: vec![
                "alloc (src/alloc.rs:95:9)".into(),
                "reserve_rehash<(u64, Ortho), Global> (raw/mod.rs:1013:24)".into(),
                "insert<u64, fn(u64) -> u64> (hash/map.rs:1296:19)".into(),
                "insert (fifo/frontier.rs:65:30)".into(),
                "search_text<Queue<u8>, Kept> (fifo/search.rs:89:22)".into(),
            ],
            at_peak: 1,
            ..CallSite::default()
        };
        let (own, caller) = call_site(&site);
        assert_eq!(own, "insert (fifo/frontier.rs:65:30)");
        assert_eq!(
            caller.as_deref(),
            Some("search_text (fifo/search.rs:89:22)")
        );
        assert_eq!(without_generics("<T as U>::call"), "<T as U>::call");
        assert_eq!(without_generics("broken<T"), "broken<T");
    }

    #[test]
    fn moments_are_without_fractions() {
        assert_eq!(
            moment("2026-11-21T16:13:08.13559192Z"),
            "2026-11-21 16:13:08 UTC"
        );
        assert_eq!(moment("2026-11-21T15:20:00Z"), "2026-11-21 15:20:00 UTC");
        assert_eq!(moment("yesterday"), "yesterday");
    }

    #[test]
    fn the_figure_is_the_trial_that_binds() {
        let report = sample::report();
        let depth_first = &report.variants[3];
        let peak = depth_first.metric("peak_rss").unwrap();
        assert_eq!(peak.figure(), peak.max);
        let wall = depth_first.metric("wall").unwrap();
        assert_eq!(wall.figure(), wall.median);
        assert_eq!(depth_first.figure_text("peak_cgroup"), "-");
    }

    #[test]
    fn the_gravest_is_said_first() {
        let mut report = sample::report();
        report.interrupted = true;
        assert_eq!(report.alarms().next(), Some(INTERRUPTED));
        assert!(report.grave());
        assert_eq!(report.tally(), "5 pass, 1 fail, 1 inconclusive, 1 absent");
    }
}
