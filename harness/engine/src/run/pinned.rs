//! The page cache's state of a trial's inputs: the same for every trial, so that none pays for the
//! one before.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::inputs::{drop_cached, warm};
use crate::scenario::{InputCache, Params};

/// Brings inputs into the state that the scenario asks for.
#[derive(Debug)]
pub(crate) struct Pinned {
    state: InputCache,
    warmed: HashSet<PathBuf>,
    /// Whether it was told that they can't be dropped.
    told: bool,
}

impl Pinned {
    pub(crate) fn new(state: InputCache) -> Self {
        Pinned {
            state,
            warmed: HashSet::new(),
            told: false,
        }
    }

    /// Warms inputs the first time they are used, or drops them every time. What is wrong with
    /// them the program will say itself; what can't be done here is told once.
    pub(crate) fn pin(&mut self, inputs: &[PathBuf]) -> Option<String> {
        let mut why = None;
        for path in inputs {
            let done = match self.state {
                InputCache::Warm if self.warmed.insert(path.clone()) => warm(path).map(|_| ()),
                InputCache::Warm => Ok(()),
                InputCache::Dropped => drop_cached(path),
            };
            if let Err(error) = done {
                why.get_or_insert_with(|| format!("{}: {error}", path.display()));
            }
        }
        let why = why.filter(|_| !self.told)?;
        self.told = true;
        let state = match self.state {
            InputCache::Warm => "warm",
            InputCache::Dropped => "dropped from the page cache",
        };
        Some(format!("inputs are not all {state}: {why}"))
    }
}

/// What a variant reads: the prepared inputs, and the files that its parameter `input` names.
pub(crate) fn inputs_of(
    prepared: Option<&Path>,
    params: &Params,
    directory: &Path,
) -> Vec<PathBuf> {
    let named: Vec<&str> = match params.get("input") {
        Some(Value::String(path)) => vec![path],
        Some(Value::Array(paths)) => paths.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let files = named
        .into_iter()
        .map(|path| directory.join(path))
        .filter(|path| path.exists());
    prepared
        .map(Path::to_owned)
        .into_iter()
        .chain(files)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn inputs_are_what_was_prepared_and_the_files_that_are_named() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("a.txt"), "a").unwrap();
        let params = |value: Value| value.as_object().unwrap().clone();
        let of = |value| inputs_of(Some(Path::new("/made")), &params(value), home.path());
        let made = PathBuf::from("/made");
        let file = home.path().join("a.txt");
        assert_eq!(of(json!({"input": "a.txt"})), [made.clone(), file.clone()]);
        assert_eq!(
            of(json!({"input": ["a.txt", "no.txt", 3]})),
            [made.clone(), file]
        );
        assert_eq!(of(json!({"input": 5})), [made]);
    }

    #[test]
    fn what_cannot_be_done_is_told_once() {
        for state in [InputCache::Warm, InputCache::Dropped] {
            let mut pinned = Pinned::new(state);
            let told = pinned.pin(&["/nonexistent/input".into()]).unwrap();
            assert!(told.contains("/nonexistent/input"), "{told}");
            assert_eq!(pinned.pin(&["/nonexistent/other".into()]), None);
        }
    }
}
