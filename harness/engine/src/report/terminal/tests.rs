//! The summary at several widths, and of reports that mean harm.

use proptest::prelude::*;

use super::lines::wrap;
use super::{Style, summary};
use crate::evidence::Verification;
use crate::report::{sample, text};

#[test]
fn at_80_columns() {
    let shown = summary(
        &sample::report(),
        Style::plain(80),
        Some("reports/ortho.full/report.html"),
    );
    insta::assert_snapshot!(shown);
}

#[test]
fn at_120_columns() {
    let shown = summary(
        &sample::report(),
        Style::plain(120),
        Some("reports/ortho.full/report.html"),
    );
    insta::assert_snapshot!(shown);
}

#[test]
fn colours_change_nothing_but_the_colours() {
    let style = Style {
        width: 80,
        colour: true,
    };
    let coloured = summary(&sample::report(), style, None);
    assert!(coloured.contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
    assert_eq!(
        text::whole(&coloured),
        summary(&sample::report(), Style::plain(80), None)
    );
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let mut partly = sample::report();
    for (place, variant) in partly.variants.iter_mut().enumerate() {
        let digest = format!("sum64:{}", place / 2);
        variant.digests.insert("another-digest".into(), digest);
        variant
            .digests
            .insert("file".into(), format!("sum64:{place}"));
    }
    for report in [sample::report(), sample::hostile(), partly] {
        for width in [60, 80, 100, 120, 200] {
            let shown = summary(&report, Style::plain(width), None);
            for line in shown.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn a_hostile_report_sends_no_control_characters() {
    let shown = summary(&sample::hostile(), Style::plain(80), Some("a\u{1b}[2Jb"));
    assert!(
        !shown.chars().any(|c| c != '\n' && c.is_control()),
        "{shown:?}"
    );
    assert!(!shown.contains('\u{202e}'));
    assert!(shown.len() < 40_000, "{}", shown.len());
}

#[test]
fn names_are_whole_and_proofs_are_told() {
    let mut report = sample::report();
    report.variants[0].id = "batch+clone=false+zstd=oneshot".into();
    for trial in &mut report.trials {
        if trial.head.variant == "in-memory" {
            trial.head.variant = report.variants[0].id.clone();
        }
        trial.head.verification = Some(Verification {
            verified: true,
            wall: 1.0,
            cpu: 1.0,
            peak_rss: 1,
        });
    }
    let shown = summary(&report, Style::plain(80), None);
    let lines: Vec<&str> = shown.lines().collect();
    let name = lines
        .iter()
        .position(|line| line.starts_with("batch+clone=false+ "))
        .unwrap();
    assert!(lines[name + 1].starts_with("zstd=oneshot "), "{shown}");
    // The variant that did not complete has nothing to prove.
    let told = lines.iter().filter(|line| line.ends_with(" verified"));
    assert_eq!(told.count(), 3, "{shown}");
}

#[test]
fn a_report_with_nothing_in_it_is_shown() {
    let mut report = sample::report();
    report.variants.clear();
    report.verdicts.clear();
    report.trials.clear();
    let shown = summary(&report, Style::plain(80), None);
    assert!(shown.contains("no targets"));
}

proptest! {
    #[test]
    fn wrapping_loses_nothing(words in prop::collection::vec("[a-z]{1,30}", 0..20), width in 8usize..60) {
        let lines = wrap(&words.join(" "), width);
        prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
        prop_assert_eq!(lines.concat().replace(' ', ""), words.concat());
    }
}
