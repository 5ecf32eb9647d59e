//! The document, of reports that mean harm and of reports that are too long too.

use proptest::prelude::*;

use super::document::BUDGET;
use super::escape::{escape, fence};
use super::markdown;
use crate::report::sample;

#[test]
fn a_report() {
    insta::assert_snapshot!(markdown(&sample::report()));
}

#[test]
fn a_hostile_report_stays_in_its_cells() {
    let shown = markdown(&sample::hostile());
    assert!(shown.chars().count() < BUDGET, "{}", shown.chars().count());
    let outside = outside_fences(&shown);
    assert!(!outside.contains("<script"), "{outside}");
    assert!(!outside.contains("<img"));
    assert!(!outside.contains("@everyone"));
    assert!(!outside.contains("\n# head"));
    assert!(!shown.chars().any(|c| c != '\n' && c.is_control()));
    let verdicts = outside
        .lines()
        .filter(|l| l.starts_with("| ") && l.contains("alert"));
    for row in verdicts {
        assert!(unescaped_pipes(row) <= 9, "{row}");
    }
}

#[test]
fn a_debug_build_is_said_at_the_top() {
    let mut report = sample::report();
    report.machine.debug_build = true;
    report
        .warnings
        .insert(0, "DEBUG BUILD: not comparable".into());
    let shown = markdown(&report);
    let alarm = shown.find("DEBUG BUILD").unwrap();
    assert!(alarm < shown.find("| verdict |").unwrap());
}

#[test]
fn hundreds_of_targets_fit_a_comment() {
    let mut report = sample::report();
    let verdicts = report.verdicts.clone();
    for _ in 0..100 {
        report.verdicts.extend(verdicts.clone());
    }
    let variants = report.variants.clone();
    for _ in 0..50 {
        report.variants.extend(variants.clone());
    }
    let shown = markdown(&report);
    assert!(shown.chars().count() < BUDGET);
    assert!(shown.contains("rows more in `report.html`"));
    assert!(shown.contains("Left out here for length"));
}

#[test]
fn a_fence_is_longer_than_what_it_holds() {
    assert_eq!(fence("", "a\n````\nb"), "`````\na\n````\nb\n`````\n");
}

fn unescaped_pipes(row: &str) -> usize {
    let mut escaped = false;
    let pipes = row.chars().filter(|&c| {
        let pipe = c == '|' && !escaped;
        escaped = c == '\\' && !escaped;
        pipe
    });
    pipes.count()
}

/// The text without its code blocks, read as CommonMark reads fences.
fn outside_fences(text: &str) -> String {
    let mut out = String::new();
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let ticks = line.chars().take_while(|&c| c == '`').count();
        match open {
            None if ticks >= 3 => open = Some(ticks),
            Some(length) if ticks >= length && line.len() == ticks => open = None,
            None => {
                out.push_str(line);
                out.push('\n');
            }
            Some(_) => {}
        }
    }
    assert!(open.is_none(), "a code block never ends");
    out
}

proptest! {
    #[test]
    fn escaped_text_is_one_line_without_markup(text in any::<String>()) {
        let escaped = escape(&text, 300);
        prop_assert!(!escaped.replace("<!-- -->", "").contains('<'));
        prop_assert!(!escaped.contains('\n'));
        prop_assert_eq!(unescaped_pipes(&escaped), 0);
    }

    #[test]
    fn no_text_gets_a_script_into_a_report(id in "(<script>|</details>|`|\\||[^a])*") {
        let mut report = sample::report();
        report.variants[1].id = id.clone();
        report.verdicts[0].target = id.clone();
        report.scenario_text = id.clone();
        report.warnings = vec![id];
        prop_assert!(!outside_fences(&markdown(&report)).contains("<script"));
    }
}
