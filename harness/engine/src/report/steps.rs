//! The steps of variants that have several, as rows of a table.

use super::{Report, text};

/// Titles of the columns of figures.
pub(crate) const COLUMNS: [&str; 3] = ["wall", "cpu", "peak RSS"];

/// One step of one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepRow {
    /// The variant's id, and whose step it is.
    pub(crate) variant: String,
    /// The step's name.
    pub(crate) step: String,
    /// Its figures, as [`COLUMNS`] names them.
    pub(crate) figures: [String; 3],
}

/// The steps of every variant that names them, in the order in which they run.
pub(crate) fn rows(report: &Report) -> Vec<StepRow> {
    let steps = report
        .variants
        .iter()
        .flat_map(|variant| variant.steps.iter().map(move |step| (variant, step)));
    steps
        .map(|(variant, step)| StepRow {
            variant: text::line(&variant.id, text::LABEL),
            step: text::line(&step.name, text::LABEL),
            figures: ["wall", "cpu", "peak_rss"]
                .map(|of| variant.figure_text(&format!("step.{}.{of}", step.name))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::terminal::{Style, summary};
    use super::super::{StepReport, html, markdown, sample};
    use super::*;

    /// The sample with a variant of two steps.
    fn two_steps() -> Report {
        let mut report = sample::report();
        let variant = &mut report.variants[2];
        for (name, share) in [("save", 0.75), ("load", 0.25)] {
            variant.steps.push(StepReport { name: name.into() });
            for of in ["wall", "cpu", "peak_rss"] {
                let mut metric = variant.metric(of).unwrap().clone();
                metric.median *= share;
                metric.max *= share;
                let metric = super::super::Metric::Value(metric);
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
            for text in ["Steps", "save", "load"]
                .iter()
                .chain(&figures.each_ref().map(|f| f.as_str()))
            {
                let found = rendered.to_lowercase().contains(&text.to_lowercase());
                assert!(found, "{of} does not say `{text}`");
            }
        }
        let without = sample::report();
        assert!(!markdown(&without).contains("Steps"));
        assert!(!summary(&without, Style::plain(100), None).contains("steps"));
        assert!(!html(&without).unwrap().contains(">Steps<"));
    }
}
