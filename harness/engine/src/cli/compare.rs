//! `plimsoll compare`: stored results against one another, without running anything.

use std::io::Write;
use std::path::Path;

use plimsoll_workload::nearest::nearest;

use super::args::{CompareArgs, CompareForm};
use super::entry::print;
use super::failure::CliFailure;
use crate::analyze::{Choice, ResultSet, compare as compared};
use crate::judge::{ExitCode, gate};
use crate::report::{
    Comparison, Report, comparison_markdown, comparison_summary, comparison_to_json, detect_style,
    stored,
};

/// Compares stored results, prints how, and gives the exit code of the gate.
pub(super) fn compare(args: &CompareArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    let choice = Choice {
        metrics: args.metrics.clone(),
        variants: args.variants.clone(),
        fail_above: args.fail_above,
    };
    let mut sets = Vec::new();
    let mut mistakes = Vec::new();
    for name in &args.results {
        match find(name, &args.out) {
            Ok(results) => sets.push(ResultSet {
                name: called(name, &sets),
                results,
            }),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if !mistakes.is_empty() {
        return Err(CliFailure::mistakes(mistakes));
    }
    if let Some((what, name, names)) = choice.unknown(&sets) {
        let hint = nearest(name, names.iter().copied());
        let hint = hint.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        let all: Vec<_> = names.into_iter().collect();
        return Err(CliFailure::usage(format!(
            "no result has a {what} `{name}`{hint}\nthere are: {}",
            all.join(", ")
        )));
    }
    let mut comparison = compared(&sets, &history(&sets, &args.out), &choice);
    if comparison.scenarios.is_empty() {
        return Err(CliFailure::usage(nothing_in_common(&sets)));
    }
    let code = gate(&comparison, args.strict);
    comparison.exit_code = code.code();
    print(out, &shown(&comparison, args.format)?)?;
    Ok(code)
}

fn shown(comparison: &Comparison, form: CompareForm) -> Result<String, CliFailure> {
    match form {
        CompareForm::Terminal => Ok(comparison_summary(comparison, detect_style())),
        CompareForm::Markdown => Ok(comparison_markdown(comparison)),
        CompareForm::Json => comparison_to_json(comparison).map_err(|error| {
            CliFailure::unmeasured(format!("cannot write the comparison as JSON: {error}"))
        }),
    }
}

/// The results that a path or a baseline's name stands for; what is a path is one, whatever baselines there are.
fn find(name: &str, out: &Path) -> Result<Vec<Report>, String> {
    let path = Path::new(name);
    if path.exists() {
        return stored::read_results(path).map_err(|error| error.to_string());
    }
    match stored::baseline(out, name) {
        Ok(Some(results)) => Ok(results),
        Ok(None) => Err(no_such(name, out)),
        Err(error) => Err(error.to_string()),
    }
}

/// What to say where nothing goes by a name.
pub(super) fn no_such(name: &str, out: &Path) -> String {
    let saved = stored::baselines(out).unwrap_or_default();
    let saved: Vec<&str> = saved
        .iter()
        .map(|baseline| baseline.name.as_str())
        .collect();
    let there_are = match saved.is_empty() {
        true => format!(
            "none is saved in {} yet (`plimsoll run SCENARIO --save-baseline {name}` saves one)",
            out.display()
        ),
        false => format!("saved in {}: {}", out.display(), saved.join(", ")),
    };
    let hint = nearest(name, saved.iter().copied());
    let hint = hint.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("there is no result and no baseline `{name}`{hint}\n{there_are}")
}

/// What a set of results is called: as it was typed, without what says nothing; numbered where that name is
/// taken.
fn called(name: &str, sets: &[ResultSet]) -> String {
    let path = Path::new(name);
    let path = match path.parent() {
        Some(parent) if path.ends_with("result.json") && parent.file_name().is_some() => parent,
        _ => path,
    };
    let whole = path.display().to_string();
    let short = path
        .file_name()
        .map_or(whole.clone(), |last| last.to_string_lossy().into_owned());
    let taken = |name: &str| sets.iter().any(|set| set.name == name);
    let numbered = (2..).map(|n| format!("{short} ({n})"));
    let mut names = [short.clone(), whole].into_iter().chain(numbered);
    names.find(|name| !taken(name)).unwrap_or(short)
}

/// The remembered sessions of every subject in the sets.
fn history(sets: &[ResultSet], out: &Path) -> Vec<Report> {
    let results = sets.iter().flat_map(|set| &set.results);
    let mut subjects: Vec<_> = results.map(Report::subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let remembered = subjects
        .into_iter()
        .flat_map(|subject| stored::history(out, subject));
    remembered.collect()
}

fn nothing_in_common(sets: &[ResultSet]) -> String {
    let mut said =
        "nothing can be compared: no scenario at the same size is in the first and in another"
            .to_owned();
    for set in sets {
        let has: Vec<String> = set
            .results
            .iter()
            .map(|result| result.subject().to_string())
            .collect();
        said.push_str(&format!("\n{} has {}", set.name, has.join("; ")));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_names_of_their_own() {
        let mut sets = Vec::new();
        let mut names = Vec::new();
        for name in [
            "a/x.full/result.json",
            "b/x.full",
            "b/x.full/",
            "main",
            "result.json",
        ] {
            let name = called(name, &sets);
            names.push(name.clone());
            sets.push(ResultSet {
                name,
                results: Vec::new(),
            });
        }
        assert_eq!(
            names,
            ["x.full", "b/x.full", "b/x.full/", "main", "result.json"]
        );
        assert_eq!(called("b/x.full/", &sets), "x.full (2)");
    }
}
