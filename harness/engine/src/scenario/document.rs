//! The shape of a scenario file. The descriptions here are the user's documentation: they go into
//! the JSON Schema that editors show.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::evidence::{Aggregate, Outcome};

use super::error::Mistakes;
use super::read::{
    At, ByteSize, Entries, Json, Period, Read, choices, choices_schema, document, wrong_kind,
};
use super::units::{self, Quantity};
use super::yaml::{Node, Value};
use super::{Allocator, InputCache};

document! {
    /// A scenario: what is compared, how it is measured, and what is expected of it.
    struct ScenarioDoc("a scenario") {
        /// The scenario's name, which is also that of its result directory. Lower-case letters, digits, `-`, `_` and `.`; at most 100.
        required name: String,
        /// One line on what the scenario shows.
        optional about: String,
        /// Who does the work: the name of a workload that is built in, or a program that speaks the workload protocol. Left out where variants are plain commands.
        optional workload: WorkloadDoc,
        /// Parameters of the workload that all sizes and variants start from. For commands: values that `{params.NAME}` stands for.
        optional params: Entries<Json>,
        /// Named sets of parameter overrides. `smoke` (at most 3 s, one run a variant, exact targets only), `default` (about a minute) and `full` (the real thing) by convention. Without sizes there is one, `default`.
        optional sizes: Entries<SizeDoc>,
        /// What is compared.
        required variants: Vec<At<VariantDoc>>,
        /// Crosses every variant with every combination of these values: `allocator`, `threads`, `budget`, or any parameter, as `NAME` or `params.NAME`. Each combination is a variant of its own, named `ID+mimalloc` or `ID+NAME=VALUE`. The first combination of the baseline is the baseline.
        optional matrix: Entries<Vec<At<Json>>>,
        /// Limits of every trial.
        optional limits: LimitsDoc,
        /// What is measured, and how often.
        optional measure: MeasureDoc,
        /// Written expectations; each one gets a verdict.
        optional targets: Vec<At<TargetDoc>>,
    }
}

document! {
    /// A program that speaks the workload protocol.
    struct ProgramDoc("a workload") {
        /// The program: absolute, relative to the scenario's directory, or found in `PATH`.
        required program: String,
        /// Arguments before the protocol's verb.
        optional args: Vec<At<String>>,
        /// The workload's name within the program.
        required name: String,
    }
}

document! {
    /// A named set of overrides in its long form.
    struct LongSizeDoc("a size") {
        /// Overrides of the parameters.
        optional params: Entries<Json>,
        /// Only these variants take part.
        optional variants: Vec<At<String>>,
        /// Overrides the number of runs at this size: a number, or `{ min: 3, max: 6 }`.
        optional runs: RunsDoc,
    }
}

document! {
    /// One thing compared.
    struct VariantDoc("a variant") {
        /// Its name, unique in the scenario. Letters, digits, `-`, `_` and `.`; at most 100.
        required id: String,
        /// One line for reports.
        optional about: String,
        /// The workload's implementation; the id where not said.
        optional implementation: String,
        /// True for the one that the others are held against; at most one variant.
        optional baseline: bool,
        /// Overrides of the parameters.
        optional params: Entries<Json>,
        /// Threads that it may use; `{threads}` in commands.
        optional threads: u64,
        /// Memory that it should stay within, handed to the implementation.
        optional budget: ByteSize,
        /// Environment variables; everything else is scrubbed but for a short list.
        optional env: Entries<String>,
        /// The allocator that the workload runs on.
        optional allocator: Allocator,
        /// Overrides the number of runs of this variant at every size: a number, or `{ min: 3, max: 6 }`.
        optional runs: RunsDoc,
        /// A plain command instead of a workload: a list of arguments, or one text that is split as a shell would. No shell is involved. `{params.NAME}`, `{input}`, `{output}`, `{scratch}` and `{threads}` are filled in.
        optional command: WordsDoc,
        /// What the command reads from standard input; nothing where not said.
        optional stdin: StdinDoc,
        /// A command run before each trial, outside of measurement.
        optional prepare: WordsDoc,
        /// A command run after each trial, outside of measurement.
        optional conclude: WordsDoc,
        /// Exit statuses that mean success; `[0]` where not said.
        optional exit_codes: Vec<At<i64>>,
        /// What counts as the command's output, for identity: `none`, `stdout`, or `{ file: EXTENSION }` for the file that the command writes to `{output}`. `stdout` where not said.
        optional output: OutputDoc,
        /// A command run on the output before it is hashed, outside of measurement; `{}` is the output's path, and what it prints is hashed.
        optional canonicalise: WordsDoc,
        /// The command's working directory, relative to the scenario's directory, which it is where not said.
        optional directory: String,
    }
}

document! {
    /// Limits of a trial.
    struct LimitsDoc("the limits") {
        /// Elapsed time of a step; 10 min where not said.
        optional wall: Period,
        /// CPU time of a step.
        optional cpu: Period,
        /// Time without progress.
        optional stall: Period,
        /// Memory cap, enforced by the kernel where it can be; what is available less a reserve where not said.
        optional memory: ByteSize,
        /// Limit of the address space, which is not a cap on memory used.
        optional address_space: ByteSize,
        /// Between asking a process to end and killing it; 5 s where not said.
        optional grace: Period,
        /// Elapsed time of the whole scenario at one size; beyond it no further runs are added.
        optional total: Period,
        /// Bytes of standard output kept; what goes beyond is read and dropped. 64 MiB where not said.
        optional output: ByteSize,
    }
}

document! {
    /// What is measured, and how often.
    struct MeasureDoc("the measure") {
        /// Rounds run first and left out of every figure; 1 where not said.
        optional warmup: u64,
        /// Rounds that count: a number, or `{ min: 6, max: 20 }`, where rounds are added until every target is clear.
        optional runs: RunsDoc,
        /// The sampler's interval, or `false`; 10 ms where not said. Samples draw the line and never decide a verdict.
        optional sample_every: SamplingDoc,
        /// Whether allocations are counted in a trial of their own per variant; true where not said.
        optional count: bool,
        /// Whether a heap profile is taken per variant in a trial of its own: `{ size: NAME }` says with the parameters of which size, since profiling is slow; `false` where not said.
        optional dhat: DhatDoc,
        /// Whether phases get their own exact peaks; false where not said, and true where a target needs them.
        optional phase_peaks: bool,
        /// The page-cache state of inputs before each trial; `warm` where not said.
        optional inputs: InputCache,
        /// Processors that trials are pinned to: a list, or `any`, as where not said.
        optional affinity: AffinityDoc,
        /// Seed of the order of trials and of the resampling; 1 where not said.
        optional seed: u64,
    }
}

document! {
    /// A written expectation: one of `metric`, `identical`, `equals` or `outcome`.
    struct TargetDoc("a target") {
        /// The metric that is bound by `at_most`, `at_least` or both.
        optional metric: String,
        /// Upper bound in the metric's unit, or `1.20 x baseline`.
        optional at_most: BoundDoc,
        /// Lower bound in the metric's unit, or `0.90 x baseline`.
        optional at_least: BoundDoc,
        /// How trials become one number for an absolute bound: `worst` or `median`; the metric's own way where not said.
        optional aggregate: Aggregate,
        /// The variant that it binds. A variant's id before the matrix binds all its combinations.
        optional variant: String,
        /// The variants that it binds.
        optional variants: Vec<At<String>>,
        /// These variants must give the same output: at least two.
        optional identical: Vec<At<String>>,
        /// The digest that must be the same; all that the variants have in common where not said.
        optional digest: String,
        /// Metrics or digests and the values they must have.
        optional equals: Entries<Json>,
        /// How the variant must end.
        optional outcome: Outcome,
        /// Conditions under which the variants are run once more for this target.
        optional under: UnderDoc,
        /// Sizes at which the target applies; all where not said.
        optional sizes: Vec<At<String>>,
    }
}

document! {
    /// Conditions of a target.
    struct UnderDoc("the conditions") {
        /// A memory cap.
        required memory: ByteSize,
    }
}

document! {
    /// At least and at most so many runs.
    struct RangeDoc("a range of runs") {
        /// At least; 1 or more.
        required min: u64,
        /// At most.
        required max: u64,
    }
}

document! {
    /// The size whose parameters a heap profile is taken with.
    struct DhatSizeDoc("the dhat setting") {
        /// The size's name.
        required size: String,
    }
}

document! {
    /// What a command reads from standard input: a file or a text.
    struct StdinDoc("the standard input") {
        /// A file, relative to the command's working directory.
        optional file: String,
        /// The text itself.
        optional text: String,
    }
}

document! {
    /// A file as output.
    struct OutputFileDoc("the output") {
        /// The extension that the file at `{output}` gets; may be empty.
        required file: String,
    }
}

choices! { Allocator, "an allocator" {
    "system" => Allocator::System;
    "mimalloc" => Allocator::Mimalloc;
}}
choices_schema! { Allocator, "allocator" {
    "system", "The C library's.";
    "mimalloc", "mimalloc.";
}}

choices! { InputCache, "a page-cache state" {
    "warm" => InputCache::Warm;
    "dropped" => InputCache::Dropped;
}}
choices_schema! { InputCache, "page-cache-state" {
    "warm", "Read once before, so that they are cached.";
    "dropped", "Dropped from the page cache, where permitted.";
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
                super::read::not_a_choice(
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
        let Some(text) = super::read::word(node) else {
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
