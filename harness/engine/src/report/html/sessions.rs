//! The session against a saved baseline.

use super::super::comparison::{Cells, HeapLines, cells, footnotes, heaps, legend};
use super::super::text;
use super::super::{Comparison, Difference};

/// One scenario of a comparison.
pub(super) struct Sessions {
    pub(super) old: String,
    pub(super) new: String,
    pub(super) tally: String,
    pub(super) when: String,
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) footnotes: Vec<String>,
    pub(super) heaps: Vec<HeapLines>,
    pub(super) method: String,
}

/// One metric of one variant; the variant is named in its first row.
pub(super) struct Row {
    pub(super) variant: String,
    pub(super) class: &'static str,
    pub(super) cells: Cells,
}

/// The comparison of a report, scenario by scenario: there is one.
pub(super) fn sessions(comparison: &Comparison) -> Vec<Sessions> {
    let of = |scenario: &super::super::ScenarioComparison| Sessions {
        old: comparison.head(0),
        new: comparison.head(1),
        tally: comparison.tally(),
        when: scenario.when(comparison),
        notes: scenario
            .notes
            .iter()
            .map(|note| text::line(note, 1_000))
            .collect(),
        rows: scenario
            .variants
            .iter()
            .flat_map(|variant| rows(comparison, variant))
            .collect(),
        footnotes: footnotes(comparison, scenario)
            .into_iter()
            .chain(legend(scenario).map(str::to_owned))
            .collect(),
        heaps: heaps(comparison, scenario),
        method: text::line(&comparison.method, 2_000),
    };
    comparison.scenarios.iter().map(of).collect()
}

fn rows(comparison: &Comparison, variant: &super::super::VariantComparison) -> Vec<Row> {
    let mut name = text::line(&variant.id, text::LABEL);
    if variant.baseline {
        name.push_str(" (baseline)");
    }
    let row = |cells: Cells| Row {
        variant: std::mem::take(&mut name),
        class: match cells.kind {
            Difference::Improved => "pass",
            Difference::Regressed => "fail",
            Difference::Differs | Difference::Inconclusive => "inconclusive",
            Difference::NoDifference => "noted",
            Difference::Absent => "absent",
        },
        cells,
    };
    cells(comparison, variant).into_iter().map(row).collect()
}
