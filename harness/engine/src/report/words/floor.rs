//! Floors in words, for all renderers alike.

use super::NOTHING;
use crate::report::format::{bytes, counted, ratio, seconds};
use crate::report::{Floor, FloorAttempt, FloorEnding, Report, VariantReport, text};

impl Floor {
    /// Its two edges: `out-of-memory at 63.4 MiB, passes at 64.5 MiB (3 of 3)`.
    pub(crate) fn edges(&self) -> String {
        let passes = self.passes_at.map(|cap| {
            let cap = bytes(cap as f64);
            format!("passes at {cap} ({} of {})", self.confirmed, self.repeats)
        });
        let fails = self.fails_at.map(|cap| {
            let ending = self.failure().map_or(FloorEnding::Failed, |a| a.ending);
            format!("{ending} at {}", bytes(cap as f64))
        });
        let parts: Vec<String> = fails.into_iter().chain(passes).collect();
        match parts.is_empty() {
            true => "no cap was tried".to_owned(),
            false => parts.join(", "),
        }
    }

    /// The trial that makes the lower edge one.
    fn failure(&self) -> Option<&FloorAttempt> {
        let mut attempts = self.attempts.iter();
        attempts.find(|attempt| {
            Some(attempt.cap) == self.fails_at && attempt.ending != FloorEnding::Passed
        })
    }

    /// How much longer it takes at the upper edge, the middle one of its trials there.
    fn slowdown(&self) -> Option<f64> {
        let there = self
            .attempts
            .iter()
            .filter(|a| Some(a.cap) == self.passes_at);
        let mut slowdowns: Vec<f64> = there.filter_map(|attempt| attempt.slowdown).collect();
        slowdowns.sort_by(f64::total_cmp);
        slowdowns.get(slowdowns.len().checked_sub(1)? / 2).copied()
    }

    /// The whole of it in sentences: the edges, what they cost, what is to be known.
    pub(crate) fn in_short(&self) -> String {
        let mut said = vec![self.edges()];
        if let Some(slowdown) = self.slowdown() {
            said.push(format!("{} the time without a cap", ratio(slowdown)));
        }
        let trials = counted(self.attempts.len(), "trial");
        said.push(format!(
            "{} tried in {trials}",
            counted(self.caps as usize, "cap")
        ));
        let more = self.absent.iter().chain(&self.notes);
        said.extend(more.map(|note| text::line(note, text::SENTENCE)));
        said.join("; ")
    }
}

/// The variants whose floor was searched for.
pub(crate) fn floors(report: &Report) -> impl Iterator<Item = (usize, &VariantReport, &Floor)> {
    let variants = report.variants.iter().enumerate();
    variants.filter_map(|(place, variant)| Some((place, variant, variant.floor.as_ref()?)))
}

/// The columns of [`attempts`].
pub(crate) const COLUMNS: [&str; 5] = ["cap", "ended", "wall", "x uncapped", "major faults"];

/// Every trial of a search as a row of a table, the largest cap first.
pub(crate) fn attempts(floor: &Floor) -> Vec<[String; 5]> {
    let mut attempts: Vec<&FloorAttempt> = floor.attempts.iter().collect();
    attempts.sort_by_key(|attempt| (std::cmp::Reverse(attempt.cap), attempt.trial));
    let row = |attempt: &FloorAttempt| {
        let slowdown = attempt.slowdown.map_or_else(|| NOTHING.to_owned(), ratio);
        [
            bytes(attempt.cap as f64),
            attempt.ending.to_string(),
            seconds(attempt.wall),
            slowdown,
            attempt.major_faults.to_string(),
        ]
    };
    attempts.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_floor_is_told_with_what_it_costs() {
        let report = sample::report();
        let (_, _, floor) = floors(&report).next().unwrap();
        assert_eq!(
            floor.in_short(),
            "thrashing at 38.1 MiB, passes at 38.8 MiB (3 of 3); 1.25 x the time without a \
             cap; 5 caps tried in 7 trials"
        );
    }

    #[test]
    fn half_a_floor_is_told_too() {
        let report = sample::report();
        let (_, _, floor) = floors(&report).next().unwrap();
        let mut floor = floor.clone();
        floor.passes_at = None;
        floor.absent = Some("the search was cut short".to_owned());
        let said = floor.in_short();
        assert!(said.starts_with("thrashing at 38.1 MiB; 5 caps"), "{said}");
        assert!(said.ends_with("; the search was cut short"), "{said}");
        floor.fails_at = None;
        assert_eq!(floor.edges(), "no cap was tried");
    }

    #[test]
    fn attempts_go_from_the_largest_cap_down() {
        let report = sample::report();
        let (_, _, floor) = floors(&report).next().unwrap();
        let rows = attempts(floor);
        assert_eq!(rows.len(), 7);
        assert_eq!(rows[0][0], "40.4 MiB");
        assert_eq!(rows[0][1], "passed");
        assert_eq!(rows[6][3], NOTHING);
    }
}
