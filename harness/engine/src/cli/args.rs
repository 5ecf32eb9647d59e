//! What can be typed. Meaning is given to it by the commands, one file each.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::scenario::check::floor_precision;

/// Measures how deep programs sit in memory and how long they take, and holds them to written targets.
///
/// Runs the baseline and the variants of each scenario in processes of their own, samples
/// resident memory, times them in random pairs, proves that their outputs are identical, and gives
/// a verdict per target. A path without a command means `run`.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run scenarios and judge them; without paths, all in ./scenarios at size `smoke`
    Run(RunArgs),
    /// Search for the smallest memory cap under which variants still complete with the right output
    Floor(FloorArgs),
    /// List scenarios, workloads and metrics
    List(ListArgs),
    /// Read scenarios and say what is wrong with them, without running anything
    Check(CheckArgs),
    /// Hold stored results against one another: the others against the first
    Compare(CompareArgs),
    /// Render reports again from their result.json
    Report(ReportArgs),
    /// Say what this machine can measure, and what would help
    Doctor(DoctorArgs),
    /// Remove cached inputs and what killed sessions left behind
    Clean(CleanArgs),
    /// Print the JSON Schema of scenarios or results
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Clone, Args)]
pub(super) struct RunArgs {
    /// Scenario files, or directories of them
    #[arg(value_name = "SCENARIO")]
    pub(super) paths: Vec<PathBuf>,
    /// The size to run [default: `default` for named scenarios, `smoke` without any]
    #[arg(long, short, value_name = "SIZE")]
    pub(super) size: Option<String>,
    /// Write reports into DIR/<scenario>.<size>/
    #[arg(long, short, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
    /// Override a parameter (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// Run only these variants (repeatable)
    #[arg(long = "variant", value_name = "ID")]
    pub(super) variants: Vec<String>,
    /// Run exactly this many rounds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) runs: Option<u32>,
    /// Run this many rounds first and leave them out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(super) warmup: Option<u32>,
    /// Seed of the order of trials
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Pin trials to these processors, such as `0,1`
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(super) cpus: Option<Vec<usize>>,
    /// Leave the sampler off: no timelines, the least disturbance
    #[arg(long)]
    pub(super) no_sampler: bool,
    /// Set no memory cap where the scenario sets none
    #[arg(long)]
    pub(super) no_caps: bool,
    /// Keep each variant's output as DIR/<variant>.<extension>
    #[arg(long, value_name = "DIR")]
    pub(super) keep_output: Option<PathBuf>,
    /// Make scratch directories here; must not be on tmpfs
    #[arg(long, value_name = "DIR")]
    pub(super) scratch: Option<PathBuf>,
    /// Print what would be run, with an estimate of time, memory and disk, and run nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Exit with 4 where a target is inconclusive, and with 3 where a scenario is skipped
    #[arg(long)]
    pub(super) strict: bool,
    /// Compare with the baseline of that name, saved before
    #[arg(long, value_name = "NAME")]
    pub(super) baseline: Option<String>,
    /// Save the results as the baseline of that name
    #[arg(long, value_name = "NAME")]
    pub(super) save_baseline: Option<String>,
    /// Exit with 1 where a metric is surely worse than the saved baseline's by more, such as `5%`
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "baseline")]
    pub(super) fail_above: Option<f64>,
    /// How to show what happens
    #[arg(long, value_enum, default_value_t = ProgressMode::Auto)]
    pub(super) progress: ProgressMode,
}

#[derive(Debug, Clone, Args)]
pub(super) struct FloorArgs {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// Trials that must all pass at the cap that is said to be enough [default: the scenario's, else 3]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) repeats: Option<u32>,
    /// How wide the interval may be, over its upper edge [default: the scenario's, else 2%]
    #[arg(long, value_name = "SHARE", value_parser = precision)]
    pub(super) precision: Option<f64>,
    /// Caps tried at most for each variant [default: the scenario's, else 15]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub(super) max_attempts: Option<u32>,
}

/// `2%`, `2 %` or `0.02`.
fn precision(text: &str) -> Result<f64, String> {
    floor_precision(text).ok_or_else(|| "a share from `0.1%` to `50%` is expected".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressMode {
    /// Live on a terminal, plain lines otherwise
    Auto,
    /// One line per trial
    Lines,
    /// JSON lines on standard error
    Json,
    /// Nothing
    None,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// What to list
    #[arg(value_enum, default_value_t = Listing::All)]
    pub(super) what: Listing,
    /// Scenario files, or directories of them [default: scenarios]
    #[arg(long = "in", value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The directory reports go to, where baselines are looked for
    #[arg(long, short, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Listing {
    /// Scenarios and workloads
    All,
    /// Scenarios with their sizes and variants
    Scenarios,
    /// Built-in workloads with their implementations and parameters
    Workloads,
    /// Metrics that targets can name
    Metrics,
    /// Baselines that were saved by name
    Baselines,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Scenario files, or directories of them [default: scenarios]
    #[arg(value_name = "SCENARIO")]
    pub(super) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// What is compared: result.json files, report directories, directories of those, or names of saved
    /// baselines; the first is the one that the others are held against
    #[arg(required = true, num_args = 2.., value_name = "RESULT")]
    pub(super) results: Vec<String>,
    /// Compare only these metrics, or `all` (repeatable) [default: those that sum up, and those that targets bind]
    #[arg(long = "metric", short, value_name = "NAME")]
    pub(super) metrics: Vec<String>,
    /// Compare only these variants (repeatable)
    #[arg(long = "variant", value_name = "ID")]
    pub(super) variants: Vec<String>,
    /// Exit with 1 where a metric is surely worse by more, such as `5%`
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(super) fail_above: Option<f64>,
    /// With --fail-above: exit with 4 where a metric may be worse by more
    #[arg(long, requires = "fail_above")]
    pub(super) strict: bool,
    /// How to print it
    #[arg(long, short, value_enum, default_value_t = CompareForm::Terminal)]
    pub(super) format: CompareForm,
    /// The directory reports go to, where saved baselines and earlier sessions are looked for
    #[arg(long, short, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CompareForm {
    /// Tables for a terminal
    Terminal,
    /// Markdown, fit for a pull request comment
    Markdown,
    /// JSON, of the schema that `plimsoll schema comparison` prints
    Json,
}

/// Reads `5%` as 0.05.
fn share(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix('%').map(str::trim);
    let percent: Option<f64> = number.and_then(|number| number.parse().ok());
    match percent {
        Some(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent / 100.0),
        _ => Err("write a percentage that is not negative, such as `5%`".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Report directories, or their result.json
    #[arg(required = true, value_name = "REPORT")]
    pub(super) paths: Vec<PathBuf>,
    /// Print in this form instead of the terminal's; files are rendered again in either case
    #[arg(long, value_enum, default_value_t = ReportForm::Terminal)]
    pub(super) print: ReportForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportForm {
    /// The summary that `run` prints
    Terminal,
    /// Markdown, fit for a pull request comment
    Markdown,
    /// Tidy CSV, one row per trial and metric
    Csv,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print the findings as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Rehearse gates for about so many seconds; 0 only looks at what is there
    #[arg(long, value_name = "SECONDS", default_value_t = 40, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub(super) time: u64,
    /// Rehearse gates for a few seconds only
    #[arg(long, conflicts_with = "time")]
    pub(super) quick: bool,
}

#[derive(Debug, Args)]
pub(super) struct CleanArgs {
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// The directory reports go to, whose unfinished sessions are cleaned as well
    #[arg(long, short, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Which schema
    #[arg(value_enum)]
    pub(super) of: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// Scenario files
    Scenario,
    /// result.json
    Result,
    /// What `compare --format json` prints
    Comparison,
}
