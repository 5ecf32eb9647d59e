//! Where inputs come from.

use std::path::Path;

use plimsoll_workload::describe::Key;
use plimsoll_workload::env::Environment;
use serde_json::Value;

use super::ask::{Patience, ProgramCommand};
use super::error::InputsError;
use crate::run::caps::MachineCap;
use crate::scenario::{Params, WorkloadInfo};

/// Makes inputs; behind a trait, so that the cache is tested without programs.
pub trait InputSource {
    /// What names the inputs in the cache: equal values mean equal inputs.
    ///
    /// # Errors
    /// The program refuses the parameters or cannot be asked.
    fn key(&self) -> Result<Value, InputsError>;

    /// Makes the inputs in `directory`, which is there and empty. Ends early once `cancelled`.
    ///
    /// # Errors
    /// They could not be made; what is in the directory is of no use.
    fn prepare(&self, directory: &Path, cancelled: &dyn Fn() -> bool) -> Result<(), InputsError>;

    /// A short name for directories and messages.
    fn name(&self) -> &str;
}

/// Inputs of a workload with these parameters, made by the program that offers it.
#[derive(Debug)]
pub struct ProgramSource<'a> {
    /// The workload.
    pub workload: &'a WorkloadInfo,
    /// Effective parameters.
    pub params: &'a Params,
    /// What caps its memory while it makes them; nothing does where absent.
    pub cap: Option<&'a MachineCap>,
}

impl ProgramSource<'_> {
    fn command(&self) -> ProgramCommand {
        ProgramCommand {
            program: self.workload.program.clone(),
            args: self.workload.args.clone(),
        }
    }

    fn environment(&self) -> Environment {
        Environment {
            workload: Some(self.workload.name.clone()),
            params: Some(Value::Object(self.params.clone()).to_string()),
            ..Environment::default()
        }
    }

    /// Whose generator it is. That of our own workloads is the same in every build of this binary.
    fn offered_by(&self) -> Value {
        let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let program = canonical(&self.workload.program);
        let own = std::env::current_exe().is_ok_and(|own| canonical(&own) == program);
        if own {
            Value::from("plimsoll")
        } else {
            Value::from(program.to_string_lossy().into_owned())
        }
    }
}

impl InputSource for ProgramSource<'_> {
    fn key(&self) -> Result<Value, InputsError> {
        let command = self.command();
        let answer = command.ask("key", &self.environment(), &Patience::for_an_answer())?;
        let key: Key =
            serde_json::from_slice(&answer).map_err(|error| InputsError::NotProtocol {
                command: command.told("key"),
                why: error.to_string(),
            })?;
        Ok(serde_json::json!({
            "program": self.offered_by(),
            "workload": self.workload.name,
            "generator": self.workload.generator,
            "input_key": key.input_key,
        }))
    }

    fn prepare(&self, directory: &Path, cancelled: &dyn Fn() -> bool) -> Result<(), InputsError> {
        let environment = Environment {
            inputs: Some(directory.to_path_buf()),
            ..self.environment()
        };
        let patience = Patience {
            limit: None,
            cancelled,
            cap: self.cap,
        };
        self.command().ask("prepare", &environment, &patience)?;
        Ok(())
    }

    fn name(&self) -> &str {
        &self.workload.name
    }
}
