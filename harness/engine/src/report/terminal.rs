//! The summary at the end of a session, for a terminal of any width.

use tabled::builder::Builder;
use tabled::settings::object::{Columns, Segment};
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Padding, Style as Frame};

use super::comparison;
use super::floor_text::{COLUMNS, attempts, floors};
use super::format;
use super::steps;
use super::text;
use super::view::NOTHING;
use super::{Reconciliation, Report, VariantReport, Verdict, VerdictReport};
use crate::evidence::Outcome;

/// How a terminal is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns; less than 60 is taken as 60.
    pub width: usize,
    /// Whether colours are used.
    pub colour: bool,
}

impl Style {
    /// Without colours, at a width.
    pub fn plain(width: usize) -> Style {
        Style {
            width,
            colour: false,
        }
    }

    pub(super) fn paint(self, sgr: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{sgr}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Its word, in a colour where the exit code depends on it.
    fn verdict(self, report: &VerdictReport) -> String {
        let (sgr, word) = match report.verdict {
            Verdict::Pass => ("1;32", "PASS"),
            Verdict::Fail => ("1;31", "FAIL"),
            Verdict::Inconclusive => ("1;33", "INCONCLUSIVE"),
            Verdict::Absent => ("1;35", "ABSENT"),
        };
        self.paint(if report.gate { sgr } else { "2" }, word)
    }
}

/// From this width on, ratios get columns of their own instead of a second line in their cell.
const WIDE: usize = 112;

/// The final summary of a scenario: alarms, verdicts, a table of variants, the reconciliation in
/// short, and where the report is.
pub fn summary(report: &Report, style: Style, report_path: Option<&str>) -> String {
    let style = Style {
        width: style.width.max(60),
        ..style
    };
    let mut out = String::new();
    let title = text::line(&report.title(), style.width);
    push(&mut out, &style.bold(&title));
    let about = format!(
        "{}, {}, in {}",
        format::counted(report.variants.len(), "variant"),
        format::counted(report.trials.len(), "trial"),
        format::seconds(report.elapsed)
    );
    push(&mut out, &style.faint(&about));
    let sgr = if report.grave() { "1;31" } else { "1;33" };
    for alarm in report.alarms() {
        let alarm = text::line(alarm, text::SENTENCE);
        for (place, line) in wrap(&alarm, style.width - 2).iter().enumerate() {
            let mark = if place == 0 { "! " } else { "  " };
            push(&mut out, &style.paint(sgr, &format!("{mark}{line}")));
        }
    }
    out.push('\n');
    verdicts(&mut out, report, style);
    out.push('\n');
    if let Some(comparison) = &report.comparison {
        out.push_str(&comparison::body(comparison, style));
        out.push('\n');
    }
    push(&mut out, &table(report, style));
    endings(&mut out, report, style);
    steps_of(&mut out, report, style);
    sweeps(&mut out, report, style);
    reconciliations(&mut out, report, style);
    instructions(&mut out, report, style);
    floor_lines(&mut out, report, style);
    push(&mut out, &format!("\n{}", style.bold(&report.tally())));
    if let Some(path) = report_path {
        push(&mut out, &format!("report: {}", text::line(path, 4096)));
    }
    out
}

pub(super) fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

fn verdicts(out: &mut String, report: &Report, style: Style) {
    if report.verdicts.is_empty() {
        push(out, "no targets: nothing is judged");
    }
    let labels = report
        .verdicts
        .iter()
        .map(|verdict| visible(&style.verdict(verdict)));
    let indent = labels.max().unwrap_or(0) + 2;
    for verdict in &report.verdicts {
        let target = text::line(&verdict.target, text::SENTENCE);
        let label = style.verdict(verdict);
        let lead = " ".repeat(indent - visible(&label));
        let lines = wrap(&target, style.width - indent).join(&format!("\n{:indent$}", ""));
        push(out, &format!("{label}{lead}{lines}"));
        let reason = verdict.reason.iter().map(String::as_str);
        for said in [verdict.evidence.as_str()].into_iter().chain(reason) {
            for line in wrap(&text::line(said, text::SENTENCE), style.width - indent) {
                push(out, &format!("{:indent$}{}", "", style.faint(&line)));
            }
        }
    }
}

fn table(report: &Report, style: Style) -> String {
    let wide = style.width >= WIDE;
    let mut head = vec![
        "variant",
        "wall",
        "cpu",
        "peak RSS",
        "heap peak",
        "of it C",
        "output",
    ];
    let mut rows: Vec<Vec<String>>;
    if wide {
        head = vec![
            "variant",
            "outcome",
            "wall",
            "x base",
            "cpu",
            "x base",
            "peak RSS",
            "x base",
            "heap peak",
            "of it C",
            "output",
        ];
        let variants = report.variants.iter();
        rows = variants.map(|v| wide_row(report, v, style)).collect();
    } else {
        let variants = report.variants.iter();
        rows = variants.map(|v| narrow_row(report, v, style)).collect();
        // What a narrow terminal has no room for, the least telling first.
        for (room, place) in [(80, 5), (70, 2)] {
            if style.width < room {
                head.remove(place);
                rows.iter_mut().for_each(|row| drop(row.remove(place)));
            }
        }
    }
    let columns = head.len();
    let mut builder = Builder::default();
    builder.push_record(head);
    rows.into_iter().for_each(|row| builder.push_record(row));
    let mut table = builder.build();
    let rule = HorizontalLine::empty().horizontal('─');
    table
        .with(Frame::empty().horizontals([(1, rule)]))
        .modify(Segment::all(), Padding::new(0, 2, 0, 0))
        .modify(Columns::one(columns - 1), Padding::zero())
        .modify(Columns::new(1..columns - 1), Alignment::right());
    if wide {
        table.modify(Columns::one(1), Alignment::left());
    }
    let table = table.to_string();
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    let note = "wall and cpu: median; peaks: the worst trial; x: times the baseline's";
    let note = wrap(note, style.width).join("\n");
    format!("{}\n{}", lines.join("\n"), style.faint(&note))
}

fn narrow_row(report: &Report, variant: &VariantReport, style: Style) -> Vec<String> {
    let stacked = |name: &str| {
        let figure = variant.figure_text(name);
        match variant.ratio_text(name) {
            Some(ratio) => format!("{figure}\n{}", style.faint(&ratio)),
            None => figure,
        }
    };
    let mut name = name_cell(&variant.id, if style.width < 76 { 12 } else { 18 }, style);
    if variant.baseline {
        name = format!("{name}\n{}", style.faint("baseline"));
    }
    if variant.outcome != Outcome::Completed {
        name = format!("{name}\n{}", style.paint("31", variant.outcome.name()));
    }
    vec![
        name,
        stacked("wall"),
        stacked("cpu"),
        stacked("peak_rss"),
        stacked("heap_peak"),
        variant.figure_text("heap_peak_c"),
        output_cell(report, variant, style),
    ]
}

/// Columns for the words on a variant's output.
const OUTPUT: usize = 10;

/// Whether a variant's output is the reference's, and proved.
fn output_cell(report: &Report, variant: &VariantReport, style: Style) -> String {
    let word = wrap(&report.sameness(variant).word(), OUTPUT).join("\n");
    match report.verified(variant) {
        true => format!("{word}\n{}", style.faint("verified")),
        false => word,
    }
}

/// A variant's name, broken behind the `+` and `-` of its parts where it is too long for a line: names
/// made by a matrix differ at their ends.
fn name_cell(id: &str, room: usize, style: Style) -> String {
    let id = text::line(id, text::LABEL);
    let mut lines = vec![String::new()];
    for part in id.split_inclusive(['+', '-']) {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if used > 0 && used + part.chars().count() > room {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(part);
        }
    }
    let lines = lines.iter().map(|line| style.bold(&text::line(line, room)));
    lines.collect::<Vec<_>>().join("\n")
}

fn wide_row(report: &Report, variant: &VariantReport, style: Style) -> Vec<String> {
    let ratio = |name: &str| {
        let own = || {
            if variant.baseline {
                "1 x".into()
            } else {
                NOTHING.to_owned()
            }
        };
        variant.ratio_text(name).unwrap_or_else(own)
    };
    let outcome = match variant.outcome {
        Outcome::Completed => variant.outcome.to_string(),
        other => style.paint("31", other.name()),
    };
    vec![
        name_cell(&variant.id, 18, style),
        outcome,
        variant.figure_text("wall"),
        ratio("wall"),
        variant.figure_text("cpu"),
        ratio("cpu"),
        variant.figure_text("peak_rss"),
        ratio("peak_rss"),
        variant.figure_text("heap_peak"),
        variant.figure_text("heap_peak_c"),
        output_cell(report, variant, style),
    ]
}

/// How the variants ended that did not complete.
fn endings(out: &mut String, report: &Report, style: Style) {
    let ended = report.variants.iter();
    for variant in ended.filter(|v| v.outcome != Outcome::Completed) {
        let said = format!(
            "{}: {}",
            text::line(&variant.id, text::LABEL),
            text::line(&variant.diagnosis, text::SENTENCE)
        );
        out.push('\n');
        for line in wrap(&said, style.width) {
            push(out, &style.paint("31", &line));
        }
    }
}

/// The steps of variants that name them, one a line.
fn steps_of(out: &mut String, report: &Report, style: Style) {
    let rows = steps::rows(report);
    if rows.is_empty() {
        return;
    }
    push(out, "\nsteps");
    let columns = steps::columns(report);
    let mut variant = String::new();
    for row in rows {
        if row.variant != variant {
            push(out, &format!("  {}", style.bold(&row.variant)));
            variant.clone_from(&row.variant);
        }
        let figures = columns.iter().zip(&row.figures);
        let figures = figures.filter(|(_, figure)| *figure != NOTHING);
        let figures: Vec<String> = figures
            .map(|(of, figure)| format!("{of} {figure}"))
            .collect();
        let said = format!("{}: {}", row.step, figures.join(", "));
        for line in wrap(&said, style.width - 4) {
            push(out, &format!("    {line}"));
        }
    }
}

/// How the metrics of sweeps grow, and what variants come to at equal quality.
fn sweeps(out: &mut String, report: &Report, style: Style) {
    for sweep in &report.sweeps {
        let (title, told) = match &sweep.quality {
            Some(quality) => (format!("at equal {quality}"), sweep.at_equal_quality()),
            None => (
                format!("how it grows with {}", sweep.parameter),
                sweep.told(),
            ),
        };
        if told.is_empty() {
            continue;
        }
        push(out, &format!("\n{}", text::line(&title, text::LABEL)));
        let mut last = "";
        for (id, said) in told {
            if id != last {
                let id = text::line(id, text::LABEL);
                push(out, &format!("  {}", style.bold(&id)));
            }
            last = id;
            for line in wrap(&said, style.width - 4) {
                push(out, &format!("    {line}"));
            }
        }
    }
}

fn reconciliations(out: &mut String, report: &Report, style: Style) {
    let with = report.variants.iter();
    let with: Vec<_> = with
        .filter_map(|v| Some((v, v.reconciliation.as_ref()?)))
        .collect();
    if with.is_empty() {
        return;
    }
    push(out, "\nwhere the memory is at the peak");
    for (variant, reconciliation) in with {
        let name = text::line(&variant.id, text::LABEL);
        let said = in_short(reconciliation);
        for (place, line) in wrap(&said, style.width - 4).iter().enumerate() {
            if place == 0 && visible(&name) + 4 + visible(line) <= style.width {
                push(out, &format!("  {}  {line}", style.bold(&name)));
            } else if place == 0 {
                push(out, &format!("  {}", style.bold(&name)));
                push(out, &format!("    {line}"));
            } else {
                push(out, &format!("    {line}"));
            }
        }
    }
}

fn instructions(out: &mut String, report: &Report, style: Style) {
    let Some((title, rows)) = report.instructions() else {
        return;
    };
    push(out, &format!("\n{}", title.to_lowercase()));
    for row in rows {
        let figures = [row.count, row.difference];
        let figures = figures.iter().filter(|text| !text.is_empty());
        let figures = figures.map(String::as_str).collect::<Vec<_>>().join("  ");
        push(out, &format!("  {}  {figures}", style.bold(&row.id)));
        for line in wrap(&row.said, style.width - 4) {
            push(out, &format!("    {}", style.faint(&line)));
        }
    }
}

fn floor_lines(out: &mut String, report: &Report, style: Style) {
    let mut searched = floors(report).peekable();
    if searched.peek().is_none() {
        return;
    }
    push(out, "\nfloor: the smallest memory cap that is enough");
    for (_, variant, floor) in searched {
        let name = text::line(&variant.id, text::LABEL);
        push(
            out,
            &format!("  {}", style.bold(&text::line(&name, style.width - 2))),
        );
        for line in wrap(&floor.in_short(), style.width - 4) {
            push(out, &format!("    {line}"));
        }
        if report.part.is_some() {
            let mut builder = Builder::default();
            builder.push_record(COLUMNS);
            attempts(floor)
                .into_iter()
                .for_each(|row| builder.push_record(row));
            let mut table = builder.build();
            table
                .with(Frame::empty())
                .modify(Segment::all(), Padding::new(0, 2, 0, 0))
                .modify(Segment::all(), Alignment::right())
                .modify(Columns::one(1), Alignment::left());
            for line in table.to_string().lines() {
                push(out, &format!("    {}", style.faint(line.trim_end())));
            }
        }
    }
}

/// One reconciliation in one sentence: the ledger, the three largest lines outside it, the rest.
pub(crate) fn in_short(reconciliation: &Reconciliation) -> String {
    if let Some(refused) = &reconciliation.refused {
        return format!("not reconciled: {}", text::line(refused, text::SENTENCE));
    }
    let resident = reconciliation.resident as f64;
    let share = |bytes: i64| format::percent(bytes as f64 / resident.max(1.0));
    let ledger = reconciliation.lines.iter().filter(|line| line.ledger);
    let ledger: i64 = ledger.map(|line| line.bytes).sum();
    let mut others: Vec<_> = reconciliation.lines.iter().filter(|l| !l.ledger).collect();
    others.sort_by_key(|line| -line.bytes.abs());
    let mut parts = vec![format!("ledger {}", share(ledger))];
    for line in others.iter().take(3).filter(|line| line.bytes != 0) {
        parts.push(format!(
            "{} {}",
            text::line(&line.what, text::LABEL),
            share(line.bytes)
        ));
    }
    let rest: i64 = others.iter().skip(3).map(|line| line.bytes).sum();
    if rest != 0 {
        parts.push(format!("other {}", share(rest)));
    }
    parts.push(format!("remainder {}", share(reconciliation.remainder)));
    format!("{} = {}", format::bytes(resident), parts.join(" + "))
}

/// Breaks a line at spaces so that no piece is longer than `width`; a number stays with its unit,
/// and a longer word is cut.
pub(super) fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    for word in words(line) {
        let mut word: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + word.len() > width {
            lines.push(std::mem::take(&mut current));
            used = 0;
        }
        while word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        if used > 0 {
            current.push(' ');
            used += 1;
        }
        used += word.len();
        current.extend(word);
    }
    lines.push(current);
    lines
}

/// The words of a line, where a number and the unit after it are one.
fn words(line: &str) -> Vec<String> {
    const UNITS: [&str; 11] = [
        "%", "x", "s", "ms", "us", "min", "B", "KiB", "MiB", "GiB", "TiB",
    ];
    let mut words: Vec<String> = Vec::new();
    for word in line.split(' ') {
        let unit = UNITS.contains(&word.trim_end_matches([',', ';', ':', '.', ')']));
        match words.last_mut() {
            Some(number) if unit && number.ends_with(|c: char| c.is_ascii_digit()) => {
                number.push(' ');
                number.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Characters that take a column: those outside of colour sequences.
fn visible(text: &str) -> usize {
    text::line(text, usize::MAX).chars().count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample;
    use super::*;
    use crate::evidence::Verification;

    #[test]
    fn at_80_columns() {
        let shown = summary(
            &sample::report(),
            Style::plain(80),
            Some("reports/ortho.full/report.html"),
        );
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn at_120_columns() {
        let shown = summary(
            &sample::report(),
            Style::plain(120),
            Some("reports/ortho.full/report.html"),
        );
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn colours_change_nothing_but_the_colours() {
        let style = Style {
            width: 80,
            colour: true,
        };
        let coloured = summary(&sample::report(), style, None);
        assert!(coloured.contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
        assert_eq!(
            text::whole(&coloured),
            summary(&sample::report(), Style::plain(80), None)
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let mut partly = sample::report();
        for (place, variant) in partly.variants.iter_mut().enumerate() {
            let digest = format!("sum64:{}", place / 2);
            variant.digests.insert("another-digest".into(), digest);
            variant
                .digests
                .insert("file".into(), format!("sum64:{place}"));
        }
        for report in [sample::report(), sample::hostile(), partly] {
            for width in [60, 80, 100, 120, 200] {
                let shown = summary(&report, Style::plain(width), None);
                for line in shown.lines() {
                    assert!(line.chars().count() <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_hostile_report_sends_no_control_characters() {
        let shown = summary(&sample::hostile(), Style::plain(80), Some("a\u{1b}[2Jb"));
        assert!(
            !shown.chars().any(|c| c != '\n' && c.is_control()),
            "{shown:?}"
        );
        assert!(!shown.contains('\u{202e}'));
        assert!(shown.len() < 40_000, "{}", shown.len());
    }

    #[test]
    fn names_are_whole_and_proofs_are_told() {
        let mut report = sample::report();
        report.variants[0].id = "batch+clone=false+zstd=oneshot".into();
        for trial in &mut report.trials {
            if trial.head.variant == "in-memory" {
                trial.head.variant = report.variants[0].id.clone();
            }
            trial.head.verification = Some(Verification {
                verified: true,
                wall: 1.0,
                cpu: 1.0,
                peak_rss: 1,
            });
        }
        let shown = summary(&report, Style::plain(80), None);
        let lines: Vec<&str> = shown.lines().collect();
        let name = lines
            .iter()
            .position(|line| line.starts_with("batch+clone=false+ "))
            .unwrap();
        assert!(lines[name + 1].starts_with("zstd=oneshot "), "{shown}");
        // The variant that did not complete has nothing to prove.
        let told = lines.iter().filter(|line| line.ends_with(" verified"));
        assert_eq!(told.count(), 3, "{shown}");
    }

    #[test]
    fn a_report_with_nothing_in_it_is_shown() {
        let mut report = sample::report();
        report.variants.clear();
        report.verdicts.clear();
        report.trials.clear();
        let shown = summary(&report, Style::plain(80), None);
        assert!(shown.contains("no targets"));
    }

    proptest! {
        #[test]
        fn wrapping_loses_nothing(words in prop::collection::vec("[a-z]{1,30}", 0..20), width in 8usize..60) {
            let lines = wrap(&words.join(" "), width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            prop_assert_eq!(lines.concat().replace(' ', ""), words.concat());
        }
    }
}
