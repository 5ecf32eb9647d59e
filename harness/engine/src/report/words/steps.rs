//! The steps of variants that have several or are killed, as rows of a table.

use super::NOTHING;
use crate::report::{Kills, Report, VariantReport, text};

/// One step of one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepRow {
    /// The variant's id, and whose step it is.
    pub(crate) variant: String,
    /// The step's name.
    pub(crate) step: String,
    /// Its figures, as [`columns`] names them.
    pub(crate) figures: Vec<String>,
}

/// What figures of steps are shown; whether they were killed only where the scenario kills any.
pub(crate) fn columns(report: &Report) -> Vec<&'static str> {
    let mut steps = report.variants.iter().flat_map(|variant| &variant.steps);
    let killed = steps.any(|step| step.kills.is_some()).then_some("killed");
    ["wall", "cpu", "peak RSS"]
        .into_iter()
        .chain(killed)
        .collect()
}

/// The steps of every variant that has any to show, in the order in which they run.
pub(crate) fn rows(report: &Report) -> Vec<StepRow> {
    let columns = columns(report).len();
    let steps = report
        .variants
        .iter()
        .flat_map(|variant| variant.steps.iter().map(move |step| (variant, step)));
    steps
        .map(|(variant, step)| {
            let mut figures = figures(variant, &step.name).to_vec();
            figures.push(step.kills.map_or_else(|| NOTHING.to_owned(), struck));
            figures.truncate(columns);
            StepRow {
                variant: text::line(&variant.id, text::LABEL),
                step: match step.name.as_str() {
                    "" => "its only step".to_owned(),
                    name => text::line(name, text::LABEL),
                },
                figures,
            }
        })
        .collect()
}

fn figures(variant: &VariantReport, step: &str) -> [String; 3] {
    ["wall", "cpu", "peak_rss"].map(|of| match step {
        "" => variant.figure_text(of),
        step => variant.figure_text(&format!("step.{step}.{of}")),
    })
}

/// `5 of 6`.
fn struck(kills: Kills) -> String {
    format!("{} of {}", kills.killed, kills.planned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::{Style, summary};
    use crate::report::{Metric, StepReport, html, markdown, sample};

    /// The sample with a variant of two steps.
    fn two_steps() -> Report {
        let mut report = sample::report();
        let variant = &mut report.variants[2];
        for (name, share) in [("save", 0.75), ("load", 0.25)] {
            variant.steps.push(StepReport {
                name: name.into(),
                kills: None,
            });
            for of in ["wall", "cpu", "peak_rss"] {
                let mut metric = variant.metric(of).unwrap().clone();
                metric.median *= share;
                metric.max *= share;
                let metric = Metric::Value(metric);
                variant.metrics.insert(format!("step.{name}.{of}"), metric);
            }
        }
        report
    }

    #[test]
    fn steps_stand_in_the_order_in_which_they_run() {
        let report = two_steps();
        let rows = rows(&report);
        let names: Vec<&str> = rows.iter().map(|row| row.step.as_str()).collect();
        assert_eq!(names, ["save", "load"]);
        assert!(rows.iter().all(|row| row.variant == "level-wise"));
        assert!(
            rows.iter()
                .flat_map(|row| &row.figures)
                .all(|figure| figure != "-")
        );
        assert_ne!(rows[0].figures, rows[1].figures);
    }

    #[test]
    fn every_report_shows_them_and_none_where_there_are_none() {
        let with = two_steps();
        let figures = rows(&with)[1].figures.clone();
        for (of, rendered) in [
            ("markdown", markdown(&with)),
            ("html", html(&with).unwrap()),
            ("terminal", summary(&with, Style::plain(100), None)),
        ] {
            let figures = figures.iter().map(String::as_str);
            for text in ["Steps", "save", "load"].into_iter().chain(figures) {
                let found = rendered.to_lowercase().contains(&text.to_lowercase());
                assert!(found, "{of} does not say `{text}`");
            }
        }
        let without = sample::report();
        assert!(!markdown(&without).contains("Steps"));
        assert!(!summary(&without, Style::plain(100), None).contains("steps"));
        assert!(!html(&without).unwrap().contains(">Steps<"));
    }

    #[test]
    fn kills_are_counted_where_there_are_any() {
        let mut report = two_steps();
        assert_eq!(columns(&report).len(), 3);
        report.variants[2].steps[0].kills = Some(Kills {
            planned: 6,
            killed: 5,
        });
        report.variants[3].steps.push(StepReport {
            name: String::new(),
            kills: Some(Kills::default()),
        });
        assert_eq!(columns(&report)[3], "killed");
        let rows = rows(&report);
        let killed: Vec<&str> = rows.iter().map(|row| row.figures[3].as_str()).collect();
        assert_eq!(killed, ["5 of 6", "-", "0 of 0"]);
        assert_eq!(rows[2].step, "its only step");
        assert_eq!(rows[2].figures[0], report.variants[3].figure_text("wall"));
        for rendered in [
            markdown(&report),
            html(&report).unwrap(),
            summary(&report, Style::plain(100), None),
        ] {
            assert!(rendered.contains("5 of 6"), "{rendered}");
        }
    }
}
