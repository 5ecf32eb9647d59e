//! Every trial's metrics as comma-separated values, one figure a row, for other tools to pivot.

use ::csv::{Error, Writer};
use serde::Serialize;

use super::{Metric, Report, TrialSummary};
use crate::evidence::{Instrument, Outcome, Role, metric_info};
use plimsoll_workload::Unit;

/// One figure of one trial, in its metric's base unit.
#[derive(Serialize)]
struct Row<'a> {
    scenario: &'a str,
    size: &'a str,
    /// `debug` figures are not comparable with any other.
    build: &'static str,
    variant: &'a str,
    trial: u32,
    instrument: Instrument,
    role: Role,
    round: Option<u32>,
    position: Option<u32>,
    memory_cap: Option<u64>,
    swept: Option<&'a str>,
    swept_value: Option<f64>,
    outcome: Outcome,
    metric: &'a str,
    unit: Option<Unit>,
    value: f64,
}

/// Renders every metric of every trial, in the order of the trials, with a header.
///
/// Cells are quoted as RFC 4180 has it. Names are written as they are: a spreadsheet that takes
/// `=` for a formula must be told to import text.
///
/// # Errors
///
/// When a row cannot be written, which memory alone can cause.
pub fn csv(report: &Report) -> Result<String, Error> {
    let mut writer = Writer::from_writer(Vec::new());
    for trial in &report.trials {
        for (metric, value) in figures(trial) {
            writer.serialize(Row {
                scenario: &report.scenario,
                size: &report.size,
                build: if report.machine.debug_build {
                    "debug"
                } else {
                    "release"
                },
                variant: &trial.head.variant,
                trial: trial.head.number,
                instrument: trial.head.instrument,
                role: trial.head.role,
                round: trial.head.block.map(|block| block.round),
                position: trial.head.block.map(|block| block.position),
                memory_cap: trial.head.under.or(report.memory_cap),
                swept: trial.head.point.as_ref().map(|at| at.parameter.as_str()),
                swept_value: trial.head.point.as_ref().map(|at| at.value),
                outcome: trial.head.outcome,
                metric,
                unit: unit(report, metric),
                value,
            })?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A trial's metrics, with the three that every trial has even where the list is from an older
/// result.
fn figures(trial: &TrialSummary) -> Vec<(&str, f64)> {
    let always = [
        ("wall", trial.wall),
        ("cpu", trial.cpu),
        ("peak_rss", trial.peak_rss as f64),
    ];
    let rest = trial
        .metrics
        .iter()
        .map(|(name, value)| (name.as_str(), *value));
    always
        .into_iter()
        .chain(rest.filter(|(name, _)| !always.iter().any(|(known, _)| known == name)))
        .collect()
}

/// A metric's unit, from the variants that have it, else from the table of metrics.
fn unit(report: &Report, metric: &str) -> Option<Unit> {
    let measured = report
        .variants
        .iter()
        .find_map(|v| match v.metrics.get(metric)? {
            Metric::Value(value) => Some(value.unit),
            Metric::Absent { .. } => None,
        });
    measured.or_else(|| Some(metric_info(metric)?.unit))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn one_figure_a_row() {
        let mut report = sample::report();
        report.trials.truncate(2);
        report.trials[1]
            .metrics
            .insert("orthos".into(), 10_517_231.0);
        report.trials[1].head.under = Some(104_857_600);
        insta::assert_snapshot!(csv(&report).unwrap());
    }

    #[test]
    fn a_hostile_report_is_read_back_as_it_was() {
        let report = sample::hostile();
        let text = csv(&report).unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), report.trials.len() * 3);
        assert_eq!(&rows[0][0], report.scenario);
        assert_eq!(&rows[0][3], report.trials[0].head.variant);
    }
}
