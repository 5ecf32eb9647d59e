//! What is run: the workload, a size, how often.

use schemars::json_schema;

use super::either::either;
use crate::scenario::document::{LongSizeDoc, ProgramDoc, RangeDoc};
use crate::scenario::error::Mistakes;
use crate::scenario::read::{Entries, Json, Read};
use crate::scenario::yaml::{Node, Value};

/// A workload by name, or by program and name.
#[derive(Debug, Clone)]
pub(crate) enum WorkloadDoc {
    /// Built in.
    Builtin(String),
    /// A program.
    Program(Box<ProgramDoc>),
}

either!(WorkloadDoc, "workload-choice", |generator| [
    json_schema!({ "type": "string", "description": "The name of a workload that is built in." }),
    generator.subschema_for::<ProgramDoc>(),
]);

impl Read for WorkloadDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::Mapping(_) => {
                ProgramDoc::read(node, mistakes).map(|doc| Self::Program(Box::new(doc)))
            }
            _ => String::read(node, mistakes).map(Self::Builtin),
        }
    }
}

/// A size: parameters alone, or the long form.
#[derive(Debug, Clone)]
pub(crate) enum SizeDoc {
    /// `full: { sentences: 16000 }`
    Params(Entries<Json>),
    /// `full: { params: { sentences: 16000 }, variants: [a], runs: 3 }`
    Long(Box<LongSizeDoc>),
}

either!(SizeDoc, "size-choice", |generator| [
    generator.subschema_for::<LongSizeDoc>(),
    json_schema!({
        "type": ["object", "null"],
        "description": "Overrides of the parameters. With a key `params`, `variants` or `runs` it is the long form instead.",
        "not": { "anyOf": [{ "required": ["params"] }, { "required": ["variants"] }, { "required": ["runs"] }] },
    }),
]);

impl Read for SizeDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let long = matches!(&node.value, Value::Mapping(entries)
            if entries.iter().any(|(key, _)| matches!(key.name.as_str(), "params" | "variants" | "runs")));
        if long {
            return LongSizeDoc::read(node, mistakes).map(|doc| Self::Long(Box::new(doc)));
        }
        Entries::read(node, mistakes).map(Self::Params)
    }
}

/// A number of runs, or a range of them.
#[derive(Debug, Clone)]
pub(crate) enum RunsDoc {
    /// Exactly so many.
    Exactly(u64),
    /// Between two.
    Between(Box<RangeDoc>),
}

either!(RunsDoc, "runs", |generator| [
    json_schema!({ "type": "integer", "minimum": 1, "description": "Exactly so many runs." }),
    generator.subschema_for::<RangeDoc>(),
]);

impl Read for RunsDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::Mapping(_) => {
                RangeDoc::read(node, mistakes).map(|doc| Self::Between(Box::new(doc)))
            }
            _ => u64::read(node, mistakes).map(Self::Exactly),
        }
    }
}
