//! The environment of a trial: the same for everyone, whoever starts the session.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// What is taken over from the session: where programs, libraries and the user's files are.
const TAKEN_OVER: [&str; 6] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
];
/// What is the same for everyone: sorting, number formats and dates must not depend on who runs it.
const FIXED: [(&str, &str); 3] = [("LANG", "C"), ("LC_ALL", "C"), ("TZ", "UTC")];
/// Where programs are looked for when the session has no PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The variables of a trial by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// What remains of the session's environment, given as a function from name to value.
    pub(crate) fn scrubbed(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut environment = Environment::default();
        environment.set("PATH", DEFAULT_PATH);
        for name in TAKEN_OVER {
            if let Some(value) = lookup(name) {
                environment.set(name, value);
            }
        }
        for (name, value) in FIXED {
            environment.set(name, value);
        }
        environment
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.0.insert(name.into(), value.into());
    }

    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The value of PATH.
    pub(crate) fn path(&self) -> &OsStr {
        self.get("PATH").unwrap_or_default()
    }

    /// `NAME=value`, in order of the names.
    pub(crate) fn strings(&self) -> Vec<OsString> {
        let pair = |(name, value): (&OsString, &OsString)| {
            let mut pair = name.clone();
            pair.push("=");
            pair.push(value);
            pair
        };
        self.0.iter().map(pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_is_taken_over() {
        let session = |name: &str| match name {
            "PATH" => Some("/opt/bin".into()),
            "LANG" => Some("de_DE".into()),
            "PLIMSOLL_PARAMS" | "EDITOR" => Some("x".into()),
            _ => None,
        };
        let mut environment = Environment::scrubbed(session);
        environment.set("B", "2");
        let strings = environment.strings();
        assert_eq!(
            strings,
            ["B=2", "LANG=C", "LC_ALL=C", "PATH=/opt/bin", "TZ=UTC"]
        );
    }

    #[test]
    fn there_is_always_a_path() {
        assert_eq!(Environment::scrubbed(|_| None).path(), DEFAULT_PATH);
    }
}
