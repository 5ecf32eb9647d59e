//! Sets of stored results against the first of them.

use std::collections::BTreeSet;

use super::metric::{ALPHA, Pair};
use super::noise::Sessions;
use super::{said, select};
use crate::analyze::heap_difference;
use crate::report::format::percent;
use crate::report::{
    Comparison, HeapChange, Metric, MetricComparison, Report, SCHEMA_VERSION, ScenarioComparison,
    Subject, VariantComparison, VariantReport,
};

/// The widest margin of "no difference".
const MARGIN: f64 = 0.05;

/// Results that belong together: a session's, or all that a saved baseline has.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultSet {
    /// What it is called.
    pub name: String,
    /// One of each subject.
    pub results: Vec<Report>,
}

impl ResultSet {
    fn find(&self, subject: Subject<'_>) -> Option<&Report> {
        let mut results = self.results.iter();
        results.find(|result| result.subject() == subject)
    }
}

/// What is to be compared, and what fails.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// Metrics by name, or `all`; those that bind or sum up where there are none.
    pub metrics: Vec<String>,
    /// Variants by id; all where there are none.
    pub variants: Vec<String>,
    /// The gate: a metric that is surely worse by more than this share fails.
    pub fail_above: Option<f64>,
}

impl Choice {
    /// The first name that no result has, what it was to name, and the names that there are.
    pub fn unknown<'a>(
        &'a self,
        sets: &'a [ResultSet],
    ) -> Option<(&'static str, &'a str, BTreeSet<&'a str>)> {
        let reports = || sets.iter().flat_map(|set| &set.results);
        let metrics = select::names(reports());
        let variants: BTreeSet<&str> = reports()
            .flat_map(|report| &report.variants)
            .map(|variant| variant.id.as_str())
            .collect();
        for (what, asked, names) in [
            ("metric", &self.metrics, metrics),
            ("variant", &self.variants, variants),
        ] {
            if let Some(name) = asked.iter().find(|name| !names.contains(name.as_str())) {
                return Some((what, name, names));
            }
        }
        None
    }

    /// No gate makes a difference out of what it lets pass, nor the other way round.
    fn margin(&self) -> f64 {
        match self.fail_above {
            Some(above) if above > 0.0 => above.min(MARGIN),
            _ => MARGIN,
        }
    }
}

/// Holds every set of results against the first. `history` are further stored results, of which those of
/// the same subject and machine say what sessions of one build differ by.
///
/// The exit code is left at 0: what fails is [`judge`](crate::judge)'s business.
pub fn compare(sets: &[ResultSet], history: &[Report], choice: &Choice) -> Comparison {
    let mut comparison = Comparison {
        schema_version: SCHEMA_VERSION,
        results: sets.iter().map(|set| set.name.clone()).collect(),
        level: 1.0 - ALPHA,
        margin: choice.margin(),
        fail_above: choice.fail_above,
        method: method(choice),
        notes: Vec::new(),
        scenarios: Vec::new(),
        exit_code: 0,
    };
    let Some((first, later)) = sets.split_first() else {
        return comparison;
    };
    let mut seen = BTreeSet::new();
    for (set, result) in sets
        .iter()
        .flat_map(|set| set.results.iter().map(move |r| (set, r)))
    {
        let subject = result.subject();
        if !seen.insert(subject) {
            continue;
        }
        let found: Vec<Option<&Report>> = sets.iter().map(|set| set.find(subject)).collect();
        let lacking = |set: &ResultSet| format!("{subject}, is in {} alone", set.name);
        match found.first() {
            Some(Some(old)) if found.iter().flatten().count() > 1 => {
                let scene = Scene {
                    sets,
                    old,
                    later: &found[1..],
                    choice,
                };
                let stored = sets.iter().flat_map(|set| &set.results).chain(history);
                comparison.scenarios.push(scene.compare(stored));
            }
            Some(None) if later.len() > 1 => comparison
                .notes
                .push(format!("{subject}, is not in {}", first.name)),
            _ => comparison.notes.push(lacking(set)),
        }
    }
    comparison
}

fn method(choice: &Choice) -> String {
    format!(
        "Figures of two sessions are not paired. Times: the shift of the logarithms of the runs' ratios to the baseline of their own \
         session, where both have one that did the same, else of the runs themselves (Hodges-Lehmann, with the interval \
         of the Mann-Whitney test). Peaks: every combination of runs. Counts: as they are. All intervals are {} ones and are widened by what \
         two sessions of one build differ by. No difference: the whole interval is within {}.",
        percent(1.0 - ALPHA),
        percent(choice.margin())
    )
}

/// One subject.
struct Scene<'a> {
    sets: &'a [ResultSet],
    old: &'a Report,
    /// By the place of the set, the first left out.
    later: &'a [Option<&'a Report>],
    choice: &'a Choice,
}

impl<'a> Scene<'a> {
    fn compare(&self, stored: impl Iterator<Item = &'a Report>) -> ScenarioComparison {
        let sessions = Sessions::like(stored, self.old);
        let mut notes = Vec::new();
        for (place, new) in self.results() {
            let names = (self.sets[0].name.as_str(), self.sets[place].name.as_str());
            notes.extend(said::of_sessions(names, self.old, new));
            notes.extend(self.lacking(names, new));
            notes.extend(self.moved_baseline(names.1, new));
        }
        let every = std::iter::once(Some(self.old)).chain(self.later.iter().copied());
        ScenarioComparison {
            scenario: self.old.scenario.clone(),
            size: self.old.size.clone(),
            part: self.old.part.clone(),
            sessions: every.map(|report| report.map(said::head)).collect(),
            notes,
            variants: self
                .old
                .variants
                .iter()
                .filter(|variant| self.chosen(&variant.id))
                .filter_map(|variant| self.variant(variant, &sessions))
                .collect(),
        }
    }

    /// The later results that there are, with the place of their set.
    fn results(&self) -> impl Iterator<Item = (usize, &'a Report)> {
        let later = self.later.iter().enumerate();
        later.filter_map(|(place, report)| Some((place + 1, (*report)?)))
    }

    fn chosen(&self, id: &str) -> bool {
        self.choice.variants.is_empty() || self.choice.variants.iter().any(|one| one == id)
    }

    /// Variants without a counterpart.
    fn lacking(&self, names: (&str, &str), new: &Report) -> Vec<String> {
        let ids = |report: &Report| -> BTreeSet<String> {
            let chosen = report.variants.iter().filter(|v| self.chosen(&v.id));
            chosen.map(|variant| variant.id.clone()).collect()
        };
        let (old_ids, new_ids) = (ids(self.old), ids(new));
        let said = |here: &BTreeSet<String>, there: &BTreeSet<String>, name: &str| {
            let alone: Vec<_> = here.difference(there).map(String::as_str).collect();
            (!alone.is_empty()).then(|| format!("in {name} alone: {}", alone.join(", ")))
        };
        [
            said(&old_ids, &new_ids, names.0),
            said(&new_ids, &old_ids, names.1),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Ratios to a baseline that was itself changed say less than they seem to.
    fn moved_baseline(&self, name: &str, new: &Report) -> Option<String> {
        let (old, new) = (self.old.baseline()?, new.baseline()?);
        if old.id != new.id {
            return Some(format!(
                "the baseline was {}, in {name} it is {}",
                old.id, new.id
            ));
        }
        (old.build.is_some() && new.build.is_some() && old.build != new.build).then(|| {
            format!(
                "the baseline's build differs too: what changed in {} itself shows in its own rows, and the other way round in the \
                 ratios to it",
                old.id
            )
        })
    }

    fn variant(
        &self,
        old: &'a VariantReport,
        sessions: &'a Sessions<'a>,
    ) -> Option<VariantComparison> {
        let later: Vec<(usize, &Report, &VariantReport)> = self
            .results()
            .filter_map(|(place, report)| {
                let new = report.variants.iter().find(|v| v.id == old.id)?;
                Some((place, report, new))
            })
            .collect();
        if later.is_empty() {
            return None;
        }
        let mut notes = Vec::new();
        let mut endings = Vec::new();
        let mut pairs = Vec::new();
        for &(place, report, new) in &later {
            notes.extend(said::of_variant(&self.sets[place].name, old, new));
            let result = u32::try_from(place).unwrap_or(u32::MAX);
            endings.push(said::ending(result, old, new));
            pairs.push(Pair {
                result,
                old: (self.old, old),
                new: (report, new),
                same_machine: said::same_machine(self.old, report),
                withheld: said::withheld((self.old, old), (report, new)),
                control: self.control(old, report),
                sessions,
                margin: self.choice.margin(),
            });
        }
        let reports: Vec<&Report> = std::iter::once(self.old)
            .chain(later.iter().map(|l| l.1))
            .collect();
        let variants: Vec<&VariantReport> = std::iter::once(old)
            .chain(later.iter().map(|l| l.2))
            .collect();
        let names = select::metrics(&self.choice.metrics, &reports, &variants);
        Some(VariantComparison {
            id: old.id.clone(),
            baseline: old.baseline,
            notes,
            endings,
            metrics: names
                .into_iter()
                .filter_map(|name| metric(name, &variants, &pairs))
                .collect(),
            heaps: pairs.iter().filter_map(heap).collect(),
        })
    }

    /// The baseline, where it did the same in both results and `variant` is another.
    fn control(&self, variant: &VariantReport, new: &'a Report) -> Option<&'a str> {
        let (was, is) = (self.old.baseline()?, new.baseline()?);
        let same = was.id == is.id
            && was.implementation == is.implementation
            && was.params == is.params
            && was.inputs == is.inputs
            && was.threads == is.threads;
        (same && variant.id != is.id).then_some(is.id.as_str())
    }
}

/// What changed in the heap, where both results have a profile and anything did.
fn heap(pair: &Pair<'_>) -> Option<HeapChange> {
    let (old, new) = (pair.old.1.profile.as_ref()?, pair.new.1.profile.as_ref()?);
    let difference = heap_difference(old, new);
    (!difference.sites.is_empty()).then_some(HeapChange {
        result: pair.result,
        difference,
    })
}

fn metric(name: &str, variants: &[&VariantReport], pairs: &[Pair<'_>]) -> Option<MetricComparison> {
    let about = variants
        .iter()
        .find_map(|variant| match variant.metrics.get(name)? {
            Metric::Value(value) => Some(value),
            Metric::Absent { .. } => None,
        })?;
    Some(MetricComparison {
        metric: name.to_owned(),
        unit: about.unit,
        better: about.better,
        old: variants.first()?.metric(name).map(|value| value.figure()),
        changes: pairs.iter().filter_map(|pair| pair.change(name)).collect(),
    })
}
