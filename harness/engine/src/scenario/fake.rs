//! A catalogue for tests: one workload, described without running anything.

use std::path::PathBuf;

use plimsoll_workload::Unit;
use serde_json::json;

use super::{ImplementationInfo, WorkloadInfo, WorkloadRef, Workloads};

/// Knows `ortho` as built in, and every program, as the same workload.
pub(crate) struct Fake;

impl Workloads for Fake {
    fn builtin(&self) -> Vec<String> {
        vec!["ortho".to_owned(), "vectors".to_owned()]
    }

    fn describe(&self, workload: &WorkloadRef) -> Result<WorkloadInfo, String> {
        let (program, args) = match workload {
            WorkloadRef::Builtin(_) => {
                (PathBuf::from("/bin/plimsoll"), vec!["workload".to_owned()])
            }
            WorkloadRef::Program { program, .. } if program.ends_with("missing") => {
                return Err(format!("cannot run {}: no such file", program.display()));
            }
            WorkloadRef::Program { program, args, .. } => (program.clone(), args.clone()),
        };
        let implementation = |id: &str, steps: &[&str]| ImplementationInfo {
            id: id.to_owned(),
            about: format!("The {id} way."),
            steps: steps.iter().map(|step| (*step).to_owned()).collect(),
        };
        Ok(WorkloadInfo {
            program,
            args,
            name: "ortho".to_owned(),
            generator: 1,
            implementations: vec![
                implementation("in-memory", &[]),
                implementation("disk-queue", &[]),
                implementation("queue-mmap", &[]),
                implementation("queue-sqlite", &[]),
                implementation("queue-redb", &[]),
                implementation("level-wise", &["build", "merge"]),
                implementation("depth-first", &[]),
            ],
            params_schema: json!({
                "type": "object",
                "properties": {
                    "seed": { "type": "integer", "minimum": 0 },
                    "vocabulary": { "type": "integer", "minimum": 1 },
                    "sentences": { "type": "integer", "minimum": 0 },
                    "buffer": { "type": ["string", "integer"] },
                    "input": { "type": "array", "items": { "type": "string" } },
                    "clone": { "type": "boolean" },
                },
            }),
            defaults: json!({ "seed": 1 })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            metrics: Some(vec![
                ("orthos".to_owned(), Unit::Count),
                ("candidates".to_owned(), Unit::Count),
                ("leaves".to_owned(), Unit::Count),
                ("orthos_per_cpu_s".to_owned(), Unit::PerSecond),
            ]),
            digests: Some(vec!["orthos".to_owned()]),
            output: String::new(),
            verifies: false,
        })
    }
}
