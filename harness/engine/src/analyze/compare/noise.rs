//! What two sessions of one build differ by: an assumption, moderated by what the stored sessions of
//! equal builds show.
//!
//! The variance between sessions has a scaled inverse chi-squared prior; sessions of equal builds add
//! their degrees of freedom to it (G. K. Smyth, "Linear models and empirical Bayes methods for assessing
//! differential expression in microarray experiments", *Statistical Applications in Genetics and
//! Molecular Biology* 3, 2004, section 3). A difference of two sessions is held against Student's t with all of
//! them.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::evidence::Machine;
use crate::report::{Metric, Report, SessionNoise, VariantReport};

/// Degrees of freedom that an assumption counts as: what five sessions would weigh.
const PRIOR: f64 = 4.0;
/// Fewest degrees of freedom that say anything where nothing is assumed.
const FEWEST: f64 = 2.0;

/// Which figure of a session it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// The metric's own.
    Absolute,
    /// Its ratio to the baseline of the same session.
    Relative,
}

/// What a variant was in a session: figures of equal ones should be equal.
#[derive(Debug, PartialEq)]
struct Build<'a> {
    build: &'a str,
    implementation: &'a str,
    params: &'a serde_json::Map<String, serde_json::Value>,
    inputs: Option<&'a str>,
    threads: Option<usize>,
    allocator: &'a str,
}

impl<'a> Build<'a> {
    /// None where a result does not say its build: those of earlier versions.
    fn of(variant: &'a VariantReport) -> Option<Self> {
        Some(Self {
            build: variant.build.as_deref()?,
            implementation: &variant.implementation,
            params: &variant.params,
            inputs: variant.inputs.as_deref(),
            threads: variant.threads,
            allocator: &variant.allocator,
        })
    }
}

/// The stored sessions of a scenario at one size on one machine, each once.
#[derive(Debug)]
pub(super) struct Sessions<'a> {
    reports: Vec<&'a Report>,
}

impl<'a> Sessions<'a> {
    /// Those of `stored` that ran the same scenario at the same size as `like`, on the same machine, with a
    /// harness of the same kind of build. Sessions that were cut short are left out.
    pub(super) fn like(stored: impl Iterator<Item = &'a Report>, like: &Report) -> Self {
        let mut reports = BTreeMap::new();
        for report in stored {
            if report.subject() == like.subject()
                && comparable(&report.machine, &like.machine)
                && !report.interrupted
            {
                reports.entry(report.started.as_str()).or_insert(report);
            }
        }
        let reports = reports.into_values().collect();
        Self { reports }
    }

    /// What two sessions of one build differ by in a metric of a variant, with an error of `alpha`, where
    /// the standard deviation of a session is assumed to be `assumed` in logarithms; 0 for what should not
    /// differ at all. None where nothing is assumed and too little was seen. The sessions that began when
    /// `compared` say are those that are held against each other: they are no witnesses.
    pub(super) fn floor(
        &self,
        compared: [&str; 2],
        (variant, metric, figure): (&str, &str, Figure),
        assumed: f64,
        alpha: f64,
    ) -> Option<SessionNoise> {
        let witnesses = self
            .reports
            .iter()
            .filter(|report| !compared.contains(&report.started.as_str()));
        let seen = spread(witnesses.copied(), variant, metric, figure);
        let prior = if assumed > 0.0 { PRIOR } else { 0.0 };
        let freedom = prior + seen.freedom;
        if freedom < FEWEST {
            return None;
        }
        let variance = (prior * assumed * assumed + seen.squares) / freedom;
        let t = StudentsT::new(0.0, 1.0, freedom).ok()?;
        let log = t.inverse_cdf(1.0 - alpha / 2.0) * (2.0 * variance).sqrt();
        Some(SessionNoise {
            share: log.exp_m1(),
            sessions: seen.sessions,
        })
    }
}

/// Sessions of equal builds.
struct Group<'a> {
    build: Build<'a>,
    /// Of the baseline, where the figure is a ratio to it.
    base: Option<Build<'a>>,
    /// The logarithm of the figure in each session.
    logs: Vec<f64>,
}

/// The sum of squares within groups of equal builds.
fn spread<'a>(
    reports: impl Iterator<Item = &'a Report>,
    variant: &str,
    metric: &str,
    figure: Figure,
) -> Spread {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for report in reports {
        let Some(found) = report.variants.iter().find(|v| v.id == variant) else {
            continue;
        };
        let (Some(build), Some(log)) = (Build::of(found), log(found, metric, figure)) else {
            continue;
        };
        let base = match figure {
            Figure::Absolute => None,
            Figure::Relative => report.baseline().and_then(Build::of),
        };
        let same = |group: &&mut Group<'_>| group.build == build && group.base == base;
        match groups.iter_mut().find(same) {
            Some(group) => group.logs.push(log),
            None => groups.push(Group {
                build,
                base,
                logs: vec![log],
            }),
        }
    }
    let mut spread = Spread::default();
    for logs in groups
        .iter()
        .map(|group| &group.logs)
        .filter(|logs| logs.len() > 1)
    {
        let n = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / n;
        spread.squares += logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>();
        spread.freedom += n - 1.0;
        spread.sessions += u32::try_from(logs.len()).unwrap_or(u32::MAX);
    }
    spread
}

/// Whether figures of two machines can be compared.
pub(super) fn comparable(a: &Machine, b: &Machine) -> bool {
    a.fingerprint == b.fingerprint && a.debug_build == b.debug_build
}

/// What the sessions of equal builds show.
#[derive(Debug, Default, PartialEq)]
struct Spread {
    squares: f64,
    freedom: f64,
    sessions: u32,
}

/// The logarithm of a session's figure; none where it has none above 0.
fn log(variant: &VariantReport, metric: &str, figure: Figure) -> Option<f64> {
    let value = match (figure, variant.metrics.get(metric)?) {
        (Figure::Absolute, Metric::Value(value)) => value.figure(),
        (Figure::Relative, Metric::Value(_)) => variant.relative.get(metric)?.ratio,
        (_, Metric::Absent { .. }) => return None,
    };
    (value > 0.0)
        .then(|| value.ln())
        .filter(|log| log.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::compare::testing::{result, value};

    /// Sessions whose `wall` of `b` was this, all of one build.
    fn sessions(walls: &[f64]) -> Vec<Report> {
        let session = |(n, wall): (usize, &f64)| {
            let mut report = result(&["a", "b"]);
            report.started = format!("2026-11-{:02}T00:00:00Z", n + 1);
            value(&mut report, "b", "wall", &[*wall; 6]);
            report
        };
        walls.iter().enumerate().map(session).collect()
    }

    fn floor(stored: &[Report], assumed: f64) -> Option<SessionNoise> {
        let like = result(&["a", "b"]);
        let sessions = Sessions::like(stored.iter(), &like);
        let of = ("b", "wall", Figure::Absolute);
        sessions.floor(["then", "now"], of, assumed, 0.01)
    }

    /// t with 4 degrees of freedom at 99.5 % is 4.604.
    #[test]
    fn without_history_the_floor_is_assumed() {
        let floor = floor(&[], 0.02).unwrap();
        assert_eq!(floor.sessions, 0);
        let expected = (4.604_f64 * 2.0_f64.sqrt() * 0.02).exp_m1();
        assert!((floor.share - expected).abs() < 1e-4, "{floor:?}");
    }

    #[test]
    fn quiet_sessions_lower_it_and_unquiet_ones_raise_it() {
        let assumed = floor(&[], 0.02).unwrap().share;
        let quiet = floor(&sessions(&[1.0, 1.001, 0.999, 1.0, 1.001, 1.0]), 0.02).unwrap();
        assert_eq!(quiet.sessions, 6);
        assert!(quiet.share < assumed / 2.0, "{quiet:?}");
        let unquiet = floor(&sessions(&[1.0, 1.2, 0.9, 1.1, 0.8, 1.0]), 0.02).unwrap();
        assert!(unquiet.share > 2.0 * assumed, "{unquiet:?}");
    }

    #[test]
    fn where_nothing_is_assumed_three_sessions_are_needed() {
        assert_eq!(floor(&sessions(&[1.0, 1.1]), 0.0), None);
        assert!(floor(&sessions(&[1.0, 1.1, 1.05]), 0.0).unwrap().share > 0.1);
        assert_eq!(floor(&sessions(&[1.0; 5]), 0.0).unwrap().share, 0.0);
    }

    #[test]
    fn what_is_compared_is_no_witness() {
        let stored = sessions(&[1.0, 1.5, 1.0, 1.0]);
        let like = result(&["a", "b"]);
        let sessions = Sessions::like(stored.iter(), &like);
        let of = ("b", "wall", Figure::Absolute);
        let compared = [stored[0].started.as_str(), stored[1].started.as_str()];
        let floor = sessions.floor(compared, of, 0.02, 0.01).unwrap();
        assert_eq!(floor.sessions, 2);
        assert!(floor.share < 0.14, "{floor:?}");
    }

    #[test]
    fn only_equal_builds_of_this_machine_count() {
        let mut stored = sessions(&[1.0, 1.2, 0.9, 1.1]);
        let twice = stored[0].clone();
        stored.push(twice);
        assert_eq!(
            floor(&stored, 0.02).unwrap().sessions,
            4,
            "each session once"
        );
        stored[0].machine.fingerprint = "another".into();
        stored[1].interrupted = true;
        stored[4].machine.debug_build = true;
        assert_eq!(floor(&stored, 0.02).unwrap().sessions, 2);
        for variant in &mut stored[2].variants {
            variant.build = Some("blake3:another".into());
        }
        assert_eq!(floor(&stored, 0.02).unwrap().sessions, 0);
    }
}
