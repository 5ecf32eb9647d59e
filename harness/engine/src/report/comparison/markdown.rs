//! A comparison as Markdown, small enough for a pull request comment.

use std::fmt::Write as _;

use super::super::markdown::{escape, heap_table, label, sentence, table, variant_name};
use super::words::{cells, footnotes, legend};
use super::{Comparison, Difference, ScenarioComparison};

/// A comment on GitHub holds 65,536 characters.
const BUDGET: usize = 60_000;
/// What a scenario's footnotes may take of it.
const FOOTNOTES: usize = 30;

/// Renders a comparison as GitHub-flavoured Markdown; scenarios for which there is no room are counted.
pub fn markdown(comparison: &Comparison) -> String {
    let mut out = format!("### {}\n\n", escape(&title(comparison), 200));
    let mut shown = 0;
    for scenario in &comparison.scenarios {
        let heading = escape(&scenario.title(), 200);
        let part = format!("#### {heading}\n\n{}", one(comparison, scenario));
        if out.chars().count() + part.chars().count() > BUDGET {
            break;
        }
        out.push_str(&part);
        shown += 1;
    }
    let left_out = comparison.scenarios.len() - shown;
    if left_out > 0 {
        let _ = writeln!(out, "_{left_out} more, left out here for length._\n");
    }
    out.push_str(&alarms(&comparison.notes));
    let _ = write!(out, "<sub>{}</sub>\n\n", escape(&comparison.method, 2_000));
    out
}

fn title(comparison: &Comparison) -> String {
    let later: Vec<String> = (1..comparison.results.len())
        .map(|place| comparison.head(place))
        .collect();
    format!(
        "{} against {}: {}",
        later.join(", "),
        comparison.head(0),
        comparison.tally()
    )
}

/// The comparison as part of a report.
pub(in crate::report) fn section(comparison: &Comparison) -> String {
    let mut out = format!("#### {}\n\n", escape(&title(comparison), 200));
    for scenario in &comparison.scenarios {
        out.push_str(&one(comparison, scenario));
    }
    out.push_str(&alarms(&comparison.notes));
    out
}

fn one(comparison: &Comparison, scenario: &ScenarioComparison) -> String {
    let mut out = alarms(&scenario.notes);
    let several = comparison.several();
    let mut rows = Vec::new();
    for variant in &scenario.variants {
        let mut name = variant_name(&variant.id, variant.baseline);
        for row in cells(comparison, variant) {
            let mark = match row.kind {
                Difference::Improved => "✅ ",
                Difference::Regressed => "❌ ",
                Difference::Differs => "❗ ",
                Difference::Inconclusive => "❔ ",
                Difference::NoDifference | Difference::Absent => "",
            };
            let mut record = vec![std::mem::take(&mut name), label(&row.name)];
            if several {
                record.push(label(&row.result));
            }
            let ratio = escape(&row.ratio, 80);
            record.extend([row.old, row.new, ratio, format!("{mark}{}", row.verdict)]);
            rows.push(record);
        }
    }
    let (old, new) = (
        escape(&comparison.head(0), 80),
        escape(&comparison.head(1), 80),
    );
    let mut head = vec!["variant", "metric"];
    if several {
        head.extend(["result", &old, "new"]);
    } else {
        head.extend([old.as_str(), new.as_str()]);
    }
    let figures = head.len();
    head.extend(["ratio", "verdict"]);
    out.push_str(&table(&head, &[figures - 2, figures - 1, figures], &rows));
    let notes = footnotes(comparison, scenario);
    for note in notes.iter().take(FOOTNOTES) {
        let _ = writeln!(out, "- {}", sentence(note));
    }
    if notes.len() > FOOTNOTES {
        let _ = writeln!(out, "- and {} more", notes.len() - FOOTNOTES);
    }
    if let Some(legend) = legend(scenario) {
        let _ = writeln!(out, "\n<sub>{}</sub>", sentence(legend));
    }
    out.push('\n');
    for variant in &scenario.variants {
        for heap in &variant.heaps {
            let (id, name) = (&variant.id, comparison.head(heap.result as usize));
            let title = escape(&format!("Heap of {id} in {name}, by call site"), 200);
            let table = heap_table(&heap.difference);
            let _ = write!(
                out,
                "<details><summary>{title}</summary>\n\n{table}\n</details>\n\n"
            );
        }
    }
    out
}

fn alarms(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut out = "> [!NOTE]\n".to_owned();
    for note in notes.iter().take(20) {
        let _ = writeln!(out, "> - {}", sentence(note));
    }
    out.push('\n');
    out
}
