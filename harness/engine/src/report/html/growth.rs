//! The page's part on sweeps: for each metric a chart of how it grows, and the fits in figures.

use super::super::plots::{PlotError, at_largest, growth, series_class};
use super::super::{GrowthReport, Report, SweepReport, format, text};
use super::charts::{Chart, Key, NARROW, WIDE};
use super::figures::{Table, TableRow};

/// A swept size.
pub(super) struct GrowthPage {
    pub(super) parameter: String,
    pub(super) metrics: Vec<GrowthChart>,
}

/// A metric over a swept size.
pub(super) struct GrowthChart {
    pub(super) metric: String,
    pub(super) keys: Vec<Key>,
    pub(super) chart: Option<Chart>,
    /// Each variant's growth in words.
    pub(super) words: Vec<(String, String)>,
    /// The candidates of each variant.
    pub(super) models: Table,
}

/// One for each size that was swept.
pub(super) fn pages(report: &Report) -> Result<Vec<GrowthPage>, PlotError> {
    let sizes = report.sweeps.iter().filter(|sweep| sweep.quality.is_none());
    sizes
        .map(|sweep| {
            let metrics = sweep.grown();
            Ok(GrowthPage {
                parameter: text::line(&sweep.parameter, text::LABEL),
                metrics: metrics
                    .into_iter()
                    .map(|metric| chart(report, sweep, metric))
                    .collect::<Result<_, PlotError>>()?,
            })
        })
        .collect()
}

fn chart(report: &Report, sweep: &SweepReport, metric: &str) -> Result<GrowthChart, PlotError> {
    let place = |id: &str| {
        let place = report.variants.iter().position(|variant| variant.id == id);
        place.unwrap_or(0)
    };
    let mut made = GrowthChart {
        metric: text::line(metric, text::LABEL),
        keys: Vec::new(),
        chart: growth(sweep, metric, &place, WIDE)?
            .zip(growth(sweep, metric, &place, NARROW)?)
            .map(|(wide, narrow)| Chart { wide, narrow }),
        words: Vec::new(),
        models: Table {
            head: ["formula", "AICc behind", "weight", "error left out", ""]
                .map(Into::into)
                .to_vec(),
            rows: Vec::new(),
        },
    };
    for variant in &sweep.variants {
        let id = text::line(&variant.id, text::LABEL);
        match variant.growth.get(metric) {
            Some(GrowthReport::Fitted(fit)) => {
                made.keys.push(Key {
                    class: series_class(place(&variant.id)),
                    opacity: 1.0,
                    name: id.clone(),
                    figure: at_largest(fit),
                });
                made.words
                    .push((id.clone(), text::line(&fit.words, text::SENTENCE)));
                for (rank, model) in fit.models.iter().enumerate() {
                    let standing = match (rank, model.equivalent) {
                        (0, _) => "chosen",
                        (_, true) => "equivalent",
                        (_, false) => "",
                    };
                    made.models.rows.push(TableRow {
                        class: if rank == 0 { "baseline" } else { "" },
                        name: format!("{id}: {}", text::line(&model.model, text::LABEL)),
                        cells: vec![
                            text::line(&model.formula, text::LABEL),
                            format!("{:.1}", model.behind),
                            format::percent(model.weight),
                            format::percent(model.left_out),
                            standing.into(),
                        ],
                    });
                }
            }
            Some(GrowthReport::Absent { absent }) => {
                let why = text::line(absent, text::SENTENCE);
                made.words
                    .push((id, format!("no growth can be told: {why}")));
            }
            None => {}
        }
    }
    Ok(made)
}
