//! The page's part on sweeps: for each metric a chart of how it grows, and the fits in figures.

use super::super::plots::{PlotError, at_largest, frontier, growth, series_class};
use super::super::words::NOTHING;
use super::super::{GrowthReport, Metric, Report, SweepReport, format, text};
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

/// What each quality of a sweep costs.
pub(super) struct QualityPage {
    pub(super) parameter: String,
    pub(super) quality: String,
    pub(super) keys: Vec<Key>,
    pub(super) costs: Vec<CostChart>,
    /// What the variants come to where targets look.
    pub(super) words: Vec<(String, String)>,
    /// Every point.
    pub(super) points: Table,
}

/// A metric against the quality.
pub(super) struct CostChart {
    pub(super) metric: String,
    pub(super) chart: Chart,
}

/// One for each sweep that trades quality for cost.
pub(super) fn qualities(report: &Report) -> Result<Vec<QualityPage>, PlotError> {
    let mut pages = Vec::new();
    for sweep in &report.sweeps {
        let Some(quality) = &sweep.quality else {
            continue;
        };
        let place = |id: &str| report.place(id);
        let mut costs = Vec::new();
        for metric in sweep.costs() {
            let wide = frontier(sweep, metric, &place, WIDE)?;
            let narrow = frontier(sweep, metric, &place, NARROW)?;
            costs.extend(wide.zip(narrow).map(|(wide, narrow)| CostChart {
                metric: text::line(metric, text::LABEL),
                chart: Chart { wide, narrow },
            }));
        }
        let told = sweep.at_equal_quality().into_iter();
        let keys = sweep.variants.iter().map(|variant| Key {
            class: series_class(place(&variant.id)),
            opacity: 1.0,
            name: text::line(&variant.id, text::LABEL),
            figure: String::new(),
        });
        pages.push(QualityPage {
            parameter: text::line(&sweep.parameter, text::LABEL),
            quality: text::line(quality, text::LABEL),
            keys: keys.collect(),
            costs,
            words: told
                .map(|(id, said)| (text::line(id, text::LABEL), said))
                .collect(),
            points: points(sweep, quality),
        });
    }
    Ok(pages)
}

/// Every point of a sweep: the quality, and what it costs.
fn points(sweep: &SweepReport, quality: &str) -> Table {
    let costs = sweep.costs();
    let columns: Vec<&str> = [quality].into_iter().chain(costs).collect();
    let mut rows = Vec::new();
    for variant in &sweep.variants {
        for point in &variant.points {
            let cells = columns.iter().map(|name| match point.metrics.get(*name) {
                Some(Metric::Value(value)) => format::value(value.unit, value.median),
                Some(Metric::Absent { .. }) | None => NOTHING.to_owned(),
            });
            rows.push(TableRow {
                name: format!(
                    "{}, {} {}",
                    text::line(&variant.id, text::LABEL),
                    text::line(&sweep.parameter, text::LABEL),
                    format::count(point.value)
                ),
                class: "",
                cells: cells.collect(),
            });
        }
    }
    let head = columns.iter().map(|name| text::line(name, text::LABEL));
    Table {
        head: head.collect(),
        rows,
    }
}

/// One for each size that was swept.
pub(super) fn pages(report: &Report) -> Result<Vec<GrowthPage>, PlotError> {
    let sizes = report
        .sweeps
        .iter()
        .filter(|sweep| !sweep.grown().is_empty());
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
    let place = |id: &str| report.place(id);
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
