//! Results that outlive the next run: baselines saved by name, and what every session leaves for the
//! learning of noise.
//!
//! Both live below the directory that reports go to: `baselines/NAME/<scenario>.<size>/result.json` and
//! `history/<scenario>.<size>/<when it began>.json`, where a part of a scenario has its name behind the size. A report's directory always has a dot in its name, so
//! neither is ever one's.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::place::{begin, file_name, sync};
use super::write::{RESULT, WriteError, read};
use super::{Metric, Report, Subject, to_json};

const BASELINES: &str = "baselines";
const HISTORY: &str = "history";
/// Sessions of a scenario at one size that are remembered; the oldest are forgotten first.
const REMEMBERED: usize = 100;

/// A baseline that was saved by name.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedBaseline {
    /// Its name.
    pub name: String,
    /// Its results, by their directories' names.
    pub results: Vec<Report>,
}

/// Whether a name can be a baseline's: one directory's, and no hidden one.
pub fn is_baseline_name(name: &str) -> bool {
    !name.is_empty() && file_name(name) == name
}

/// Saves a result as part of the baseline `name` below `out`, in place of what it had of that subject.
///
/// # Errors
///
/// [`WriteError`], which names the directory; what was there before is intact.
pub fn save_baseline(out: &Path, name: &str, report: &Report) -> Result<PathBuf, WriteError> {
    let place = report
        .subject()
        .directory(&out.join(BASELINES).join(file_name(name)));
    let mut kept = report.clone();
    kept.comparison = None;
    put(&place, RESULT, &kept)?;
    Ok(place)
}

/// The results of the baseline `name` below `out`; none where it was never saved.
///
/// # Errors
///
/// [`WriteError`] of a result that cannot be read.
pub fn baseline(out: &Path, name: &str) -> Result<Option<Vec<Report>>, WriteError> {
    if !is_baseline_name(name) {
        return Ok(None);
    }
    let place = out.join(BASELINES).join(name);
    if !place.is_dir() {
        return Ok(None);
    }
    results_in(&place).map(Some)
}

/// Every baseline saved below `out`, by name.
///
/// # Errors
///
/// [`WriteError`] of a directory or result that cannot be read.
pub fn baselines(out: &Path) -> Result<Vec<SavedBaseline>, WriteError> {
    let place = out.join(BASELINES);
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let directories = names(&place)?
        .into_iter()
        .filter(|name| place.join(name).is_dir());
    directories
        .map(|name| {
            let results = results_in(&place.join(&name))?;
            Ok(SavedBaseline { name, results })
        })
        .collect()
}

/// Reads the results that a path stands for: a file, a report's directory, or a directory of those.
///
/// # Errors
///
/// [`WriteError`], with the name of what could not be read; also where a directory holds no result.
pub fn read_results(path: &Path) -> Result<Vec<Report>, WriteError> {
    if !path.is_dir() || path.join(RESULT).exists() {
        return Ok(vec![read(path)?]);
    }
    let results = results_in(path)?;
    if results.is_empty() {
        return Err(WriteError::Open {
            path: path.join(RESULT),
            source: io::Error::new(
                io::ErrorKind::NotFound,
                "there is none, nor in a directory below",
            ),
        });
    }
    Ok(results)
}

/// Remembers what a session found, so that later comparisons learn what sessions of one build differ
/// by. Charts, profiles and single trials are left out.
///
/// # Errors
///
/// [`WriteError`], which names the directory.
pub fn remember(out: &Path, report: &Report) -> Result<(), WriteError> {
    let place = report.subject().directory(&out.join(HISTORY));
    let name = format!("{}.json", file_name(&report.started));
    put(&place, &name, &condensed(report))?;
    let remembered = names(&place)?;
    // By name is by time: all begin with a moment in UTC.
    for old in remembered.iter().rev().skip(REMEMBERED) {
        // Another session may have forgotten it already.
        let _ = fs::remove_file(place.join(old));
    }
    Ok(())
}

/// The remembered sessions of a subject below `out`, the oldest first. One that cannot be read is
/// left out: a comparison does without it.
pub fn history(out: &Path, of: Subject<'_>) -> Vec<Report> {
    let place = of.directory(&out.join(HISTORY));
    let remembered = names(&place).unwrap_or_default();
    let files = remembered.iter().filter(|name| name.ends_with(".json"));
    files
        .filter_map(|name| read(&place.join(name)).ok())
        .collect()
}

fn condensed(report: &Report) -> Report {
    let mut kept = report.clone();
    kept.comparison = None;
    kept.trials = Vec::new();
    kept.scenario_text = String::new();
    for variant in &mut kept.variants {
        variant.timeline = None;
        variant.reconciliation = None;
        variant.profile = None;
        variant.histograms = Vec::new();
        for metric in variant.metrics.values_mut() {
            if let Metric::Value(value) = metric {
                value.values = Vec::new();
            }
        }
    }
    kept
}

/// The results in the directories directly in `place`, by name.
fn results_in(place: &Path) -> Result<Vec<Report>, WriteError> {
    let directories = names(place)?.into_iter().map(|name| place.join(name));
    directories
        .filter(|path| path.join(RESULT).is_file())
        .map(|path| read(&path))
        .collect()
}

/// The names in a directory, hidden ones left out, sorted.
fn names(place: &Path) -> Result<Vec<String>, WriteError> {
    let fail = |source| WriteError::Open {
        path: place.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(place).map_err(fail)? {
        let name = entry
            .map_err(fail)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Writes a result whole or not at all.
fn put(place: &Path, name: &str, report: &Report) -> Result<(), WriteError> {
    let fail = |doing: &str, source: io::Error| WriteError::Io {
        directory: place.to_owned(),
        doing: format!("{doing} {name}"),
        source,
    };
    let text = to_json(report).map_err(|error| WriteError::Render {
        directory: place.to_owned(),
        file: RESULT,
        reason: error.to_string(),
    })?;
    fs::create_dir_all(place).map_err(|e| fail("making a directory for", e))?;
    let mut file = begin(place).map_err(|e| fail("making a temporary file for", e))?;
    file.write_all(text.as_bytes())
        .map_err(|e| fail("writing", e))?;
    file.as_file().sync_all().map_err(|e| fail("syncing", e))?;
    file.persist(place.join(name))
        .map_err(|e| fail("putting in place", e.error))?;
    sync(place).map_err(|e| fail("syncing", e))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_baseline_is_found_by_its_name_and_replaced() {
        let out = tempfile::tempdir().unwrap();
        assert_eq!(baseline(out.path(), "main").unwrap(), None);
        assert!(baselines(out.path()).unwrap().is_empty());
        let mut report = sample::report();
        save_baseline(out.path(), "main", &report).unwrap();
        report.seed = 2;
        save_baseline(out.path(), "main", &report).unwrap();
        report.size = "smoke".into();
        save_baseline(out.path(), "main", &report).unwrap();
        let found = baseline(out.path(), "main").unwrap().unwrap();
        let sizes: Vec<_> = found.iter().map(|r| (r.size.as_str(), r.seed)).collect();
        assert_eq!(sizes, [("full", 2), ("smoke", 2)]);
        let all = baselines(out.path()).unwrap();
        assert_eq!((all.len(), all[0].name.as_str()), (1, "main"));
    }

    #[test]
    fn a_search_for_floors_takes_no_full_run_s_place() {
        let out = tempfile::tempdir().unwrap();
        let whole = sample::report();
        let mut floor = sample::report();
        floor.part = Some("floor".into());
        floor.seed = whole.seed + 1;
        for report in [&whole, &floor] {
            save_baseline(out.path(), "main", report).unwrap();
            remember(out.path(), report).unwrap();
        }
        let found = baseline(out.path(), "main").unwrap().unwrap();
        let parts: Vec<_> = found.iter().map(|r| (r.part.as_deref(), r.seed)).collect();
        assert_eq!(parts, [(None, whole.seed), (Some("floor"), floor.seed)]);
        for report in [&whole, &floor] {
            let remembered = history(out.path(), report.subject());
            assert_eq!(remembered.len(), 1);
            assert_eq!(remembered[0].part, report.part);
        }
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_none() {
        for name in ["", ".", "..", "../x", "a/b", ".hidden", "a\u{0}b"] {
            assert!(!is_baseline_name(name), "{name}");
        }
        for name in ["main", "v1.2", "feature-x_3"] {
            assert!(is_baseline_name(name), "{name}");
        }
        let out = tempfile::tempdir().unwrap();
        assert_eq!(baseline(out.path(), "..").unwrap(), None);
    }

    #[test]
    fn a_damaged_baseline_is_named() {
        let out = tempfile::tempdir().unwrap();
        let place = save_baseline(out.path(), "main", &sample::report()).unwrap();
        let path = place.join(RESULT);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() / 2]).unwrap();
        let error = baseline(out.path(), "main").unwrap_err().to_string();
        assert!(error.contains("truncated"), "{error}");
        assert!(error.contains(&path.display().to_string()), "{error}");
    }

    #[test]
    fn a_path_stands_for_one_result_or_many() {
        let out = tempfile::tempdir().unwrap();
        let error = read_results(out.path()).unwrap_err().to_string();
        assert!(error.contains("there is none"), "{error}");
        let place = save_baseline(out.path(), "main", &sample::report()).unwrap();
        for path in [
            place.join(RESULT),
            place.clone(),
            place.parent().unwrap().to_owned(),
        ] {
            assert_eq!(read_results(&path).unwrap().len(), 1, "{}", path.display());
        }
    }

    #[test]
    fn sessions_are_remembered_and_the_oldest_forgotten() {
        let out = tempfile::tempdir().unwrap();
        let mut report = sample::report();
        for session in 0..REMEMBERED + 3 {
            report.started = format!("2026-11-21T15:{:02}:{:02}.5Z", session / 60, session % 60);
            remember(out.path(), &report).unwrap();
        }
        let found = history(out.path(), report.subject());
        assert_eq!(found.len(), REMEMBERED);
        assert_eq!(found[0].started, "2026-11-21T15:00:03.5Z");
        let wall = found[0].variants[0].metric("wall").unwrap();
        assert_eq!(
            wall.median,
            sample::report().variants[0].metric("wall").unwrap().median
        );
        report.size = "smoke".into();
        assert!(history(out.path(), report.subject()).is_empty());
    }

    #[test]
    fn a_damaged_memory_is_done_without() {
        let out = tempfile::tempdir().unwrap();
        let report = sample::report();
        remember(out.path(), &report).unwrap();
        fs::write(out.path().join("history/ortho.full/2026.json"), "{").unwrap();
        assert_eq!(history(out.path(), report.subject()).len(), 1);
    }
}
