//! The report as Markdown, small enough for a pull request comment.

use std::fmt::Write as _;

use super::attribution::attribution;
use super::comparison;
use super::floor_text::{COLUMNS, attempts, floors};
use super::heap_words;
use super::terminal::in_short;
use super::view::{self, NOTHING};
use super::{HeapDifference, Report, VariantReport, Verdict, format, steps, text};
use crate::analyze::heap_difference;
use crate::evidence::{CallSite, HeapProfile, Outcome};

/// A comment on GitHub holds 65,536 characters; half of that leaves room for company.
const BUDGET: usize = 32_000;
/// What a table may take of it.
const TABLE_BUDGET: usize = 10_000;
/// Longest text in a cell.
const CELL: usize = 200;

/// Renders a report as GitHub-flavoured Markdown of at most 32,000 characters: alarms, verdicts,
/// variants, then collapsible details as far as there is room.
pub fn markdown(report: &Report) -> String {
    let mut out = Document::default();
    let title = escape(&report.title(), CELL);
    out.push(&format!("### {title}: {}\n\n", report.tally()));
    if !report.about.trim().is_empty() {
        out.push(&format!("{}\n\n", escape(&report.about, text::SENTENCE)));
    }
    out.push(&alarms(report));
    out.push(&verdicts(report));
    if let Some(comparison) = &report.comparison {
        out.push(&comparison::section(comparison));
    }
    out.push(&variants(report));
    out.push(&endings(report));
    out.section("Steps", &steps(report));
    out.section("Where the memory is at the peak", &reconciliation(report));
    out.section("Instructions", &instructions(report));
    out.section("How it grows", &growth(report));
    out.section(
        "Floor: the smallest memory cap that is enough",
        &floor_tables(report),
    );
    out.section("At equal quality", &at_equal_quality(report));
    out.section("Top call sites at the heap's peak", &call_sites(report));
    out.section("Heap against the baseline", &heaps(report));
    out.section("Histograms", &histograms(report));
    out.section("Standard error of what did not complete", &stderr(report));
    out.section("Machine and method", &machine(report));
    out.section("Run it again", &again(report));
    out.finish()
}

/// The text, and what had to be left out of it.
#[derive(Default)]
struct Document {
    text: String,
    left_out: Vec<&'static str>,
}

impl Document {
    fn push(&mut self, part: &str) {
        self.text.push_str(part);
    }

    /// A collapsed part, where there is anything in it and room for it.
    fn section(&mut self, title: &'static str, body: &str) {
        if body.is_empty() {
            return;
        }
        let section = format!("<details><summary>{title}</summary>\n\n{body}\n</details>\n\n");
        if self.text.chars().count() + section.chars().count() > BUDGET - 500 {
            self.left_out.push(title);
        } else {
            self.text.push_str(&section);
        }
    }

    fn finish(mut self) -> String {
        if !self.left_out.is_empty() {
            let _ = writeln!(
                self.text,
                "_Left out here for length, and in `report.html`: {}._",
                self.left_out.join("; ")
            );
        }
        self.text
    }
}

/// A table with a head; rows beyond the budget are counted instead of shown. Cells are Markdown.
pub(super) fn table(head: &[&str], right: &[usize], rows: &[Vec<String>]) -> String {
    let mut out = format!("| {} |\n|", head.join(" | "));
    for column in 0..head.len() {
        out.push_str(if right.contains(&column) {
            " ---: |"
        } else {
            " --- |"
        });
    }
    out.push('\n');
    let mut used = 0;
    for (shown, row) in rows.iter().enumerate() {
        let row = format!("| {} |\n", row.join(" | "));
        used += row.chars().count();
        if used > TABLE_BUDGET {
            let more = format::counted(rows.len() - shown, "row");
            let _ = write!(out, "\n_{more} more in `report.html`._\n");
            break;
        }
        out.push_str(&row);
    }
    out.push('\n');
    out
}

fn alarms(report: &Report) -> String {
    let mut out = String::new();
    for alarm in report.alarms().take(20) {
        let _ = writeln!(out, "> - {}", escape(alarm, text::SENTENCE));
    }
    if out.is_empty() {
        return out;
    }
    format!("> [!WARNING]\n{out}\n")
}

fn verdicts(report: &Report) -> String {
    if report.verdicts.is_empty() {
        return "No targets: nothing is judged.\n\n".into();
    }
    let rows: Vec<Vec<String>> = report
        .verdicts
        .iter()
        .map(|verdict| {
            let mark = match verdict.verdict {
                other if !verdict.gate => &format!("ℹ️ {other}"),
                Verdict::Pass => "✅ pass",
                Verdict::Fail => "❌ **fail**",
                Verdict::Inconclusive => "❔ inconclusive",
                Verdict::Absent => "➖ absent",
            };
            let mut evidence = escape(&verdict.evidence, CELL);
            if let Some(reason) = &verdict.reason {
                let _ = write!(evidence, "<br>{}", escape(reason, CELL));
            }
            vec![mark.into(), escape(&verdict.target, CELL), evidence]
        })
        .collect();
    table(&["verdict", "target", "evidence"], &[], &rows)
}

fn variants(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report
        .variants
        .iter()
        .map(|variant| {
            let mut name = format!("**{}**", escape(&variant.id, text::LABEL));
            if variant.baseline {
                name.push_str(" (baseline)");
            }
            let with_ratio = |metric: &str| {
                let figure = variant.figure_text(metric);
                match variant.ratio_text(metric) {
                    Some(ratio) => format!("{figure} ({ratio})"),
                    None => figure,
                }
            };
            let mut output = report.sameness(variant).word();
            if report.verified(variant) {
                output.push_str(", verified");
            }
            vec![
                name,
                variant.outcome.to_string(),
                with_ratio("wall"),
                with_ratio("cpu"),
                with_ratio("peak_rss"),
                variant.figure_text("heap_peak"),
                variant.figure_text("heap_peak_c"),
                output,
            ]
        })
        .collect();
    let head = [
        "variant",
        "outcome",
        "wall",
        "cpu",
        "peak RSS",
        "heap peak",
        "of it C",
        "output",
    ];
    let note = "wall and cpu: median; peaks: the worst trial; x: times the baseline's.";
    format!(
        "{}<sub>{note}</sub>\n\n",
        table(&head, &[2, 3, 4, 5, 6], &rows)
    )
}

fn endings(report: &Report) -> String {
    let mut out = String::new();
    let ended = report.variants.iter();
    for variant in ended.filter(|v| v.outcome != Outcome::Completed).take(20) {
        let id = escape(&variant.id, text::LABEL);
        let _ = writeln!(out, "- **{id}** {}", escape(&variant.diagnosis, CELL));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn steps(report: &Report) -> String {
    let rows = steps::rows(report).into_iter().map(|row| {
        let names = [row.variant, row.step].map(|name| escape(&name, text::LABEL));
        names.into_iter().chain(row.figures).collect()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let head: Vec<&str> = ["variant", "step"]
        .into_iter()
        .chain(steps::columns(report))
        .collect();
    table(&head, &[2, 3, 4, 5], &rows)
}

fn instructions(report: &Report) -> String {
    let Some((title, rows)) = report.instructions() else {
        return String::new();
    };
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            let id = escape(&row.id, text::LABEL);
            vec![
                format!("**{id}**"),
                row.count,
                row.difference,
                escape(&row.said, CELL),
            ]
        })
        .collect();
    let head = ["variant", "instructions", "to the baseline", ""];
    format!("{title}\n\n{}", table(&head, &[1, 2], &rows))
}

fn reconciliation(report: &Report) -> String {
    let mut out = String::new();
    for variant in &report.variants {
        if let Some(reconciliation) = &variant.reconciliation {
            let id = escape(&variant.id, text::LABEL);
            let said = escape(&in_short(reconciliation), text::SENTENCE);
            let _ = writeln!(out, "- **{id}**: {said}");
            attributed(&mut out, variant);
        }
    }
    out
}

fn at_equal_quality(report: &Report) -> String {
    let mut out = String::new();
    for sweep in report.sweeps.iter().filter(|sweep| sweep.quality.is_some()) {
        for (id, said) in sweep.at_equal_quality() {
            let (id, said) = (escape(id, text::LABEL), escape(&said, text::SENTENCE));
            let _ = writeln!(out, "- **{id}** {said}");
        }
    }
    out
}

fn growth(report: &Report) -> String {
    let mut out = String::new();
    for sweep in &report.sweeps {
        let parameter = escape(&sweep.parameter, text::LABEL);
        for (id, said) in sweep.told() {
            let (id, said) = (escape(id, text::LABEL), escape(&said, text::SENTENCE));
            let _ = writeln!(out, "- **{id}** over {parameter}: {said}");
        }
    }
    out
}

fn floor_tables(report: &Report) -> String {
    let mut out = String::new();
    for (_, variant, floor) in floors(report) {
        let id = escape(&variant.id, text::LABEL);
        let said = escape(&floor.in_short(), text::SENTENCE);
        let rows: Vec<Vec<String>> = attempts(floor).into_iter().map(Vec::from).collect();
        let _ = write!(out, "**{id}**: {said}\n\n");
        if !rows.is_empty() {
            out.push_str(&table(&COLUMNS, &[0, 2, 3, 4], &rows));
        }
    }
    out
}

fn attributed(out: &mut String, variant: &VariantReport) {
    for line in attribution(variant) {
        let of = escape(&line.line, text::LABEL);
        let _ = writeln!(
            out,
            "  - {of}; the largest call sites of that heap at its peak:"
        );
        for site in line.sites.into_iter().take(3) {
            let outside = site.outside.map_or_else(String::new, |outside| {
                format!(", at least {outside} of it outside the ledger")
            });
            let what = code(&site.what, CELL);
            let _ = writeln!(out, "    - {}{outside}: {what}", site.held);
        }
    }
}

fn call_sites(report: &Report) -> String {
    let mut out = String::new();
    for variant in &report.variants {
        let Some(profile) = &variant.profile else {
            continue;
        };
        let rows: Vec<Vec<String>> = profile
            .sites
            .iter()
            .take(5)
            .map(|site| {
                let share = site.at_peak as f64 / profile.at_peak.max(1) as f64;
                let error = site.sampled.map(|sampled| sampled.at_peak_error);
                let side = if site.c { ", by C's malloc" } else { "" };
                vec![
                    view::estimated(site.at_peak, error),
                    format::percent(share),
                    format!("{}{side}", call_site(site)),
                ]
            })
            .collect();
        let _ = write!(out, "{}\n\n", profile_head(variant, profile));
        if !rows.is_empty() {
            out.push_str(&table(
                &["at the peak", "share", "call site"],
                &[0, 1],
                &rows,
            ));
        }
    }
    out
}

fn call_site(site: &CallSite) -> String {
    let (own, caller) = view::call_site(site);
    let caller = caller.map(|caller| format!(" from {}", code(&caller, CELL)));
    format!("{}{}", code(&own, CELL), caller.unwrap_or_default())
}

fn profile_head(variant: &VariantReport, profile: &HeapProfile) -> String {
    let stripped = if profile.stripped {
        "; the binary is stripped, so call sites have no names"
    } else {
        ""
    };
    let error = profile.sampled.map(|sampled| sampled.at_peak_error);
    format!(
        "**{}**: {} at the heap's peak, {}{stripped}",
        escape(&variant.id, text::LABEL),
        view::estimated(profile.at_peak, error),
        escape(&view::origin(profile), text::SENTENCE),
    )
}

/// Call sites shown of a variant's heap against the baseline's.
const HEAP_SITES: usize = 8;

fn heaps(report: &Report) -> String {
    let mut out = String::new();
    let Some(old) = report
        .baseline()
        .and_then(|baseline| baseline.profile.as_ref())
    else {
        return out;
    };
    for variant in report.variants.iter().filter(|variant| !variant.baseline) {
        let Some(new) = &variant.profile else {
            continue;
        };
        let difference = heap_difference(old, new);
        let id = escape(&variant.id, text::LABEL);
        let head = escape(&heap_words::head(&difference), text::SENTENCE);
        let _ = write!(out, "**{id}**: {head}\n\n{}", heap_table(&difference));
    }
    if !out.is_empty() {
        let _ = writeln!(out, "<sub>{}</sub>", heap_words::SHORT_LIVED);
    }
    out
}

/// The call sites that changed the most, and all others together.
pub(super) fn heap_table(difference: &HeapDifference) -> String {
    let mut out = String::new();
    for note in &difference.notes {
        let _ = writeln!(out, "- {}", escape(note, text::SENTENCE));
    }
    if !difference.notes.is_empty() {
        out.push('\n');
    }
    let shown = difference.sites.iter().take(HEAP_SITES);
    let rows: Vec<Vec<String>> = shown
        .map(|site| {
            let word = match heap_words::matched(site.matched) {
                "" => String::new(),
                word => format!(" ({word})"),
            };
            let mut row = vec![format!("{}{word}", code(&heap_words::place(site), CELL))];
            row.extend(heap_words::changes(site.old, site.new));
            row
        })
        .collect();
    let mut head = vec!["call site"];
    head.extend(heap_words::FIGURES);
    out.push_str(&table(&head, &[1, 2, 3, 4], &rows));
    out
}

fn histograms(report: &Report) -> String {
    let mut rows = Vec::new();
    for variant in &report.variants {
        for histogram in &variant.histograms {
            let quantiles: Vec<String> = histogram
                .quantiles
                .iter()
                .map(|&(q, v)| {
                    format!(
                        "p{} {}",
                        view::quantile(q),
                        format::value(histogram.unit, v)
                    )
                })
                .collect();
            rows.push(vec![
                escape(&variant.id, text::LABEL),
                escape(&histogram.name, text::LABEL),
                format::count(histogram.count as f64),
                quantiles.join(", "),
                format::value(histogram.unit, histogram.max),
            ]);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    table(
        &["variant", "histogram", "values", "quantiles", "max"],
        &[2, 4],
        &rows,
    )
}

fn stderr(report: &Report) -> String {
    let mut out = String::new();
    for variant in &report.variants {
        let tail = variant.stderr_tail.as_deref().unwrap_or_default();
        let tail = text::tail(tail, 2_000);
        if !tail.is_empty() {
            let id = escape(&variant.id, text::LABEL);
            let _ = write!(out, "**{id}**\n\n{}\n", fence("", &tail));
        }
    }
    out
}

fn machine(report: &Report) -> String {
    let mut out = String::new();
    for (name, value) in view::machine(report) {
        let _ = writeln!(out, "- {name}: {}", escape(&value, CELL));
    }
    let _ = writeln!(out, "- method: {}", escape(&report.method, text::SENTENCE));
    out
}

fn again(report: &Report) -> String {
    let mut out = fence("sh", &text::line(&report.command, 2_000));
    if !report.scenario_text.is_empty() {
        let scenario = text::whole(&report.scenario_text);
        if scenario.chars().count() <= 8_000 {
            let _ = write!(
                out,
                "\nwhere the scenario is\n\n{}",
                fence("yaml", &scenario)
            );
        } else {
            out.push_str("\nThe scenario's text is in `report.html`.\n");
        }
    }
    out
}

/// A code block whose fence is longer than any run of backticks in it.
fn fence(language: &str, body: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in body.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat((longest + 1).max(3));
    format!(
        "{fence}{language}\n{}\n{fence}\n",
        body.trim_end_matches('\n')
    )
}

/// Inline code that survives tables: HTML's, since a backtick cannot be escaped within backticks.
fn code(text: &str, max: usize) -> String {
    let text = text::line(text, max);
    if text.is_empty() {
        return NOTHING.into();
    }
    format!("<code>{}</code>", escape_line(&text))
}

/// One line of foreign text in which no character means anything to Markdown or HTML, and which
/// notifies nobody.
pub(crate) fn escape(text: &str, max: usize) -> String {
    escape_line(&text::line(text, max))
}

fn escape_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // An empty comment between the sign and the name keeps a mention from being one.
            '@' => out.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample;
    use super::*;

    #[test]
    fn a_report() {
        insta::assert_snapshot!(markdown(&sample::report()));
    }

    #[test]
    fn a_hostile_report_stays_in_its_cells() {
        let shown = markdown(&sample::hostile());
        assert!(shown.chars().count() < BUDGET, "{}", shown.chars().count());
        let outside = outside_fences(&shown);
        assert!(!outside.contains("<script"), "{outside}");
        assert!(!outside.contains("<img"));
        assert!(!outside.contains("@everyone"));
        assert!(!outside.contains("\n# head"));
        assert!(!shown.chars().any(|c| c != '\n' && c.is_control()));
        let verdicts = outside
            .lines()
            .filter(|l| l.starts_with("| ") && l.contains("alert"));
        for row in verdicts {
            assert!(unescaped_pipes(row) <= 9, "{row}");
        }
    }

    #[test]
    fn a_debug_build_is_said_at_the_top() {
        let mut report = sample::report();
        report.machine.debug_build = true;
        report
            .warnings
            .insert(0, "DEBUG BUILD: not comparable".into());
        let shown = markdown(&report);
        let alarm = shown.find("DEBUG BUILD").unwrap();
        assert!(alarm < shown.find("| verdict |").unwrap());
    }

    #[test]
    fn hundreds_of_targets_fit_a_comment() {
        let mut report = sample::report();
        let verdicts = report.verdicts.clone();
        for _ in 0..100 {
            report.verdicts.extend(verdicts.clone());
        }
        let variants = report.variants.clone();
        for _ in 0..50 {
            report.variants.extend(variants.clone());
        }
        let shown = markdown(&report);
        assert!(shown.chars().count() < BUDGET);
        assert!(shown.contains("rows more in `report.html`"));
        assert!(shown.contains("Left out here for length"));
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("", "a\n````\nb"), "`````\na\n````\nb\n`````\n");
    }

    fn unescaped_pipes(row: &str) -> usize {
        let mut escaped = false;
        let pipes = row.chars().filter(|&c| {
            let pipe = c == '|' && !escaped;
            escaped = c == '\\' && !escaped;
            pipe
        });
        pipes.count()
    }

    /// The text without its code blocks, read as CommonMark reads fences.
    fn outside_fences(text: &str) -> String {
        let mut out = String::new();
        let mut open: Option<usize> = None;
        for line in text.lines() {
            let ticks = line.chars().take_while(|&c| c == '`').count();
            match open {
                None if ticks >= 3 => open = Some(ticks),
                Some(length) if ticks >= length && line.len() == ticks => open = None,
                None => {
                    out.push_str(line);
                    out.push('\n');
                }
                Some(_) => {}
            }
        }
        assert!(open.is_none(), "a code block never ends");
        out
    }

    proptest! {
        #[test]
        fn escaped_text_is_one_line_without_markup(text in any::<String>()) {
            let escaped = escape(&text, 300);
            prop_assert!(!escaped.replace("<!-- -->", "").contains('<'));
            prop_assert!(!escaped.contains('\n'));
            prop_assert_eq!(unescaped_pipes(&escaped), 0);
        }

        #[test]
        fn no_text_gets_a_script_into_a_report(id in "(<script>|</details>|`|\\||[^a])*") {
            let mut report = sample::report();
            report.variants[1].id = id.clone();
            report.verdicts[0].target = id.clone();
            report.scenario_text = id.clone();
            report.warnings = vec![id];
            prop_assert!(!outside_fences(&markdown(&report)).contains("<script"));
        }
    }
}
