//! What ends a command early, and the exit code it ends with.

use std::fmt;
use std::io::{self, Write};

use crate::judge::ExitCode;

/// Why a command could not do what it was asked for.
#[derive(Debug)]
pub(super) struct CliFailure {
    /// The exit code that follows.
    pub(super) code: ExitCode,
    /// One message per mistake, already rendered.
    messages: Vec<String>,
}

impl CliFailure {
    /// The command line or a scenario is wrong.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            code: ExitCode::Usage,
            messages: vec![message.into()],
        }
    }

    /// Several mistakes of that kind.
    pub(super) fn mistakes(messages: Vec<String>) -> Self {
        Self {
            code: ExitCode::Usage,
            messages,
        }
    }

    /// Prints it on standard error. That may be closed; the exit code still says what happened.
    pub(super) fn tell(&self) {
        let _ = writeln!(io::stderr(), "{self}");
    }

    /// The user interrupted before anything was measured.
    pub(super) fn interrupted() -> Self {
        Self {
            code: ExitCode::Interrupted,
            messages: vec!["interrupted".to_owned()],
        }
    }

    /// Something could not be measured, or what was measured could not be kept.
    pub(super) fn unmeasured(message: impl Into<String>) -> Self {
        Self {
            code: ExitCode::NotMeasured,
            messages: vec![message.into()],
        }
    }
}

impl fmt::Display for CliFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, message) in self.messages.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", message.trim_end())?;
        }
        Ok(())
    }
}
