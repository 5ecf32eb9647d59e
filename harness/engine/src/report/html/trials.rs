//! The table of trials; of a long session those that a reader may look for.

use std::collections::BTreeSet;

use super::super::words::NOTHING;
use super::super::{Report, TrialSummary, format, plots, text};
use crate::evidence::{Instrument, Outcome, Role};

/// Up to so many trials all are listed.
const LISTED_WHOLE: usize = 300;

/// Of more, so many of the first ...
const FIRST: usize = 50;

/// ... so many of those of which there is something to say ...
const TELLING: usize = 200;

/// ... and of each variant so many of the quickest and of the slowest.
const EXTREMES: usize = 10;

/// What the template places.
pub(super) struct Trials {
    /// How many there are, in words.
    pub(super) all: String,
    pub(super) rows: Vec<TrialRow>,
    /// What is left out, in words; empty where nothing is.
    pub(super) unlisted: String,
}

pub(super) struct TrialRow {
    pub(super) number: u32,
    pub(super) variant: String,
    pub(super) class: String,
    pub(super) instrument: String,
    pub(super) role: String,
    pub(super) wall: String,
    pub(super) cpu: String,
    pub(super) peak: String,
    pub(super) said: String,
}

/// The rows of the table.
pub(super) fn trials(report: &Report) -> Trials {
    let place = |id: &str| report.variants.iter().position(|v| v.id == id);
    let row = |trial: &TrialSummary| {
        let mut role = match trial.head.role {
            Role::Warmup => "warm-up, not counted".to_owned(),
            Role::Measured => "measured".to_owned(),
            Role::Control => "control".to_owned(),
            Role::Capped => "capped".to_owned(),
            Role::Floor => "search of the floor".to_owned(),
            Role::Sweep => "sweep".to_owned(),
        };
        if let Some(point) = &trial.head.point {
            let parameter = text::line(&point.parameter, text::LABEL);
            role = format!("{role}, {parameter} {}", format::count(point.value));
        }
        if let Some(cap) = trial.head.under {
            role = format!("{role}, {}", format::bytes(cap as f64));
        } else if let Some(block) = trial.head.block {
            role = format!("{role}, round {}", block.round + 1);
        }
        let said = [&trial.head.diagnosis].into_iter().chain(&trial.head.notes);
        let said: Vec<String> = said.map(|s| text::line(s, text::SENTENCE)).collect();
        TrialRow {
            number: trial.head.number,
            variant: text::line(&trial.head.variant, text::LABEL),
            class: place(&trial.head.variant).map_or_else(String::new, plots::series_class),
            instrument: trial.head.instrument.name().into(),
            role,
            wall: format::seconds(trial.wall),
            cpu: format::seconds(trial.cpu),
            peak: if trial.peak_rss == 0 {
                NOTHING.into()
            } else {
                format::bytes(trial.peak_rss as f64)
            },
            said: said.join("; "),
        }
    };
    Trials {
        all: format::counted(report.trials.len(), "trial"),
        rows: listed(report).into_iter().map(row).collect(),
        unlisted: unlisted(report),
    }
}

/// The trials that are listed: all of them, or of a long session the first ones, those of which
/// there is something to say, and of each variant the quickest and the slowest.
fn listed(report: &Report) -> Vec<&TrialSummary> {
    if report.trials.len() <= LISTED_WHOLE {
        return report.trials.iter().collect();
    }
    let mut extremes = BTreeSet::new();
    for variant in &report.variants {
        let of = report
            .trials
            .iter()
            .filter(|trial| trial.head.variant == variant.id);
        let mut by_wall: Vec<&TrialSummary> = of.collect();
        by_wall.sort_by(|a, b| a.wall.total_cmp(&b.wall));
        let ends = by_wall
            .iter()
            .take(EXTREMES)
            .chain(by_wall.iter().rev().take(EXTREMES));
        extremes.extend(ends.map(|trial| trial.head.number));
    }
    let mut told = 0;
    let mut chosen = Vec::new();
    for (place, trial) in report.trials.iter().enumerate() {
        let telling = trial.head.outcome != Outcome::Completed
            || !trial.head.notes.is_empty()
            || !matches!(
                trial.head.role,
                Role::Measured | Role::Control | Role::Sweep
            )
            || trial.head.instrument != Instrument::Clock;
        told += usize::from(telling);
        if place < FIRST || extremes.contains(&trial.head.number) || (telling && told <= TELLING) {
            chosen.push(trial);
        }
    }
    chosen
}

/// What is left out of the list, in words; empty where nothing is.
fn unlisted(report: &Report) -> String {
    let (all, listed) = (report.trials.len(), listed(report).len());
    if all == listed {
        return String::new();
    }
    format!(
        "{} of {} are listed: the first, those of which there is something to say, and of each variant \
         the quickest and the slowest. All of them are in trials.csv and in result.json.",
        format::count(listed as f64),
        format::counted(all, "trial"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn a_long_session_lists_what_is_looked_for() {
        let mut report = sample::report();
        let some = trials(&report);
        assert_eq!(some.rows.len(), report.trials.len());
        assert!(some.unlisted.is_empty());
        let mut template = report.trials[0].clone();
        template.head.role = Role::Measured;
        template.head.instrument = Instrument::Clock;
        template.head.outcome = Outcome::Completed;
        template.head.notes.clear();
        report.trials = (0..3_750)
            .map(|number| {
                let mut trial = template.clone();
                trial.head.number = number;
                trial.wall = 1.0 + f64::from(number % 97);
                trial
            })
            .collect();
        report.trials[3_000].wall = 1e6;
        report.trials[2_000]
            .head
            .notes
            .push("left a process behind".to_owned());
        let thinned = trials(&report);
        assert!(thinned.rows.len() < 100, "{}", thinned.rows.len());
        for number in [0, 2_000, 3_000] {
            assert!(
                thinned.rows.iter().any(|row| row.number == number),
                "{number}"
            );
        }
        assert!(
            thinned.unlisted.contains("of 3,750 trials"),
            "{}",
            thinned.unlisted
        );
    }
}
