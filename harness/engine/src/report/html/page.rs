//! The page: what each part of it shows, as text that the template only has to place.

use askama::Template;
use thiserror::Error;

use super::super::plots::PlotError;
use super::super::words::heap::SHORT_LIVED;
use super::super::words::{self, Attributed, READING, attribution};
use super::super::{Report, VariantReport, Verdict, text};
use super::call_sites::{self, CallSites};
use super::charts::Charts;
use super::figures::{self, Comparison, Table};
use super::growth::{self, GrowthPage, QualityPage};
use super::heap_against::{HeapAgainst, heap_against};
use super::sessions::{self, Sessions};
use super::trials::{self, Trials};
use super::variants::{self, VariantPage};

/// Why the page could not be made.
#[derive(Debug, Error)]
pub enum HtmlError {
    /// A chart could not be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// The template could not be filled.
    #[error("cannot fill the page's template: {0}")]
    Template(#[from] askama::Error),
}

/// Renders a report as one self-contained HTML file.
///
/// # Errors
///
/// When a chart or the page cannot be made; neither depends on anything outside of the report.
pub fn html(report: &Report) -> Result<String, HtmlError> {
    let page = Page {
        title: text::line(&report.title(), 2 * text::LABEL),
        about: text::line(&report.about, text::SENTENCE),
        started: text::line(&words::moment(&report.started), text::LABEL),
        summary: report.extent(),
        tally: report.tally(),
        alarms: report
            .alarms()
            .map(|alarm| text::line(alarm, 1_000))
            .collect(),
        grave: report.grave(),
        verdicts: verdicts(report),
        sessions: report
            .comparison
            .iter()
            .flat_map(sessions::sessions)
            .collect(),
        charts: Charts::draw(report)?,
        comparison: Comparison::of(report),
        steps: figures::steps(report),
        reconciliation: figures::reconciliation(report),
        refused: figures::refused(report),
        attributed: attributed(report),
        attributed_reading: READING,
        instructions: figures::instructions(report),
        call_sites: call_sites::call_sites(report),
        growths: growth::pages(report)?,
        floors: figures::floor_searches(report),
        qualities: growth::qualities(report)?,
        heaps: heap_against(report),
        short_lived: SHORT_LIVED,
        histograms: figures::histograms(report),
        all_metrics: figures::all_metrics(report),
        variants: variants::pages(report)?,
        trials: trials::trials(report),
        machine: words::machine(report)
            .into_iter()
            .map(|(name, value)| (name, text::line(&value, text::SENTENCE)))
            .collect(),
        method: text::line(&report.method, 2_000),
        scenario_text: text::tail(&report.scenario_text, 1_000_000),
        scenario_digest: text::line(&report.scenario_digest, 100),
        command: text::line(&report.command, 4_000),
    };
    Ok(page.render()?)
}

/// Everything that the template places.
#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    title: String,
    about: String,
    started: String,
    summary: String,
    tally: String,
    alarms: Vec<String>,
    grave: bool,
    verdicts: Vec<VerdictRow>,
    sessions: Vec<Sessions>,
    charts: Charts,
    comparison: Comparison,
    steps: Option<Table>,
    reconciliation: Option<Table>,
    refused: Vec<(String, String)>,
    attributed: Vec<(String, Vec<Attributed>)>,
    attributed_reading: &'static str,
    instructions: Option<(String, Table)>,
    call_sites: Vec<CallSites>,
    growths: Vec<GrowthPage>,
    floors: Vec<(String, String, Table)>,
    qualities: Vec<QualityPage>,
    heaps: Vec<HeapAgainst>,
    short_lived: &'static str,
    histograms: Option<Table>,
    all_metrics: Table,
    variants: Vec<VariantPage>,
    trials: Trials,
    machine: Vec<(&'static str, String)>,
    method: String,
    scenario_text: String,
    scenario_digest: String,
    command: String,
}

struct VerdictRow {
    class: &'static str,
    word: String,
    target: String,
    evidence: String,
    reason: String,
    line: u64,
}

fn verdicts(report: &Report) -> Vec<VerdictRow> {
    let row = |verdict: &super::super::VerdictReport| VerdictRow {
        class: match verdict.verdict {
            _ if !verdict.gate => "noted",
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Absent => "absent",
        },
        word: verdict.verdict.to_string(),
        target: text::line(&verdict.target, text::SENTENCE),
        evidence: text::line(&verdict.evidence, text::SENTENCE),
        reason: text::line(
            verdict.reason.as_deref().unwrap_or_default(),
            text::SENTENCE,
        ),
        line: verdict.line,
    };
    report.verdicts.iter().map(row).collect()
}

/// By variant, what is behind the lines of its reconciliation; variants with nothing of it left out.
fn attributed(report: &Report) -> Vec<(String, Vec<Attributed>)> {
    let of_variant = |variant: &VariantReport| {
        let lines = attribution(variant);
        (!lines.is_empty()).then(|| (text::line(&variant.id, text::LABEL), lines))
    };
    report.variants.iter().filter_map(of_variant).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::sample;
    use super::*;

    #[test]
    fn a_report() {
        insta::assert_snapshot!(without_points(&html(&sample::report()).unwrap()));
    }

    /// The page without the many points of its lines, which would drown a snapshot.
    fn without_points(page: &str) -> String {
        let mut parts = page.split(" points=\"");
        let mut out = parts.next().unwrap().to_owned();
        for part in parts {
            let (points, rest) = part.split_once('"').unwrap();
            let number = points.split_whitespace().count();
            out.push_str(&format!(" points=\"({number})\"{rest}"));
        }
        out
    }

    #[test]
    fn nothing_is_fetched_and_nothing_is_run() {
        let page = html(&sample::report()).unwrap();
        assert!(page.contains("default-src 'none'"));
        for forbidden in [
            "<script",
            "src=",
            "@import",
            "url(",
            "http-equiv=\"refresh\"",
            "<link",
        ] {
            assert!(!page.contains(forbidden), "{forbidden} in the page");
        }
        let addresses = page.matches("http://").count() + page.matches("https://").count();
        let namespaces = page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count();
        assert_eq!(addresses, namespaces);
    }

    #[test]
    fn a_hostile_report_stays_text() {
        let report = sample::hostile();
        let page = html(&report).unwrap();
        let clean = html(&sample::report()).unwrap();
        assert!(!page.contains("<script"));
        assert!(!page.contains("<img"));
        assert!(!page.contains("javascript:alert(1)\""));
        assert!(
            !page
                .chars()
                .any(|c| c != '\n' && (c.is_control() || c == '\u{202e}'))
        );
        // No attack closes an element of ours: the page has as many of each as its tables say.
        for tag in ["</style>", "</main>", "</body>", "</html>"] {
            assert_eq!(
                page.matches(tag).count(),
                clean.matches(tag).count(),
                "{tag}"
            );
        }
        for tag in [
            "details", "title", "section", "table", "svg", "text", "ol", "article",
        ] {
            let open = page.matches(&format!("<{tag}>")).count()
                + page.matches(&format!("<{tag} ")).count();
            let close = page.matches(&format!("</{tag}>")).count();
            assert_eq!(open, close, "{tag}");
        }
        assert!(page.len() < 3_000_000, "{}", page.len());
    }

    #[test]
    fn a_debug_build_is_said_above_the_verdicts() {
        let mut report = sample::report();
        report.machine.debug_build = true;
        report
            .warnings
            .insert(0, "DEBUG BUILD: not comparable".into());
        let page = html(&report).unwrap();
        let alarm = page.find("DEBUG BUILD").unwrap();
        assert!(alarm < page.find("id=\"verdicts\"").unwrap());
        assert!(page.contains("alarms grave"));
    }

    #[test]
    fn a_report_with_nothing_measured_is_a_page() {
        let mut report = sample::report();
        report.verdicts.clear();
        report.sweeps.clear();
        report.trials.clear();
        for variant in &mut report.variants {
            variant.metrics.clear();
            variant.relative.clear();
            variant.digests.clear();
            variant.timeline = None;
            variant.reconciliation = None;
            variant.profile = None;
            variant.histograms.clear();
            variant.floor = None;
        }
        let page = html(&report).unwrap();
        assert!(page.contains("nothing is judged"));
        assert!(!page.contains("<svg"));
        report.variants.clear();
        assert!(html(&report).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_text_gets_a_script_into_a_page(text in "(<script>|</style>|</svg>|\"|'|&|[^a])*") {
            let mut report = sample::report();
            report.variants[0].id = text.clone();
            report.scenario = text.clone();
            report.scenario_text = text.clone();
            report.verdicts[0].target = text.clone();
            if let Some(timeline) = &mut report.variants[0].timeline {
                timeline.phases[2].name = text;
            }
            let page = html(&report).unwrap();
            prop_assert!(!page.contains("<script"));
            prop_assert_eq!(page.matches("</style>").count(), 1);
        }
    }
}
