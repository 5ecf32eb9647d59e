//! A scenario after reading and validation: every default filled in, every name resolved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{Sweep, Target, WorkloadInfo};
use crate::evidence::CountedBy;

/// Parameters of a workload, as they are handed to it.
pub type Params = serde_json::Map<String, serde_json::Value>;

/// A scenario, validated.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name; also the name of its result directory.
    pub name: String,
    /// One line on what it shows.
    pub about: String,
    /// Where it was read from.
    pub path: PathBuf,
    /// The file's text, for the report.
    pub text: String,
    /// `blake3:` of the text.
    pub digest: String,
    /// The program that offers the workload; absent where variants are plain commands.
    pub workload: Option<WorkloadRef>,
    /// Programs without which it is skipped.
    pub requires: Vec<Requirement>,
    /// Parameters that all variants and sizes start from.
    pub params: Params,
    /// Sizes in the order written. A scenario without sizes has one, `default`, without overrides.
    pub sizes: Vec<Size>,
    /// Variants in the order written, the matrix expanded, at least one.
    pub variants: Vec<Variant>,
    /// Parameters that are swept besides the ordinary rounds.
    pub sweeps: Vec<Sweep>,
    /// Limits of every trial.
    pub limits: Limits,
    /// What is measured and how often.
    pub measure: Measure,
    /// Written expectations, in order.
    pub targets: Vec<Target>,
}

/// Who offers the workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkloadRef {
    /// One that is built into this binary.
    Builtin(String),
    /// A program that speaks the workload protocol.
    Program {
        /// The program, absolute, or relative to the scenario's directory, or found in `PATH`.
        program: PathBuf,
        /// Arguments before the protocol's verb.
        args: Vec<String>,
        /// The workload's name within the program.
        name: String,
    },
}

/// A program that is not everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its name, to be found in `PATH`, or its path, absolute or relative to the scenario's directory.
    pub program: String,
    /// How to get it, in words or as a command.
    pub get: String,
}

/// A named set of parameter overrides.
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// Its name; `smoke`, `default` and `full` by convention.
    pub name: String,
    /// Overrides of the parameters.
    pub params: Params,
    /// Only these variants take part; empty means all.
    pub variants: Vec<String>,
    /// Overrides the number of runs at this size.
    pub runs: Option<Runs>,
}

/// One thing compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Unique within the scenario.
    pub id: String,
    /// One line for reports.
    pub about: String,
    /// True for the one that others are held against.
    pub baseline: bool,
    /// The implementation (workloads); the id where not said.
    pub implementation: String,
    /// The command (plain commands).
    pub command: Option<CommandSpec>,
    /// Overrides of the parameters.
    pub params: Params,
    /// Threads, where set.
    pub threads: Option<usize>,
    /// Memory budget handed to the implementation, in bytes, where set.
    pub budget: Option<u64>,
    /// Environment variables added.
    pub env: BTreeMap<String, String>,
    /// The allocator, where set.
    pub allocator: Option<Allocator>,
    /// Overrides the number of runs of this variant.
    pub runs: Option<Runs>,
    /// Steps that are killed in each of its clock trials; at most one entry a step.
    pub kills: Vec<Kill>,
}

/// A step that is killed on its way, and what finds what it left.
#[derive(Debug, Clone, PartialEq)]
pub struct Kill {
    /// The step's name; empty where the variant has one step without a name.
    pub step: String,
    /// When, in each of its processes.
    pub at: KillMoment,
    /// Seed of random moments.
    pub seed: u64,
    /// How many processes of the step are killed in a trial, one after the other; at least 1.
    pub times: u32,
    /// What follows the last of them.
    pub then: AfterKill,
}

/// When a step is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KillMoment {
    /// This long after its start.
    After(Duration),
    /// At this share of the time that it takes when nobody kills it; between 0 and 1.
    Share(f64),
    /// At a random moment of the time that it takes when nobody kills it, or of this span.
    Random {
        /// The span, where the scenario gives it.
        within: Option<Duration>,
    },
}

/// What follows a killed step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterKill {
    /// The same step, started once more.
    Again,
    /// The next step.
    Next,
}

impl Variant {
    /// The names of its steps in the order in which they run; one empty name where it has one step
    /// without a name. `info` describes the scenario's workload, where it has one.
    pub fn steps<'a>(&'a self, info: Option<&'a WorkloadInfo>) -> Vec<&'a str> {
        let names: Vec<&str> = match &self.command {
            Some(command) => command.steps.iter().map(|s| s.name.as_str()).collect(),
            None => {
                let implementation = info.and_then(|i| i.implementation(&self.implementation));
                let steps = implementation
                    .map(|i| i.steps.as_slice())
                    .unwrap_or_default();
                steps.iter().map(String::as_str).collect()
            }
        };
        if names.is_empty() { vec![""] } else { names }
    }
}

/// Which allocator a program runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocator {
    /// The C library's.
    System,
    /// mimalloc.
    Mimalloc,
    /// jemalloc.
    Jemalloc,
}

impl Allocator {
    /// Every allocator.
    pub const ALL: [Self; 3] = [Self::System, Self::Mimalloc, Self::Jemalloc];

    /// The name used in scenarios, reports and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Mimalloc => "mimalloc",
            Self::Jemalloc => "jemalloc",
        }
    }
}

/// Plain commands, run one after the other. `{params.x}`, `{input}`, `{output}`, `{scratch}`, `{threads}` are filled
/// into their arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSpec {
    /// The measured commands in the order in which they run, at least one; all of a trial share its
    /// scratch directory and its output.
    pub steps: Vec<CommandStep>,
    /// Run before each trial, outside of measurement.
    pub prepare: Option<Vec<String>>,
    /// Run after each trial, outside of measurement.
    pub conclude: Option<Vec<String>>,
    /// What the output of a trial is, for identity.
    pub output: OutputSpec,
    /// Run on the output, outside of measurement, before it is hashed; `{}` is the output's path.
    pub canonicalise: Option<Vec<String>>,
    /// Working directory; the scenario's directory where not said.
    pub directory: Option<PathBuf>,
}

/// One measured command of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandStep {
    /// Its name; empty where a variant has one command and no list of steps.
    pub name: String,
    /// Program and arguments; no shell is involved.
    pub argv: Vec<String>,
    /// What it reads.
    pub stdin: Stdin,
    /// Exit statuses that mean success.
    pub exit_codes: Vec<i32>,
}

/// What a command reads from standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stdin {
    /// Nothing.
    Null,
    /// A file.
    File(PathBuf),
    /// This text.
    Text(String),
}

/// What counts as a command's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputSpec {
    /// Nothing is compared; standard output is discarded.
    None,
    /// Standard output, of several steps that of the last.
    Stdout,
    /// The file at `{output}`, with this extension (may be empty).
    File(String),
}

/// Limits of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Elapsed time of a step.
    pub wall: Duration,
    /// CPU time of a step.
    pub cpu: Option<Duration>,
    /// Time without progress.
    pub stall: Option<Duration>,
    /// Memory cap in bytes; absent means what is available less a reserve.
    pub memory: Option<u64>,
    /// Address-space limit in bytes.
    pub address_space: Option<u64>,
    /// Between SIGTERM and SIGKILL.
    pub grace: Duration,
    /// Elapsed time of the whole scenario at one size; no further runs are added beyond it.
    pub total: Option<Duration>,
    /// Bytes of standard output kept; what goes beyond is read and dropped.
    pub output: u64,
}

impl Default for Limits {
    /// What holds where a scenario says nothing.
    fn default() -> Self {
        Limits {
            wall: Duration::from_secs(600),
            cpu: None,
            stall: None,
            memory: None,
            address_space: None,
            grace: Duration::from_secs(5),
            total: None,
            output: 64 << 20,
        }
    }
}

/// How many rounds are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runs {
    /// At least; at least 1.
    pub min: u32,
    /// At most; at least `min`.
    pub max: u32,
}

/// What is measured, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Rounds run first and left out of every figure.
    pub warmup: u32,
    /// Rounds that count.
    pub runs: Runs,
    /// The sampler's interval; absent means off.
    pub sample_every: Option<Duration>,
    /// Whether a count trial is run per variant.
    pub count: bool,
    /// Mean bytes from sample to sample of a profile trial per variant; absent means there is none.
    pub profile: Option<u64>,
    /// Whether a dhat trial is run per variant, and at which size.
    pub dhat: DhatSetting,
    /// Whether and how instructions are counted; absent means not.
    pub instructions: Option<InstructionsSetting>,
    /// Whether phases get their own exact peaks.
    pub phase_peaks: bool,
    /// The page-cache state of inputs.
    pub inputs: InputCache,
    /// Pins trials to processors.
    pub affinity: Affinity,
    /// Seed of the order of trials.
    pub seed: u64,
    /// How the floor is searched for, where it is.
    pub floor: FloorSetting,
}

impl Default for Measure {
    /// What holds where a scenario says nothing.
    fn default() -> Self {
        Measure {
            warmup: 1,
            runs: Runs { min: 6, max: 20 },
            sample_every: Some(Duration::from_millis(10)),
            count: true,
            profile: None,
            dhat: DhatSetting::Off,
            instructions: None,
            phase_peaks: false,
            inputs: InputCache::Warm,
            affinity: Affinity::Any,
            seed: 1,
            floor: FloorSetting::default(),
        }
    }
}

/// How the smallest memory cap under which a variant completes is searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FloorSetting {
    /// Trials that must all pass at the cap that is said to be enough; at least 1.
    pub repeats: u32,
    /// The width of the interval over its upper edge: 0.02 is 2 %.
    pub precision: f64,
    /// Caps tried at most; at least 2.
    pub attempts: u32,
}

impl Default for FloorSetting {
    /// What holds where a scenario says nothing.
    fn default() -> Self {
        FloorSetting {
            repeats: 3,
            precision: 0.02,
            attempts: 15,
        }
    }
}

/// When dhat trials are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DhatSetting {
    /// Never.
    Off,
    /// In every run, with the parameters of this size whatever size is run.
    AtSize(String),
}

/// How instructions are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstructionsSetting {
    /// The size whose parameters the trials use, whatever size is run.
    pub size: String,
    /// Trials per variant; at least 1.
    pub runs: u32,
    /// Who counts; absent means the processor where it can, else valgrind.
    pub by: Option<CountedBy>,
}

/// The page-cache state of inputs before each trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputCache {
    /// Read once before, so that they are cached.
    Warm,
    /// Dropped from the page cache, where permitted.
    Dropped,
}

/// Processors that trials are pinned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Affinity {
    /// Wherever the scheduler puts them.
    Any,
    /// On these processors.
    Cpus(Vec<usize>),
}
