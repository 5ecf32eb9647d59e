//! Who counts instructions on this machine.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::perf;
use crate::evidence::CountedBy;

/// Who counts instructions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstructionCounter {
    /// The processor.
    Perf,
    /// This valgrind.
    Valgrind(PathBuf),
}

/// Why nobody does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCounter {
    /// The processor was asked for, or would have to.
    #[error("{0}")]
    Perf(String),
    /// valgrind was asked for.
    #[error("valgrind is not installed")]
    Valgrind,
    /// Neither can.
    #[error("{0}, and valgrind is not installed")]
    Neither(String),
}

impl InstructionCounter {
    /// The one that was asked for, or else the processor where it can and valgrind, from `path`,
    /// where not.
    ///
    /// # Errors
    /// Nobody can count here.
    pub fn find(by: Option<CountedBy>, path: &OsStr) -> Result<Self, NoCounter> {
        Self::choose(by, perf::instructions_count, || valgrind_in(path))
    }

    fn choose(
        by: Option<CountedBy>,
        perf: impl FnOnce() -> Result<(), String>,
        valgrind: impl FnOnce() -> Option<PathBuf>,
    ) -> Result<Self, NoCounter> {
        let valgrind = || valgrind().map(InstructionCounter::Valgrind);
        match by {
            Some(CountedBy::Valgrind) => valgrind().ok_or(NoCounter::Valgrind),
            Some(CountedBy::Perf) => perf()
                .map(|()| InstructionCounter::Perf)
                .map_err(NoCounter::Perf),
            None => match perf() {
                Ok(()) => Ok(InstructionCounter::Perf),
                Err(why) => valgrind().ok_or(NoCounter::Neither(why)),
            },
        }
    }

    /// Its kind.
    pub fn by(&self) -> CountedBy {
        match self {
            InstructionCounter::Perf => CountedBy::Perf,
            InstructionCounter::Valgrind(_) => CountedBy::Valgrind,
        }
    }
}

fn valgrind_in(path: &OsStr) -> Option<PathBuf> {
    let places = std::env::split_paths(path).filter(|place| place.is_absolute());
    let is_program = |file: &Path| {
        fs::metadata(file)
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    places
        .map(|place| place.join("valgrind"))
        .find(|file| is_program(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_comes_first_unless_asked_otherwise() {
        let program = || Some(PathBuf::from("/bin/valgrind"));
        let valgrind = || Ok(InstructionCounter::Valgrind("/bin/valgrind".into()));
        let perf = || Ok(InstructionCounter::Perf);
        let no = || Err("not here".to_owned());
        let choose = |by, perf: bool, valgrind: bool| {
            InstructionCounter::choose(
                by,
                || if perf { Ok(()) } else { no() },
                || if valgrind { program() } else { None },
            )
        };
        assert_eq!(choose(None, true, true), perf());
        assert_eq!(choose(None, false, true), valgrind());
        assert_eq!(choose(Some(CountedBy::Valgrind), true, true), valgrind());
        assert!(choose(Some(CountedBy::Perf), false, true).is_err());
        assert!(choose(Some(CountedBy::Valgrind), true, false).is_err());
        let neither = choose(None, false, false).unwrap_err();
        assert_eq!(
            neither.to_string(),
            "not here, and valgrind is not installed"
        );
    }

    #[test]
    fn only_a_program_is_valgrind() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("valgrind");
        let find = || valgrind_in(directory.path().as_os_str());
        assert_eq!(find(), None);
        fs::write(&file, "").unwrap();
        assert_eq!(find(), None);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find(), Some(file.clone()));
    }
}
