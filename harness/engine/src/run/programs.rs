//! Asking programs what they offer: `PROGRAM describe`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use plimsoll_workload::describe::{Description, PROTOCOL, WorkloadDescription};
use plimsoll_workload::env::Environment;
use plimsoll_workload::nearest::nearest;
use serde_json::Value;

use super::inputs::{Patience, ProgramCommand};
use crate::scenario::{ImplementationInfo, WorkloadInfo, WorkloadRef, Workloads};

/// The programs that offer workloads: this very executable for the built-in ones, anybody's for the rest.
#[derive(Debug)]
pub struct Programs {
    own: PathBuf,
    own_args: Vec<String>,
    described: RefCell<HashMap<(PathBuf, Vec<String>), Description>>,
}

impl Programs {
    /// `own` is the executable that offers the built-in workloads when it is called with `own_args`
    /// before the protocol's verb.
    pub fn new(own: PathBuf, own_args: Vec<String>) -> Self {
        Self {
            own,
            own_args,
            described: RefCell::default(),
        }
    }

    fn describe_program(&self, program: &Path, args: &[String]) -> Result<Description, String> {
        let key = (program.to_owned(), args.to_owned());
        if let Some(known) = self.described.borrow().get(&key) {
            return Ok(known.clone());
        }
        let description = ask(program, args)
            .map_err(|why| format!("{} does not describe itself: {why}", program.display()))?;
        self.described.borrow_mut().insert(key, description.clone());
        Ok(description)
    }
}

impl Workloads for Programs {
    fn builtin(&self) -> Vec<String> {
        let description = self.describe_program(&self.own, &self.own_args);
        description.map_or_else(
            |_| Vec::new(),
            |known| {
                known
                    .workloads
                    .into_iter()
                    .map(|workload| workload.name)
                    .collect()
            },
        )
    }

    fn describe(&self, workload: &WorkloadRef) -> Result<WorkloadInfo, String> {
        let (program, args, name) = match workload {
            WorkloadRef::Builtin(name) => (&self.own, &self.own_args, name),
            WorkloadRef::Program {
                program,
                args,
                name,
            } => (program, args, name),
        };
        let mut description = self.describe_program(program, args)?;
        let place = description
            .workloads
            .iter()
            .position(|offered| offered.name == *name);
        match place {
            Some(place) => {
                let offered = description.workloads.swap_remove(place);
                Ok(info(program.clone(), args.clone(), offered))
            }
            None => {
                let names: Vec<_> = description
                    .workloads
                    .iter()
                    .map(|w| w.name.as_str())
                    .collect();
                let hint = nearest(name, names.iter().copied())
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                Err(format!(
                    "{} offers no workload `{name}`, but {}{hint}",
                    program.display(),
                    if names.is_empty() {
                        "none at all".to_owned()
                    } else {
                        names.join(", ")
                    },
                ))
            }
        }
    }
}

fn info(program: PathBuf, args: Vec<String>, offered: WorkloadDescription) -> WorkloadInfo {
    let listed = |empty: bool| !empty;
    WorkloadInfo {
        program,
        args,
        name: offered.name,
        generator: offered.generator,
        implementations: offered
            .implementations
            .into_iter()
            .map(|one| ImplementationInfo {
                id: one.id,
                about: one.about,
                steps: one.steps,
            })
            .collect(),
        params_schema: offered.schema,
        defaults: match offered.defaults {
            Value::Object(defaults) => defaults,
            _ => serde_json::Map::new(),
        },
        metrics: listed(offered.metrics.is_empty()).then(|| {
            offered
                .metrics
                .into_iter()
                .map(|metric| (metric.name, metric.unit))
                .collect()
        }),
        output: offered.output,
        verifies: offered.verifies,
        digests: listed(offered.digests.is_empty()).then_some(offered.digests),
    }
}

fn ask(program: &Path, args: &[String]) -> Result<Description, String> {
    let command = ProgramCommand {
        program: program.to_owned(),
        args: args.to_vec(),
    };
    let answer = command
        .ask(
            "describe",
            &Environment::default(),
            &Patience::for_an_answer(),
        )
        .map_err(|error| error.to_string())?;
    parse(&answer)
}

fn parse(text: &[u8]) -> Result<Description, String> {
    let description: Description = serde_json::from_slice(text)
        .map_err(|error| format!("its answer to `describe` is not the protocol's: {error}"))?;
    if description.protocol != PROTOCOL {
        return Err(format!(
            "it speaks version {} of the protocol, and this plimsoll version {PROTOCOL}",
            description.protocol
        ));
    }
    Ok(description)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> WorkloadRef {
        WorkloadRef::Program {
            program: "/bin/sh".into(),
            args: vec!["-c".to_owned(), script.to_owned()],
            name: "it".to_owned(),
        }
    }

    fn programs() -> Programs {
        Programs::new("/nonexistent/plimsoll".into(), Vec::new())
    }

    #[test]
    fn a_description_becomes_what_scenarios_are_checked_against() {
        let answer = r#"{"protocol":1,"workloads":[{"name":"it","generator":3,"implementations":[{"id":"a"}],"schema":{}}]}"#;
        let info = programs()
            .describe(&shell(&format!("echo '{answer}'")))
            .unwrap();
        assert_eq!((info.generator, info.implementations.len()), (3, 1));
        assert_eq!(info.metrics, None, "nothing listed means any name may come");
        assert!(!info.verifies);
        let answer = answer.replace("\"schema\"", "\"verifies\":true,\"schema\"");
        let info = programs().describe(&shell(&format!("echo '{answer}'")));
        assert!(info.unwrap().verifies);
    }

    #[test]
    fn programs_that_do_not_speak_the_protocol_are_told_apart() {
        for (script, needle) in [
            ("echo hello", "not the protocol's"),
            (
                "echo no such option >&2; exit 2",
                "exit status: 2). It said:\nno such option",
            ),
            (r#"echo '{"protocol":9,"workloads":[]}'"#, "version 9"),
            (r#"echo '{"protocol":1,"workloads":[]}'"#, "none at all"),
            ("true", "not the protocol's"),
        ] {
            let error = programs().describe(&shell(script)).unwrap_err();
            assert!(error.contains(needle), "{script}: {error}");
        }
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = programs()
            .describe(&WorkloadRef::Builtin("x".to_owned()))
            .unwrap_err();
        assert!(error.contains("/nonexistent/plimsoll"), "{error}");
    }

    #[test]
    fn a_workload_that_is_not_offered_has_a_nearest_name() {
        let answer = r#"{"protocol":1,"workloads":[{"name":"itt","generator":3,"implementations":[],"schema":{}}]}"#;
        let error = programs()
            .describe(&shell(&format!("echo '{answer}'")))
            .unwrap_err();
        assert!(error.contains("did you mean `itt`"), "{error}");
    }
}
