//! Asking programs what workloads they offer.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_workload::describe::{Description, PROTOCOL, WorkloadDescription};
use plimsoll_workload::env::Environment;
use plimsoll_workload::nearest::nearest;

use super::ask::{Patience, ProgramCommand};
use super::error::InputsError;
use crate::scenario::{ImplementationInfo, WorkloadInfo, WorkloadRef, Workloads};

/// `describe` and `key` answer at once; one that takes longer is another program.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Knows workloads by asking the programs that offer them, each once.
#[derive(Debug)]
pub struct ProgramWorkloads {
    own: ProgramCommand,
    asked: RefCell<HashMap<(PathBuf, Vec<String>), Description>>,
}

impl ProgramWorkloads {
    /// `own` is this very binary, as it is called for the workloads that are built in.
    pub fn new(own: ProgramCommand) -> Self {
        Self {
            own,
            asked: RefCell::default(),
        }
    }

    /// What a program offers.
    ///
    /// # Errors
    /// It is not there, does not answer within 10 s, or its answer is not of the protocol.
    pub fn offers(&self, command: &ProgramCommand) -> Result<Description, InputsError> {
        let key = (command.program.clone(), command.args.clone());
        if let Some(known) = self.asked.borrow().get(&key) {
            return Ok(known.clone());
        }
        let description = ask(command)?;
        self.asked.borrow_mut().insert(key, description.clone());
        Ok(description)
    }

    /// Describes one workload.
    ///
    /// # Errors
    /// As [`offers`](Self::offers), and when the program has no such workload.
    pub fn find(&self, workload: &WorkloadRef) -> Result<WorkloadInfo, InputsError> {
        let (command, name) = match workload {
            WorkloadRef::Builtin(name) => (self.own.clone(), name),
            WorkloadRef::Program {
                program,
                args,
                name,
            } => {
                let command = ProgramCommand {
                    program: resolved(program),
                    args: args.clone(),
                };
                (command, name)
            }
        };
        let description = self.offers(&command)?;
        let names: Vec<_> = description
            .workloads
            .iter()
            .map(|w| w.name.clone())
            .collect();
        let found = description.workloads.into_iter().find(|w| w.name == *name);
        found
            .map(|found| info(command.clone(), found))
            .ok_or_else(|| InputsError::NoWorkload {
                program: command.program.display().to_string(),
                name: name.clone(),
                hint: hint(name, &names),
            })
    }
}

impl Workloads for ProgramWorkloads {
    fn builtin(&self) -> Vec<String> {
        let offered = self
            .offers(&self.own)
            .map(|description| description.workloads);
        offered
            .unwrap_or_default()
            .into_iter()
            .map(|w| w.name)
            .collect()
    }

    fn describe(&self, workload: &WorkloadRef) -> Result<WorkloadInfo, String> {
        self.find(workload).map_err(|error| error.to_string())
    }
}

fn ask(command: &ProgramCommand) -> Result<Description, InputsError> {
    let patience = Patience {
        limit: Some(ANSWER_WITHIN),
        cancelled: &|| false,
    };
    let answer = command.ask("describe", &Environment::default(), &patience)?;
    let not_protocol = |why: String| InputsError::NotProtocol {
        command: command.told("describe"),
        why,
    };
    let description: Description = serde_json::from_slice(&answer)
        .map_err(|error| not_protocol(format!("its answer is not a description ({error})")))?;
    if description.protocol != PROTOCOL {
        return Err(not_protocol(format!(
            "it speaks version {} of it, and this plimsoll version {PROTOCOL}",
            description.protocol
        )));
    }
    Ok(description)
}

fn info(command: ProgramCommand, described: WorkloadDescription) -> WorkloadInfo {
    let told = |digests: Vec<String>| (!digests.is_empty()).then_some(digests);
    let metrics: Vec<_> = described
        .metrics
        .into_iter()
        .map(|m| (m.name, m.unit))
        .collect();
    WorkloadInfo {
        program: command.program,
        args: command.args,
        name: described.name,
        generator: described.generator,
        implementations: described
            .implementations
            .into_iter()
            .map(|i| ImplementationInfo {
                id: i.id,
                about: i.about,
                steps: i.steps,
            })
            .collect(),
        params_schema: described.schema,
        defaults: match described.defaults {
            serde_json::Value::Object(defaults) => defaults,
            _ => crate::scenario::Params::new(),
        },
        metrics: (!metrics.is_empty()).then_some(metrics),
        digests: told(described.digests),
    }
}

/// The path of a program given by name alone, the first in `PATH`; a path stays as it is. A name
/// that is nowhere stays too: starting it says so.
fn resolved(program: &Path) -> PathBuf {
    if program.components().count() != 1 || program.is_absolute() {
        return program.to_path_buf();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| program.to_path_buf())
}

fn hint(name: &str, names: &[String]) -> String {
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if names.is_empty() => String::new(),
        None => format!("; it offers {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answering(answer: &str) -> ProgramWorkloads {
        ProgramWorkloads::new(ProgramCommand {
            program: "sh".into(),
            args: vec!["-c".into(), format!("cat <<'END'\n{answer}\nEND")],
        })
    }

    const SUMS: &str = r#"{"protocol":1,"workloads":[{"name":"sums","generator":3,
        "implementations":[{"id":"plain","about":"as it was"},{"id":"indexed","steps":["build","query"]}],
        "schema":{"type":"object"},"defaults":{"n":1000},
        "metrics":[{"name":"size","unit":"bytes","better":"lower"}],"digests":["total"]}]}"#;

    #[test]
    fn a_description_becomes_what_is_known_of_the_workload() {
        let workloads = answering(SUMS);
        let info = workloads
            .find(&WorkloadRef::Builtin("sums".into()))
            .unwrap();
        assert_eq!(info.generator, 3);
        assert_eq!(
            info.implementation("indexed").unwrap().steps,
            ["build", "query"]
        );
        assert_eq!(info.implementation("plain").unwrap().steps, [""; 0]);
        assert_eq!(info.defaults.get("n"), Some(&1000.into()));
        assert_eq!(info.metrics.unwrap()[0].0, "size");
        assert_eq!(info.digests.unwrap(), ["total"]);
        assert_eq!(workloads.builtin(), ["sums"]);
    }

    #[test]
    fn a_slip_in_the_name_is_recognized() {
        let message = answering(SUMS)
            .describe(&WorkloadRef::Builtin("sum".into()))
            .unwrap_err();
        assert!(
            message.ends_with("offers no workload `sum`; did you mean `sums`?"),
            "{message}"
        );
    }

    #[test]
    fn a_program_that_does_not_speak_the_protocol_is_told_from_one_that_does() {
        let message = |answer: &str| {
            answering(answer)
                .describe(&WorkloadRef::Builtin("sums".into()))
                .unwrap_err()
        };
        for answer in ["usage: sh", "", "{}", "[1,2"] {
            let message = message(answer);
            assert!(
                message.contains("does not speak the workload protocol"),
                "{message}"
            );
            assert!(message.contains("`command:`"), "{message}");
        }
        let later = message(r#"{"protocol":9,"workloads":[]}"#);
        assert!(later.contains("version 9"), "{later}");
        let none = message(r#"{"protocol":1,"workloads":[]}"#);
        assert!(none.ends_with("offers no workload `sums`"), "{none}");
    }

    #[test]
    fn programs_without_a_path_are_found_in_path() {
        assert!(resolved(Path::new("sh")).is_absolute());
        assert_eq!(resolved(Path::new("./sh")), Path::new("./sh"));
        assert_eq!(
            resolved(Path::new("no such program")),
            Path::new("no such program")
        );
    }
}
