//! What a scenario needs besides its variants' own programs: looked for before it is planned.

use std::ffi::OsStr;

use super::environment::Environment;
use super::error::RunError;
use super::program::{self, ProgramError};
use super::ready::home;
use crate::scenario::{Requirement, Scenario};

/// Why a scenario cannot be run on this machine: the first program it requires that is not there, and how to get it.
/// Programs are looked for as those of commands are.
///
/// # Errors
/// The scenario's directory is gone.
pub fn missing(scenario: &Scenario) -> Result<Option<String>, RunError> {
    let home = home(&scenario.path)?;
    let environment = Environment::scrubbed(|name| std::env::var_os(name));
    let lacking = |required: &Requirement| {
        let name = OsStr::new(&required.program);
        let error = match program::find(name, &home, environment.path()).err()? {
            // A name that is nearly the same is another program here: the scenario knows which it needs.
            ProgramError::NotInPath { name, .. } => ProgramError::NotInPath { name, hint: None },
            error => error,
        };
        Some(format!("{error}; to get it: {}", required.get))
    };
    Ok(scenario.requires.iter().find_map(lacking))
}
