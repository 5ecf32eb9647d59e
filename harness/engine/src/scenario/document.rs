//! The shape of a scenario file. The descriptions here are the user's documentation: they go into
//! the JSON Schema that editors show.

use crate::evidence::{Aggregate, CountedBy, Outcome};

use super::define::document;
use super::forms::{
    AffinityDoc, BoundDoc, DhatDoc, InstructionsDoc, MomentDoc, OutputDoc, ProfileDoc, RunsDoc,
    SamplingDoc, SizeDoc, SweepValuesDoc, SweepsDoc, WordsDoc, WorkloadDoc,
};
use super::read::{At, ByteSize, Entries, Json, Period};
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
        /// Programs without which the scenario is skipped, each with how to get it, as in `{ fgumi: cargo install fgumi }`: names that are found in `PATH`, or paths, absolute or relative to the scenario's directory.
        optional requires: Entries<String>,
        /// Parameters of the workload that all sizes and variants start from. For commands: values that `{params.NAME}` stands for.
        optional params: Entries<Json>,
        /// Named sets of parameter overrides. `smoke` (at most 3 s, one run a variant, exact targets only), `default` (about a minute) and `full` (the real thing) by convention. Without sizes there is one, `default`.
        optional sizes: Entries<SizeDoc>,
        /// What is compared.
        required variants: Vec<At<VariantDoc>>,
        /// Crosses every variant with every combination of these values: `allocator`, `threads`, `budget`, or any parameter, as `NAME` or `params.NAME`. Each combination is a variant of its own, named `ID+mimalloc` or `ID+NAME=VALUE`. The first combination of the baseline is the baseline.
        optional matrix: Entries<Vec<At<Json>>>,
        /// Runs over several values of a parameter besides the ordinary rounds: how time and memory grow with it, or what each quality costs. One sweep, or a list of them.
        optional sweep: SweepsDoc,
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
        /// Threads that it may use; `{threads}` in commands. 1 where not said.
        optional threads: u64,
        /// Memory that it should stay within, handed to the implementation.
        optional budget: ByteSize,
        /// Environment variables; everything else is scrubbed but for a short list.
        optional env: Entries<String>,
        /// The allocator that the workload or the command runs on, loaded into it; a command must be linked dynamically against glibc for that. Where nothing is said, nothing is loaded.
        optional allocator: Allocator,
        /// Overrides the number of runs of this variant at every size: a number, or `{ min: 3, max: 6 }`.
        optional runs: RunsDoc,
        /// A plain command instead of a workload: a list of arguments, or one text that is split as a shell would. No shell is involved. `{params.NAME}`, `{input}`, `{output}`, `{scratch}` and `{threads}` are filled in.
        optional command: WordsDoc,
        /// Several commands instead of one, run one after the other in one trial, each in a process of its own with its own figures: `step.NAME.wall`, `step.NAME.cpu`, `step.NAME.peak_rss`. They share `{scratch}` and `{output}`. One that fails ends the trial.
        optional steps: Vec<At<StepDoc>>,
        /// Kills the variant's step on its way and starts it again in the same scratch directory, in every run but warm-ups: `{ at: random, seed: 7 }`. What the second process makes of what the first one left is the trial's output. A workload with several steps needs `step:`; where there are `steps`, each has a `kill` of its own.
        optional kill: KillDoc,
        /// What the command reads from standard input; nothing where not said.
        optional stdin: StdinDoc,
        /// A command run before each trial, outside of measurement.
        optional prepare: WordsDoc,
        /// A command run after each trial, outside of measurement.
        optional conclude: WordsDoc,
        /// Exit statuses that mean success; `[0]` where not said.
        optional exit_codes: Vec<At<i64>>,
        /// What counts as the command's output, for identity: `none`, `stdout`, of several steps that of the last, or `{ file: EXTENSION }` for the file that the command writes to `{output}`. `stdout` where not said.
        optional output: OutputDoc,
        /// A command run on the output before it is hashed, outside of measurement; `{}` is the output's path, and what it prints is hashed.
        optional canonicalise: WordsDoc,
        /// The command's working directory, relative to the scenario's directory, which it is where not said.
        optional directory: String,
    }
}

document! {
    /// One command of several that a trial runs one after the other.
    struct StepDoc("a step") {
        /// Its name, unique in the variant. Letters, digits, `-`, `_` and `.`; at most 100.
        required name: String,
        /// The command: a list of arguments, or one text that is split as a shell would. The same is filled in as in a variant's `command`.
        required command: WordsDoc,
        /// What it reads from standard input; nothing where not said.
        optional stdin: StdinDoc,
        /// Exit statuses that mean success; `[0]` where not said.
        optional exit_codes: Vec<At<i64>>,
        /// Kills this step on its way, in every run but warm-ups; the next step resumes. `{ at: random, seed: 7 }`.
        optional kill: KillDoc,
    }
}

document! {
    /// When a step is killed, by SIGKILL and with all its processes.
    struct KillDoc("a kill") {
        /// `random`: at a moment of its own in each run, anywhere in the time that the step takes in a warm-up, where nothing is killed; one warm-up is added where there is none. `40 %`: of that time. `1.5 s`: after its start.
        required at: MomentDoc,
        /// Seed of random moments; 1 where not said.
        optional seed: u64,
        /// Random moments lie within this time instead, and no warm-up is needed.
        optional within: Period,
        /// How often the step is killed in a run, started anew each time; once where not said.
        optional times: u64,
        /// The step of the workload that is meant, where it has several.
        optional step: String,
    }
}

document! {
    /// Runs over several values of a parameter.
    struct SweepDoc("a sweep") {
        /// The parameter; its values are numbers. For commands it stands for `{params.NAME}`.
        required parameter: String,
        /// The values: a list, or `{ from: 100, to: 10000, points: 8 }` for points at equal ratios. A growth needs at least 4, and is better known from 8 over two decades.
        required values: SweepValuesDoc,
        /// How often each value is run; 3 where not said, and once at `smoke`.
        optional runs: u64,
        /// The metric that tells how good a result is, where the parameter trades that for cost, as `recall` is for the effort of a search. Without it the parameter is the size of the task, and the growth with it is fitted.
        optional quality: String,
        /// Sizes at which it is swept; all but `smoke` where not said.
        optional sizes: Vec<At<String>>,
        /// The variants that are swept; all where not said.
        optional variants: Vec<At<String>>,
    }
}

document! {
    /// Values at equal ratios.
    struct SeriesDoc("a series of values") {
        /// The smallest, above 0.
        required from: Json,
        /// The largest.
        required to: Json,
        /// How many, both ends included; whole numbers where both ends are.
        required points: u64,
    }
}

document! {
    /// Bounds of an exponent.
    struct ExponentDoc("the exponent") {
        /// At most: 1 is linear, 2 quadratic.
        optional at_most: BoundDoc,
        /// At least.
        optional at_least: BoundDoc,
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
        /// Whether a heap profile is sampled per variant in a trial of its own, at the size that is run: `true`, or `{ every: SIZE }` for a sample in so many bytes allocated, 512 KiB where not said. For programs that plimsoll can look into: its workloads, and commands that use the malloc of a glibc they load; `false` where not said.
        optional profile: ProfileDoc,
        /// Whether dhat takes a heap profile per variant in a trial of its own: `{ size: NAME }` says with the parameters of which size, since profiling is slow; `false` where not said.
        optional dhat: DhatDoc,
        /// Whether instructions are counted in trials of their own, which are not timed: `{ size: NAME }` says with the parameters of which size, since valgrind, which counts where the processor cannot, is slow; `false` where not said.
        optional instructions: InstructionsDoc,
        /// Whether phases get their own exact peaks; false where not said, and true where a target needs them.
        optional phase_peaks: bool,
        /// The page-cache state of inputs before each trial; `warm` where not said.
        optional inputs: InputCache,
        /// Processors that trials are pinned to: a list, or `any`, as where not said.
        optional affinity: AffinityDoc,
        /// Seed of the order of trials; 1 where not said.
        optional seed: u64,
        /// How the smallest memory cap under which a variant completes is searched for, where a target binds `floor`.
        optional floor: FloorDoc,
    }
}

document! {
    /// How the floor is searched for.
    struct FloorDoc("the floor setting") {
        /// Trials that must all pass at the cap that is said to be enough; 3 where not said.
        optional repeats: u64,
        /// How wide the interval may be, over its upper edge; `2 %` where not said.
        optional precision: BoundDoc,
        /// Caps tried at most; 15 where not said.
        optional attempts: u64,
    }
}

document! {
    /// A written expectation: one of `metric`, `growth`, `identical`, `equals` or `outcome`.
    struct TargetDoc("a target") {
        /// The metric that is bound by `at_most`, `at_least` or both.
        optional metric: String,
        /// Upper bound in the metric's unit, or `1.20 x baseline`.
        optional at_most: BoundDoc,
        /// Lower bound in the metric's unit, or `0.90 x baseline`.
        optional at_least: BoundDoc,
        /// How trials become one number for an absolute bound: `worst` or `median`; the metric's own way where not said.
        optional aggregate: Aggregate,
        /// Where on a sweep the metric is bound: a swept parameter and its value, up to 10 times the largest, as in `{ sentences: 100000 }`, read off the fitted growth; or the quality of a sweep, as in `{ recall: 0.99 }`, read off the frontier.
        optional at: Entries<BoundDoc>,
        /// The metric whose growth over a swept parameter is bound by `exponent`.
        optional growth: String,
        /// Bounds of the exponent of `growth`, as in `{ at_most: 1.1 }`.
        optional exponent: ExponentDoc,
        /// The parameter that `growth` is over, where several are swept.
        optional over: String,
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
        /// Whether the exit code depends on it, as where not said; with `false` it is judged and shown for information only.
        optional gate: bool,
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
    /// How a heap profile is sampled.
    struct ProfileFormDoc("the profile setting") {
        /// Bytes allocated from sample to sample, on average; 512 KiB where not said. The error of a call site that holds N bytes is about the root of N times as many.
        optional every: ByteSize,
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
    /// How instructions are counted.
    struct InstructionsSizeDoc("the instructions setting") {
        /// The name of the size whose parameters they are counted with.
        required size: String,
        /// Trials per variant; 3 where not said, so that a count that varies is seen to.
        optional runs: u64,
        /// Who counts: `perf` for the processor, `valgrind`; where not said, the processor where it can and else valgrind. What the two count is not comparable.
        optional by: CountedBy,
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
