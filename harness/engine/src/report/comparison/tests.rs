//! What comparisons look like.

use super::markdown::markdown;
use super::terminal::summary;
use super::*;
use crate::analyze::{Choice, ResultSet, compare};
use crate::evidence::Outcome;
use crate::report::terminal as whole;
use crate::report::terminal::Style;
use crate::report::{Metric, Report, html, markdown as report_markdown, sample};

/// The sample's figures times a factor, for the variants that completed.
fn later(factor: f64) -> Report {
    let mut report = sample::report();
    report.started = "2026-11-22T09:30:00Z".into();
    for variant in &mut report.variants {
        let factor = if variant.baseline { 1.02 } else { factor };
        for name in ["wall", "cpu", "peak_rss"] {
            if let Some(Metric::Value(value)) = variant.metrics.get_mut(name) {
                value.values.iter_mut().for_each(|value| *value *= factor);
                for figure in [&mut value.min, &mut value.median, &mut value.max] {
                    *figure *= factor;
                }
            }
        }
        for trial in report
            .trials
            .iter_mut()
            .filter(|trial| trial.head.variant == variant.id)
        {
            trial
                .metrics
                .values_mut()
                .for_each(|value| *value *= factor);
        }
    }
    report
}

fn set(name: &str, report: Report) -> ResultSet {
    ResultSet {
        name: name.into(),
        results: vec![report],
    }
}

fn comparison() -> Comparison {
    let mut new = later(1.3);
    new.variants[3].outcome = Outcome::OutOfMemory;
    new.variants[3].diagnosis = "out-of-memory: killed by the kernel at 48.0 MiB of 48 MiB".into();
    new.variants[3].metrics.clear();
    new.variants[2].params.insert("buffer".into(), 1024.into());
    let sets = [set("main", sample::report()), set("this run", new)];
    compare(&sets, &[], &Choice::default())
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(summary(&comparison(), Style::plain(80)));
}

#[test]
fn three_results_at_100_columns() {
    let mut third = later(0.8);
    third.machine.fingerprint = "m-another".into();
    third.machine.cpu = "Another processor".into();
    let sets = [
        set("v1", sample::report()),
        set("v2", later(1.0)),
        set("v3", third),
    ];
    let choice = Choice {
        metrics: vec!["wall".into(), "peak_rss".into()],
        ..Choice::default()
    };
    let comparison = compare(&sets, &[], &choice);
    insta::assert_snapshot!(summary(&comparison, Style::plain(100)));
}

#[test]
fn as_markdown() {
    insta::assert_snapshot!(markdown(&comparison()));
}

#[test]
fn json_is_read_back_and_has_a_schema() {
    let text = comparison_to_json(&comparison()).unwrap();
    let back: Comparison = serde_json::from_str(&text).unwrap();
    assert_eq!(back.results, ["main", "this run"]);
    assert_eq!(comparison_to_json(&back).unwrap(), text);
}

#[test]
fn the_published_schema_is_current() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/comparison.schema.json"
    );
    let published = std::fs::read_to_string(path).unwrap();
    assert!(
        published == comparison_schema().unwrap(),
        "docs/comparison.schema.json is out of date; refresh it: \
         plimsoll schema comparison > docs/comparison.schema.json"
    );
}

#[test]
fn a_report_shows_its_comparison_in_every_form() {
    let mut report = later(1.3);
    report.comparison = Some(comparison());
    let shown = [
        whole::summary(&report, Style::plain(100), None),
        report_markdown(&report),
        html(&report).unwrap(),
    ];
    for form in shown {
        assert!(form.contains("regressed"), "{form}");
        assert!(form.contains("this run"), "{form}");
    }
}

#[test]
fn hostile_results_do_no_harm() {
    let sets = [set("a|<script>\u{1b}[2J", sample::hostile()), {
        let mut other = sample::hostile();
        other.started = "later".into();
        other.scenario_digest = "other".into();
        set("@everyone", other)
    }];
    let comparison = compare(&sets, &[], &Choice::default());
    for width in [60, 80, 120] {
        let shown = summary(&comparison, Style::plain(width));
        assert!(
            !shown.chars().any(|c| c != '\n' && c.is_control()),
            "{shown:?}"
        );
        for line in shown.lines() {
            assert!(line.chars().count() <= width.max(80), "{width}: {line}");
        }
    }
    let shown = markdown(&comparison);
    assert!(
        !shown.contains("<script") && !shown.contains("@everyone"),
        "{shown}"
    );
    let mut report = sample::hostile();
    report.comparison = Some(comparison);
    assert!(!html(&report).unwrap().contains("<script"));
}
