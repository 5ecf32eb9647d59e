//! What a result is of, which must be equal where two are held against one another.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Report;
use super::place::file_name;

/// A scenario at a size, or a part of it: a search for floors has neither the trials nor the figures of a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// The size.
    pub size: &'a str,
    /// What part of the scenario was run, where it was not the whole: `floor`.
    pub part: Option<&'a str>,
}

impl Subject<'_> {
    /// The size and the part, as directories have them: `full`, `full.floor`.
    pub(crate) fn size_and_part(&self) -> String {
        match self.part {
            Some(part) => format!("{}.{part}", self.size),
            None => self.size.to_owned(),
        }
    }

    /// The directory of its results below `out`: `<scenario>.<size>`, and for a part `<scenario>.<size>.<part>`, where
    /// characters that a file name had better not have are replaced.
    pub fn directory(&self, out: &Path) -> PathBuf {
        let size = self.size_and_part();
        out.join(format!("{}.{}", file_name(self.scenario), file_name(&size)))
    }
}

/// `ortho, size full`, or of a part `ortho, size full, floor`.
impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, size {}", self.scenario, self.size)?;
        match self.part {
            Some(part) => write!(f, ", {part}"),
            None => Ok(()),
        }
    }
}

impl Report {
    /// What it is of.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            scenario: &self.scenario,
            size: &self.size,
            part: self.part.as_deref(),
        }
    }
}
