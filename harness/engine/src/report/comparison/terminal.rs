//! A comparison for a terminal.

use super::super::terminal::{Style, alarm, faint_paragraph, paragraph, push, ruled, wrap};
use super::super::text;
use super::words::{Cells, cells, footnotes, heaps, legend};
use super::{Comparison, Difference, ScenarioComparison};

/// The colour of what must be known before the figures.
const CAUTION: &str = "1;33";

/// The whole comparison: a table a scenario, what else is to be said of it, and the tally.
pub fn summary(comparison: &Comparison, style: Style) -> String {
    let style = style.widened();
    let mut out = body(comparison, style);
    push(&mut out, &format!("\n{}", style.bold(&comparison.tally())));
    out
}

/// The comparison without its tally.
pub(in crate::report) fn body(comparison: &Comparison, style: Style) -> String {
    let mut out = String::new();
    for note in &comparison.notes {
        alarm(&mut out, note, CAUTION, style);
    }
    for (place, scenario) in comparison.scenarios.iter().enumerate() {
        if place > 0 {
            out.push('\n');
        }
        one(&mut out, comparison, scenario, style);
    }
    out
}

fn one(out: &mut String, comparison: &Comparison, scenario: &ScenarioComparison, style: Style) {
    let (first, later) = (comparison.head(0), comparison.results.len() - 1);
    let against = match later {
        1 => comparison.head(1),
        n => format!("{n} others"),
    };
    let title = format!("{}: {against} against {first}", scenario.title());
    push(out, &style.bold(&text::line(&title, style.width)));
    faint_paragraph(out, &scenario.when(comparison), 0, style);
    for note in &scenario.notes {
        alarm(out, note, CAUTION, style);
    }
    out.push('\n');
    push(out, &table(comparison, scenario, style));
    for note in footnotes(comparison, scenario)
        .iter()
        .map(String::as_str)
        .chain(legend(scenario))
    {
        for (place, line) in wrap(note, style.width - 2).iter().enumerate() {
            let indent = if place == 0 { "" } else { "  " };
            push(out, &style.faint(&format!("{indent}{line}")));
        }
    }
    heap_lines(out, comparison, scenario, style);
}

/// What changed in the heaps, a call site a line.
fn heap_lines(
    out: &mut String,
    comparison: &Comparison,
    scenario: &ScenarioComparison,
    style: Style,
) {
    for heap in heaps(comparison, scenario) {
        push(out, "");
        paragraph(out, &heap.title, 0, style);
        for line in &heap.lines {
            for (place, line) in wrap(line, style.width - 4).iter().enumerate() {
                let indent = if place == 0 { "  " } else { "    " };
                push(out, &format!("{indent}{line}"));
            }
        }
    }
}

fn table(comparison: &Comparison, scenario: &ScenarioComparison, style: Style) -> String {
    let several = comparison.several();
    let mut head = vec![String::new(), comparison.head(0)];
    if several {
        head.push("result".to_owned());
        head.push("new".to_owned());
    } else {
        head.push(comparison.head(1));
    }
    head.extend(["ratio".to_owned(), String::new()]);
    let columns = head.len();
    let name = if style.width < 76 { 12 } else { 21 };
    let head = head.iter().map(|title| wrap(title, 12).join("\n"));
    let mut rows: Vec<Vec<String>> = vec![head.collect()];
    for variant in &scenario.variants {
        let mut title = vec![style.bold(&text::line(&variant.id, name))];
        if variant.baseline {
            title.push(style.faint("baseline"));
        }
        title.resize(columns, String::new());
        rows.push(title);
        let mut last = String::new();
        for row in cells(comparison, variant) {
            let again = several && row.name == last;
            last.clone_from(&row.name);
            rows.push(record(row, again, several, name, style));
        }
    }
    ruled(rows, 1..columns - 2)
}

fn record(row: Cells, again: bool, several: bool, room: usize, style: Style) -> Vec<String> {
    let sgr = match row.kind {
        Difference::Improved => "32",
        Difference::Regressed => "1;31",
        Difference::Differs => "33",
        Difference::NoDifference => "0",
        Difference::Inconclusive | Difference::Absent => "2",
    };
    let name = wrap(&row.name, room).join("\n  ");
    let (name, old) = match again {
        true => (String::new(), String::new()),
        false => (format!("  {name}"), row.old),
    };
    // What a narrow terminal has no room for goes below.
    let ratio = match row.ratio.split_once(" [") {
        Some((ratio, interval)) if style.width < 96 || several => format!("{ratio}\n[{interval}"),
        _ => row.ratio,
    };
    let mut record = vec![name, old];
    if several {
        record.push(wrap(&row.result, 12).join("\n"));
    }
    record.extend([row.new, ratio, style.paint(sgr, &row.verdict)]);
    record
}
