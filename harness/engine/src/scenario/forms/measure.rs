//! What is measured: each with its settings, or off.

use schemars::json_schema;

use super::either::either;
use crate::scenario::document::{DhatSizeDoc, InstructionsSizeDoc, ProfileFormDoc};
use crate::scenario::error::Mistakes;
use crate::scenario::read::{At, Period, Read, wrong_kind};
use crate::scenario::yaml::{Node, Value};

/// An interval, or off.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SamplingDoc {
    /// No sampler.
    Off,
    /// This often.
    Every(Period),
}

either!(SamplingDoc, "sampling", |generator| [
    json_schema!({ "const": false, "description": "No sampler." }),
    generator.subschema_for::<Period>(),
]);

impl Read for SamplingDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match node.value {
            Value::Bool(false) => Some(Self::Off),
            _ => Period::read(node, mistakes).map(Self::Every),
        }
    }
}

/// How a profile is sampled, or whether.
#[derive(Debug, Clone)]
pub(crate) enum ProfileDoc {
    /// With the defaults, or not at all.
    Whether(bool),
    /// Like this.
    Like(Box<ProfileFormDoc>),
}

either!(ProfileDoc, "profile", |generator| [
    json_schema!({ "type": "boolean", "description": "Whether one is sampled." }),
    generator.subschema_for::<ProfileFormDoc>(),
]);

impl Read for ProfileDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match node.value {
            Value::Bool(whether) => Some(Self::Whether(whether)),
            _ => ProfileFormDoc::read(node, mistakes).map(|doc| Self::Like(Box::new(doc))),
        }
    }
}

/// A size for dhat trials, or off.
#[derive(Debug, Clone)]
pub(crate) enum DhatDoc {
    /// None.
    Off,
    /// At this size.
    At(Box<DhatSizeDoc>),
}

either!(DhatDoc, "dhat", |generator| [
    json_schema!({ "const": false, "description": "No heap profiles." }),
    generator.subschema_for::<DhatSizeDoc>(),
]);

impl Read for DhatDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match node.value {
            Value::Bool(false) => Some(Self::Off),
            _ => DhatSizeDoc::read(node, mistakes).map(|doc| Self::At(Box::new(doc))),
        }
    }
}

/// A size for trials that count instructions, or off.
#[derive(Debug, Clone)]
pub(crate) enum InstructionsDoc {
    /// None.
    Off,
    /// At this size.
    At(Box<InstructionsSizeDoc>),
}

either!(InstructionsDoc, "instructions", |generator| [
    json_schema!({ "const": false, "description": "No instructions are counted." }),
    generator.subschema_for::<InstructionsSizeDoc>(),
]);

impl Read for InstructionsDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match node.value {
            Value::Bool(false) => Some(Self::Off),
            _ => InstructionsSizeDoc::read(node, mistakes).map(|doc| Self::At(Box::new(doc))),
        }
    }
}

/// Processors, or any.
#[derive(Debug, Clone)]
pub(crate) enum AffinityDoc {
    /// Wherever the scheduler puts them.
    Any,
    /// On these.
    Cpus(Vec<At<u64>>),
}

either!(AffinityDoc, "affinity", |generator| [
    json_schema!({ "const": "any", "description": "Wherever the scheduler puts them." }),
    generator.subschema_for::<Vec<u64>>(),
]);

impl Read for AffinityDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text == "any" => Some(Self::Any),
            Value::List(_) => Vec::read(node, mistakes).map(Self::Cpus),
            _ => {
                wrong_kind(
                    node,
                    "the affinity is `any` or a list of processors, as in `[0, 1]`",
                    mistakes,
                );
                None
            }
        }
    }
}
