//! Finding scenario files.

use std::path::{Path, PathBuf};

use super::failure::CliFailure;

/// Where scenarios are looked for when none is named.
pub(super) const DEFAULT_DIRECTORY: &str = "scenarios";

/// The scenario files that `paths` stand for: files as they are, directories as the `.yaml` and
/// `.yml` files directly in them, by name. Without paths, those of [`DEFAULT_DIRECTORY`].
pub(super) fn scenario_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CliFailure> {
    let fallback = [PathBuf::from(DEFAULT_DIRECTORY)];
    let named = !paths.is_empty();
    let paths = if named { paths } else { &fallback };
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(in_directory(path)?);
        } else if !named && !path.exists() {
            return Err(CliFailure::usage(format!(
                "there is no directory `{DEFAULT_DIRECTORY}` here: name a scenario file, or go to the project's root"
            )));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn in_directory(directory: &Path) -> Result<Vec<PathBuf>, CliFailure> {
    let unreadable = |error| {
        CliFailure::usage(format!(
            "cannot list scenarios in {}: {error}",
            directory.display()
        ))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|ext| ext == "yaml" || ext == "yml")
            && path.is_file()
        {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(CliFailure::usage(format!(
            "no scenario in {}: a scenario is a file that ends in .yaml or .yml",
            directory.display()
        )));
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_stands_for_its_yaml_files_by_name() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.yaml", "a.yml", "scenario.schema.json"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        std::fs::create_dir(dir.path().join("c.yaml")).unwrap();
        let found = scenario_files(&[dir.path().to_path_buf()]).unwrap();
        assert_eq!(found, [dir.path().join("a.yml"), dir.path().join("b.yaml")]);
    }

    #[test]
    fn a_directory_without_scenarios_is_an_error_that_says_what_one_is() {
        let dir = tempfile::tempdir().unwrap();
        let error = scenario_files(&[dir.path().to_path_buf()]).unwrap_err();
        assert!(error.to_string().contains("ends in .yaml"), "{error}");
    }
}
