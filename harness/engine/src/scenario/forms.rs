//! Values of a scenario file that may be written in one of several ways.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::evidence::{Aggregate, CountedBy, Outcome};

use super::define::{choices, choices_schema};
use super::document::{
    DhatSizeDoc, InstructionsSizeDoc, LongSizeDoc, OutputFileDoc, ProfileFormDoc, ProgramDoc,
    RangeDoc, SeriesDoc, SweepDoc,
};
use super::error::Mistakes;
use super::read::{At, Entries, Json, Period, Read, not_a_choice, word, wrong_kind};
use super::units::{self, Quantity};
use super::yaml::{Node, Value};
use super::{Allocator, InputCache};

choices! { Allocator, "an allocator" {
    "system" => Allocator::System;
    "mimalloc" => Allocator::Mimalloc;
    "jemalloc" => Allocator::Jemalloc;
}}
choices_schema! { Allocator, "allocator" {
    "system", "The C library's.";
    "mimalloc", "mimalloc, loaded into the program from a library.";
    "jemalloc", "jemalloc, loaded into the program from a library.";
}}

choices! { InputCache, "a page-cache state" {
    "warm" => InputCache::Warm;
    "dropped" => InputCache::Dropped;
}}
choices_schema! { InputCache, "page-cache-state" {
    "warm", "Read once before, so that they are cached.";
    "dropped", "Dropped from the page cache, where permitted.";
}}

choices! { CountedBy, "a way to count instructions" {
    "perf" => CountedBy::Perf;
    "valgrind" => CountedBy::Valgrind;
}}

choices! { Aggregate, "a way to aggregate" {
    "worst" => Aggregate::Worst;
    "median" => Aggregate::Median;
}}

choices! { Outcome, "an outcome" {
    "completed" => Outcome::Completed;
    "refused" => Outcome::Refused;
    "failed" => Outcome::Failed;
    "crashed" => Outcome::Crashed;
    "out-of-memory" => Outcome::OutOfMemory;
    "stalled" => Outcome::Stalled;
    "timed-out" => Outcome::TimedOut;
    "interrupted" => Outcome::Interrupted;
}}

/// Implements `JsonSchema` for a type that is written in one of several ways.
macro_rules! either {
    ($ty:ident, $name:literal, |$generator:ident| [$($schema:expr),+ $(,)?]) => {
        impl JsonSchema for $ty {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                json_schema!({ "anyOf": [$($schema),+] })
            }
        }
    };
}

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

/// One sweep, or several.
#[derive(Debug, Clone)]
pub(crate) struct SweepsDoc(pub(crate) Vec<At<SweepDoc>>);

either!(SweepsDoc, "sweeps", |generator| [
    generator.subschema_for::<SweepDoc>(),
    generator.subschema_for::<Vec<At<SweepDoc>>>(),
]);

impl Read for SweepsDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::read(node, mistakes).map(Self),
            _ => SweepDoc::read(node, mistakes).map(|value| {
                let span = node.head();
                Self(vec![At { value, span }])
            }),
        }
    }
}

/// The values of a sweep.
#[derive(Debug, Clone)]
pub(crate) enum SweepValuesDoc {
    /// These.
    These(Vec<At<Json>>),
    /// At equal ratios from one to another.
    Series(Box<SeriesDoc>),
}

either!(SweepValuesDoc, "sweep-values", |generator| [
    json_schema!({ "type": "array", "items": { "type": "number" }, "minItems": 2 }),
    generator.subschema_for::<SeriesDoc>(),
]);

impl Read for SweepValuesDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::Mapping(_) => {
                SeriesDoc::read(node, mistakes).map(|doc| Self::Series(Box::new(doc)))
            }
            _ => Vec::read(node, mistakes).map(Self::These),
        }
    }
}

/// A command: a list of arguments, or a text that is split as a shell would.
#[derive(Debug, Clone)]
pub(crate) struct WordsDoc(pub(crate) Vec<At<String>>);

impl WordsDoc {
    /// The words alone.
    pub(crate) fn words(&self) -> Vec<String> {
        self.0.iter().map(|word| word.value.clone()).collect()
    }
}

either!(WordsDoc, "command", |generator| [
    json_schema!({ "type": "string", "description": "Split into words as a shell would; quotes and backslashes work, nothing else does." }),
    generator.subschema_for::<Vec<String>>(),
]);

impl Read for WordsDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let words = match &node.value {
            Value::Text(text) => match shlex::split(text) {
                Some(words) => {
                    let at = |value| At {
                        value,
                        span: node.span,
                    };
                    words.into_iter().map(at).collect()
                }
                None => {
                    mistakes.add(
                        node.span,
                        "the command has a quote that is not closed",
                        "cannot be split into words",
                        "close the quote, or write the arguments as a list".to_owned(),
                    );
                    return None;
                }
            },
            Value::List(_) => Vec::<At<String>>::read(node, mistakes)?,
            _ => {
                wrong_kind(
                    node,
                    "a command is a list of arguments, or one text",
                    mistakes,
                );
                return None;
            }
        };
        let problem = match words.first().map(|word| word.value.as_str()) {
            None => "the command is empty",
            Some("") => "the command's program is empty",
            Some(_) if words.iter().any(|word| word.value.contains('\0')) => {
                "an argument has a NUL character in it, which no program can be given"
            }
            Some(_) => return Some(Self(words)),
        };
        mistakes.add(node.head(), problem, "cannot be run", None);
        None
    }
}

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

/// A moment in the course of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum MomentDoc {
    /// Any.
    Random,
    /// This long after its start.
    After(Duration),
    /// At this share of the time that it takes.
    Share(f64),
}

either!(MomentDoc, "moment", |generator| [
    json_schema!({ "const": "random", "description": "A moment of its own in each run." }),
    generator.subschema_for::<Period>(),
    json_schema!({ "type": "string", "pattern": r"^\s*[0-9][0-9_.]*\s*%\s*$", "description": "A share of the time that the step takes, as in `40 %`." }),
]);

impl Read for MomentDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        const EXPECTED: &str = "`random`, a time such as `1.5 s`, or a share such as `40 %`";
        let Some(text) = word(node) else {
            wrong_kind(node, &format!("a moment is {EXPECTED}"), mistakes);
            return None;
        };
        if text == "random" {
            return Some(Self::Random);
        }
        match units::quantity(&text) {
            Ok(Quantity::Percent(share)) => Some(Self::Share(share)),
            // Read as a time, for what that has to say about times that are too long.
            _ => match units::duration(&text) {
                Ok(after) => Some(Self::After(after)),
                Err(error) => {
                    let help = format!("a moment is {EXPECTED}");
                    mistakes.add(node.span, error.message, error.label, help);
                    None
                }
            },
        }
    }
}

/// What counts as a command's output.
#[derive(Debug, Clone)]
pub(crate) enum OutputDoc {
    /// Nothing.
    None,
    /// Standard output.
    Stdout,
    /// The file at `{output}`.
    File(Box<OutputFileDoc>),
}

either!(OutputDoc, "output-choice", |generator| [
    json_schema!({ "const": "none", "description": "Nothing is compared; standard output is discarded." }),
    json_schema!({ "const": "stdout", "description": "Standard output." }),
    generator.subschema_for::<OutputFileDoc>(),
]);

impl Read for OutputDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text == "none" => Some(Self::None),
            Value::Text(text) if text == "stdout" => Some(Self::Stdout),
            Value::Mapping(_) => {
                OutputFileDoc::read(node, mistakes).map(|doc| Self::File(Box::new(doc)))
            }
            _ => {
                not_a_choice(
                    node,
                    "an output",
                    &["none", "stdout", "{ file: EXTENSION }"],
                    mistakes,
                );
                None
            }
        }
    }
}

/// One side of a metric's bounds, and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BoundDoc {
    /// What it says.
    pub(crate) quantity: Quantity,
    /// The text, for labels.
    pub(crate) text: String,
}

either!(BoundDoc, "bound", |_generator| [
    json_schema!({ "type": "number", "minimum": 0, "description": "A count, a share or a ratio." }),
    json_schema!({ "type": "string", "description": "`48 MiB`, `1.5 s`, `10 %`, `3M`, `3M/s`, `100 MiB/s` or `1.20 x baseline`." }),
]);

impl Read for BoundDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let Some(text) = word(node) else {
            wrong_kind(node, "a bound is a number with a unit", mistakes);
            return None;
        };
        match units::quantity(&text) {
            Ok(quantity) => Some(Self {
                quantity,
                text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            }),
            Err(error) => {
                mistakes.add(node.span, error.message, error.label, error.help);
                None
            }
        }
    }
}
