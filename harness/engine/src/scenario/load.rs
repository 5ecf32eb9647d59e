//! Reading a scenario file: the file itself, then YAML, then its shape, then its meaning.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use plimsoll_workload::Bytes;

use super::catalog::Workloads;
use super::check::check;
use super::document::ScenarioDoc;
use super::error::{Mistakes, ScenarioError, nearest};
use super::read::Read as _;
use super::source::{SourceText, Span, shown};
use super::{Scenario, yaml};

/// A scenario file is at most this long, in bytes.
pub const MAX_FILE: u64 = 1 << 20;

/// Reads and validates a scenario file.
///
/// # Errors
///
/// The file cannot be read, or everything that is wrong in it, each with its place.
pub fn load(path: &Path, workloads: &dyn Workloads) -> Result<Scenario, ScenarioError> {
    let text = read_file(path)?;
    parse(path, &text, workloads)
}

/// Validates a scenario's text; `path` is what messages call it and what relative paths in it
/// begin from.
///
/// # Errors
///
/// Everything that is wrong in it, each with its place.
pub fn parse(
    path: &Path,
    text: &str,
    workloads: &dyn Workloads,
) -> Result<Scenario, ScenarioError> {
    let mut mistakes = Mistakes::new(SourceText::new(&path.display().to_string(), text));
    let scenario = parse_into(path, text, workloads, &mut mistakes);
    mistakes.into_result(path)?;
    // Without mistakes there is a scenario; a reader that gave up silently would be a defect.
    scenario.ok_or_else(|| ScenarioError::File {
        path: path.to_owned(),
        what: "could not be read, for no reason that was noticed".to_owned(),
        help: "please report this file as a defect".to_owned(),
    })
}

fn parse_into(
    path: &Path,
    text: &str,
    workloads: &dyn Workloads,
    mistakes: &mut Mistakes,
) -> Option<Scenario> {
    let node = match yaml::parse(text) {
        Ok(Some(node)) => node,
        Ok(None) => {
            mistakes.add(
                Span::default(),
                "the file is empty",
                "nothing here",
                "a scenario needs at least `name:` and `variants:`".to_owned(),
            );
            return None;
        }
        Err(error) => {
            mistakes.add(error.span, error.message, "here", error.help);
            return None;
        }
    };
    let doc = ScenarioDoc::read(&node, mistakes)?;
    Some(check(&doc, path, text, workloads, mistakes))
}

fn read_file(path: &Path) -> Result<String, ScenarioError> {
    let refuse = |what: String, help: &str| ScenarioError::File {
        path: path.to_owned(),
        what,
        help: help.to_owned(),
    };
    let too_large = |size: u64| {
        refuse(
            format!(
                "{} is too large for a scenario (at most {})",
                Bytes(size),
                Bytes(MAX_FILE)
            ),
            "is this the right file? Data belongs into files that a parameter names",
        )
    };
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => refuse("no such file".to_owned(), &where_it_may_be(path)),
        _ => refuse(format!("cannot be read: {error}"), "check its permissions"),
    })?;
    if metadata.is_dir() {
        return Err(refuse(
            "is a directory, not a scenario file".to_owned(),
            "name a .yaml file in it",
        ));
    }
    if !metadata.is_file() {
        return Err(refuse(
            "is not a regular file".to_owned(),
            "write the scenario to a file first",
        ));
    }
    if metadata.len() > MAX_FILE {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    // The file may have grown since: one byte beyond the limit tells.
    File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| refuse(format!("cannot be read: {error}"), "check its permissions"))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large(bytes.len() as u64));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid]
            .iter()
            .filter(|&&b| b == b'\n')
            .count()
            + 1;
        refuse(
            format!("is not UTF-8: byte {valid}, on line {line}, fits no character"),
            "save it as UTF-8",
        )
    })
}

/// The file that is nearest by name in the same directory, else what is there.
fn where_it_may_be(path: &Path) -> String {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Ok(entries) = fs::read_dir(directory) else {
        return format!(
            "there is no directory {} either",
            shown(&directory.display().to_string())
        );
    };
    // A directory with more entries than this is not one of scenarios.
    let mut names: Vec<String> = entries
        .flatten()
        .take(10_000)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
        .collect();
    names.sort();
    let wanted = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    match nearest(&wanted, names.iter().map(String::as_str)) {
        Some(near) => format!(
            "did you mean {}?",
            shown(&directory.join(near).display().to_string())
        ),
        None => super::error::listed(
            "scenarios in that directory",
            names.iter().map(String::as_str),
        ),
    }
}
