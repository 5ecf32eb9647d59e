//! The page's tables of figures.

use std::collections::BTreeSet;

use super::super::plots::series_class;
use super::super::words::{self, NOTHING, floor};
use super::super::{Metric, Report, VariantReport, format, text};
use crate::evidence::Outcome;

/// A table with names in its first column and figures in the others.
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<TableRow>,
}

/// A row of a [`Table`].
pub(super) struct TableRow {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) cells: Vec<String>,
}

/// The variants side by side.
pub(super) struct Comparison {
    pub(super) rows: Vec<ComparisonRow>,
}

/// One variant of a [`Comparison`].
pub(super) struct ComparisonRow {
    pub(super) id: String,
    pub(super) class: String,
    pub(super) baseline: bool,
    pub(super) outcome: &'static str,
    pub(super) completed: bool,
    pub(super) figures: Vec<Figure>,
    pub(super) output: String,
    /// Whether its outputs were proved.
    pub(super) verified: bool,
}

/// A figure with what stands below it.
pub(super) struct Figure {
    pub(super) main: String,
    pub(super) ratio: String,
    pub(super) below: String,
}

impl Comparison {
    /// The columns of figures: title and metric.
    const COLUMNS: [(&'static str, &'static str); 5] = [
        ("wall", "wall"),
        ("CPU", "cpu"),
        ("peak RSS", "peak_rss"),
        ("heap peak", "heap_peak"),
        ("of it C", "heap_peak_c"),
    ];

    pub(super) fn of(report: &Report) -> Comparison {
        let rows = report
            .variants
            .iter()
            .enumerate()
            .map(|(place, variant)| ComparisonRow {
                id: text::line(&variant.id, text::LABEL),
                class: series_class(place),
                baseline: variant.baseline,
                outcome: variant.outcome.name(),
                completed: variant.outcome == Outcome::Completed,
                figures: Self::COLUMNS
                    .iter()
                    .map(|(_, name)| figure(variant, name))
                    .collect(),
                output: report.sameness(variant).word(),
                verified: report.verified(variant),
            });
        Comparison {
            rows: rows.collect(),
        }
    }

    /// Whether any figure is held against a baseline's.
    pub(super) fn relative(&self) -> bool {
        let figures = self.rows.iter().flat_map(|row| &row.figures);
        figures.into_iter().any(|figure| !figure.ratio.is_empty())
    }

    /// Titles of the columns of figures.
    pub(super) fn titles(&self) -> impl Iterator<Item = &'static str> {
        Self::COLUMNS.iter().map(|(title, _)| *title)
    }
}

fn figure(variant: &VariantReport, name: &str) -> Figure {
    let relative = variant.relative.get(name);
    let below = relative.map(|r| {
        let pairs = format::counted(r.pairs as usize, "pair");
        match interval(r.low, r.high) {
            Some(interval) if r.level > 0.0 => format!("{interval}, {pairs}"),
            _ => pairs,
        }
    });
    Figure {
        main: variant.figure_text(name),
        ratio: relative.map_or_else(String::new, |r| format::ratio(r.ratio)),
        below: below.unwrap_or_default(),
    }
}

/// `0.134 to 0.142`; nothing where both ends read the same.
fn interval(low: f64, high: f64) -> Option<String> {
    let (low, high) = (format::ratio(low), format::ratio(high));
    let low = low.trim_end_matches(" x");
    let high = high.trim_end_matches(" x");
    (low != high).then(|| format!("{low} to {high}"))
}

/// The steps of variants that name them; nothing where none does.
pub(super) fn steps(report: &Report) -> Option<Table> {
    let rows: Vec<TableRow> = words::steps::rows(report)
        .into_iter()
        .map(|row| TableRow {
            name: format!("{}: {}", row.variant, row.step),
            class: "",
            cells: row.figures,
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        head: words::steps::columns(report)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        rows,
    })
}

/// What the searches for floors found, and every trial of them; by variant.
pub(super) fn floor_searches(report: &Report) -> Vec<(String, String, Table)> {
    let table = |floor| {
        let rows = floor::attempts(floor).into_iter().map(|row| {
            let [cap, cells @ ..] = row;
            TableRow {
                name: cap,
                class: "",
                cells: cells.to_vec(),
            }
        });
        let head = floor::COLUMNS.into_iter().skip(1).map(str::to_owned);
        Table {
            head: head.collect(),
            rows: rows.collect(),
        }
    };
    let searches = floor::floors(report).map(|(_, variant, floor)| {
        let id = text::line(&variant.id, text::LABEL);
        let said = text::line(&floor.in_short(), text::SENTENCE);
        let compared = text::line(&floor.compared, text::SENTENCE);
        (
            id,
            format!("{said}. Right means: {compared}."),
            table(floor),
        )
    });
    searches.collect()
}

/// Every metric that any variant has or should have, by variant.
pub(super) fn all_metrics(report: &Report) -> Table {
    let names: BTreeSet<&String> = report
        .variants
        .iter()
        .flat_map(|v| v.metrics.keys())
        .collect();
    let rows = names.into_iter().map(|name| {
        let cells = report
            .variants
            .iter()
            .map(|variant| match variant.metrics.get(name) {
                Some(Metric::Value(value)) => value.figure_text(),
                Some(Metric::Absent { .. }) => "absent".into(),
                None => NOTHING.into(),
            });
        TableRow {
            name: text::line(name, text::LABEL),
            class: "",
            cells: cells.collect(),
        }
    });
    Table {
        head: ids(report.variants.iter()),
        rows: rows.collect(),
    }
}

fn ids<'a>(variants: impl Iterator<Item = &'a VariantReport>) -> Vec<String> {
    variants.map(|v| text::line(&v.id, text::LABEL)).collect()
}

/// The reconciliations side by side, line by line; nothing where there is none.
pub(super) fn reconciliation(report: &Report) -> Option<Table> {
    let with: Vec<_> = report
        .reconciled()
        .filter(|(_, reconciliation)| reconciliation.refused.is_none())
        .collect();
    if with.is_empty() {
        return None;
    }
    let mut lines: Vec<(&str, bool)> = Vec::new();
    for ledger in [true, false] {
        for (_, reconciliation) in &with {
            for line in reconciliation
                .lines
                .iter()
                .filter(|line| line.ledger == ledger)
            {
                if !lines.contains(&(line.what.as_str(), ledger)) {
                    lines.push((&line.what, ledger));
                }
            }
        }
    }
    let mut rows: Vec<TableRow> = lines
        .into_iter()
        .map(|(what, ledger)| TableRow {
            name: text::line(what, text::LABEL),
            class: if ledger { "ledger" } else { "" },
            cells: with
                .iter()
                .map(|(_, reconciliation)| {
                    let lines = reconciliation.lines.iter();
                    let mut same = lines.filter(|line| line.what == what && line.ledger == ledger);
                    same.next()
                        .map_or_else(|| NOTHING.into(), |line| format::bytes(line.bytes as f64))
                })
                .collect(),
        })
        .collect();
    let mut sum = |name: &str, cell: &dyn Fn(&super::super::Reconciliation) -> String| {
        rows.push(TableRow {
            name: name.into(),
            class: "sum",
            cells: with
                .iter()
                .map(|(_, reconciliation)| cell(reconciliation))
                .collect(),
        });
    };
    sum("remainder", &|r| {
        let share = r.remainder as f64 / r.resident.max(1) as f64;
        format!(
            "{} ({})",
            format::bytes(r.remainder as f64),
            format::percent(share)
        )
    });
    sum("resident memory", &|r| format::bytes(r.resident as f64));
    sum("unaccounted share", &|r| {
        format::percent(r.unaccounted_share)
    });
    sum("instrument effect", &|r| {
        format::signed_percent(r.instrument_effect)
    });
    Some(Table {
        head: ids(with.iter().map(|(variant, _)| *variant)),
        rows,
    })
}

/// Variants whose reconciliation is not to be trusted, and why.
pub(super) fn refused(report: &Report) -> Vec<(String, String)> {
    let refused = report.reconciled().filter_map(|(variant, reconciliation)| {
        let why = reconciliation.refused.as_ref()?;
        let id = text::line(&variant.id, text::LABEL);
        Some((id, text::line(why, text::SENTENCE)))
    });
    refused.collect()
}

/// Instructions counted: the title, and a row for each variant.
pub(super) fn instructions(report: &Report) -> Option<(String, Table)> {
    let (title, rows) = report.instructions()?;
    let rows = rows.into_iter().map(|row| TableRow {
        name: row.id,
        class: "",
        cells: vec![row.count, row.difference, row.said],
    });
    let table = Table {
        head: vec![
            "instructions".into(),
            "to the baseline".into(),
            String::new(),
        ],
        rows: rows.collect(),
    };
    Some((title, table))
}

/// Histograms that workloads reported; nothing where there is none.
pub(super) fn histograms(report: &Report) -> Option<Table> {
    let all = || {
        let variants = report.variants.iter();
        variants.flat_map(|v| v.histograms.iter().map(move |histogram| (v, histogram)))
    };
    let mut quantiles: Vec<f64> = all()
        .flat_map(|(_, h)| h.quantiles.iter().map(|(q, _)| *q))
        .collect();
    quantiles.sort_by(f64::total_cmp);
    quantiles.dedup();
    let mut head = vec!["values".into(), "min".into(), "mean".into()];
    head.extend(
        quantiles
            .iter()
            .map(|q| format!("p{}", words::quantile(*q))),
    );
    head.push("max".into());
    let rows: Vec<TableRow> = all()
        .map(|(variant, histogram)| {
            let figure = |value| format::value(histogram.unit, value);
            let mut cells = vec![
                format::count(histogram.count as f64),
                figure(histogram.min),
                figure(histogram.mean),
            ];
            for q in &quantiles {
                let known = histogram.quantiles.iter().find(|(known, _)| known == q);
                cells.push(known.map_or_else(|| NOTHING.into(), |(_, value)| figure(*value)));
            }
            cells.push(figure(histogram.max));
            let id = text::line(&variant.id, text::LABEL);
            TableRow {
                name: format!("{id}: {}", text::line(&histogram.name, text::LABEL)),
                class: "",
                cells,
            }
        })
        .collect();
    (!rows.is_empty()).then_some(Table { head, rows })
}
