//! Finding the program of a variant before anything runs.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use plimsoll_workload::nearest::nearest;

/// Why a program can't be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// There is no such file.
    #[error("there is no program {path}")]
    NoFile {
        /// Where it was expected.
        path: PathBuf,
    },
    /// It is there, but it is no program.
    #[error("{path} is not executable; `chmod +x` it, or name its interpreter")]
    NotExecutable {
        /// The file.
        path: PathBuf,
    },
    /// No directory of PATH has it.
    #[error("there is no program `{name}` in PATH{}", hint.as_ref().map_or_else(String::new, |h| format!("; did you mean `{h}`?")))]
    NotInPath {
        /// Its name.
        name: String,
        /// The name in PATH that comes nearest.
        hint: Option<String>,
    },
    /// The command is empty.
    #[error("the command is empty; write a program and its arguments")]
    Empty,
}

/// The absolute path of a program: `name` as it is where it is absolute, from `directory` where it
/// has a slash, otherwise the first in `path`.
///
/// # Errors
/// See [`ProgramError`].
pub(crate) fn find(name: &OsStr, directory: &Path, path: &OsStr) -> Result<PathBuf, ProgramError> {
    if name.is_empty() {
        return Err(ProgramError::Empty);
    }
    if Path::new(name).components().count() > 1 || Path::new(name).is_absolute() {
        let file = directory.join(name);
        return match fs::metadata(&file) {
            Err(_) => Err(ProgramError::NoFile { path: file }),
            Ok(meta) if !is_program(&meta) => Err(ProgramError::NotExecutable { path: file }),
            Ok(_) => Ok(file),
        };
    }
    let found = std::env::split_paths(path).map(|dir| directory.join(dir).join(name));
    let found = found
        .into_iter()
        .find(|file| fs::metadata(file).is_ok_and(|meta| is_program(&meta)));
    found.ok_or_else(|| {
        let name = name.to_string_lossy().into_owned();
        let hint = nearest_in(&name, path);
        ProgramError::NotInPath { name, hint }
    })
}

fn is_program(meta: &fs::Metadata) -> bool {
    meta.is_file() && meta.permissions().mode() & 0o111 != 0
}

fn nearest_in(name: &str, path: &OsStr) -> Option<String> {
    let names: Vec<String> = std::env::split_paths(path)
        .filter_map(|dir| fs::read_dir(dir).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_in_path_or_next_to_the_scenario() {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let tool = bin.join("frobnicate");
        fs::write(&tool, "").unwrap();
        let path = bin.clone().into_os_string();
        let look = |name: &str| find(OsStr::new(name), dir.path(), &path);

        assert_eq!(
            look("bin/frobnicate"),
            Err(ProgramError::NotExecutable { path: tool.clone() })
        );
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(look("bin/frobnicate"), Ok(tool.clone()));
        assert_eq!(look("frobnicate"), Ok(tool));
        let error = look("frobnicat").unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no program `frobnicat` in PATH; did you mean `frobnicate`?"
        );
        let error = look("./nothing").unwrap_err();
        assert_eq!(
            error,
            ProgramError::NoFile {
                path: dir.path().join("./nothing")
            }
        );
        assert_eq!(look(""), Err(ProgramError::Empty));
    }
}
