//! The environment variables of the protocol, and what they say.

use std::ffi::OsString;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use crate::Bytes;
use crate::nearest::nearest;

/// Name of the workload to prepare or run.
pub const WORKLOAD: &str = "PLIMSOLL_WORKLOAD";
/// Id of the implementation to run.
pub const IMPLEMENTATION: &str = "PLIMSOLL_IMPLEMENTATION";
/// Parameters: a JSON object; those left out take their defaults.
pub const PARAMS: &str = "PLIMSOLL_PARAMS";
/// The step to run; unset or empty where the implementation has one unnamed step.
pub const STEP: &str = "PLIMSOLL_STEP";
/// Directory of the inputs that `prepare` fills and `run` reads.
pub const INPUTS: &str = "PLIMSOLL_INPUTS";
/// Directory on disk for this trial alone, shared by its steps.
pub const SCRATCH: &str = "PLIMSOLL_SCRATCH";
/// File to write the output to, where it is kept or verified.
pub const OUTPUT: &str = "PLIMSOLL_OUTPUT";
/// File to append event lines to.
pub const EVENTS: &str = "PLIMSOLL_EVENTS";
/// The gauge page: a file to map.
pub const GAUGES: &str = "PLIMSOLL_GAUGES";
/// How many threads to use; at least 1.
pub const THREADS: &str = "PLIMSOLL_THREADS";
/// Bytes of memory to stay within.
pub const MEMORY_BUDGET: &str = "PLIMSOLL_MEMORY_BUDGET";
/// The instrument of this trial: `clock`, `count`, `profile` or `dhat`.
pub const INSTRUMENT: &str = "PLIMSOLL_INSTRUMENT";
/// Where the heap profile goes under `dhat`.
pub const DHAT_OUTPUT: &str = "PLIMSOLL_DHAT_OUTPUT";
/// Where the sampled heap profile goes under `profile`: an existing file, or a directory in which each process makes
/// one, named for its id.
pub const PROFILE_OUTPUT: &str = "PLIMSOLL_PROFILE_OUTPUT";
/// Mean bytes from sample to sample under `profile`, a whole number; [`PROFILE_EVERY_DEFAULT`] where unset.
pub const PROFILE_EVERY: &str = "PLIMSOLL_PROFILE_EVERY";
/// What the random numbers of `profile` begin with, a whole number.
pub const PROFILE_SEED: &str = "PLIMSOLL_PROFILE_SEED";
/// 512 KiB.
pub const PROFILE_EVERY_DEFAULT: u64 = 512 << 10;
/// `1`: store and reset the resident peak at each end of a phase.
pub const PHASE_PEAKS: &str = "PLIMSOLL_PHASE_PEAKS";
/// The allocator: `system`, `mimalloc` or `jemalloc`.
pub const ALLOCATOR: &str = "PLIMSOLL_ALLOCATOR";

/// What is measured with.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Instrument {
    /// The kernel's accounting and outside sampling; nothing inside the program.
    #[default]
    Clock,
    /// Every allocation counted at the malloc layer.
    Count,
    /// A heap profile from sampled allocations.
    Profile,
    /// A heap profile by dhat.
    Dhat,
}

impl Instrument {
    /// Every instrument.
    pub const ALL: [Self; 4] = [Self::Clock, Self::Count, Self::Profile, Self::Dhat];

    /// The word the environment uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Count => "count",
            Self::Profile => "profile",
            Self::Dhat => "dhat",
        }
    }
}

/// What serves the heap, Rust's and C's.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum AllocatorChoice {
    /// The C library's.
    #[default]
    System,
    /// mimalloc, from a library that is loaded into the program.
    Mimalloc,
    /// jemalloc, likewise.
    Jemalloc,
}

impl AllocatorChoice {
    /// Every allocator.
    pub const ALL: [Self; 3] = [Self::System, Self::Mimalloc, Self::Jemalloc];

    /// The word the environment uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Mimalloc => "mimalloc",
            Self::Jemalloc => "jemalloc",
        }
    }
}

/// A variable that does not say what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}=`{value}`: {problem}")]
pub struct EnvironmentError {
    /// Its name.
    pub variable: &'static str,
    /// What it was set to.
    pub value: String,
    /// What is wrong, and what to write instead.
    pub problem: String,
}

/// All that the harness tells a program, as values. The harness writes one with
/// [`variables`](Self::variables); the program reads the same one with [`from_lookup`](Self::from_lookup).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// [`WORKLOAD`].
    pub workload: Option<String>,
    /// [`IMPLEMENTATION`].
    pub implementation: Option<String>,
    /// [`PARAMS`], not yet read as JSON.
    pub params: Option<String>,
    /// [`STEP`]; empty where there is only one.
    pub step: String,
    /// [`INPUTS`].
    pub inputs: Option<PathBuf>,
    /// [`SCRATCH`].
    pub scratch: Option<PathBuf>,
    /// [`OUTPUT`].
    pub output: Option<PathBuf>,
    /// [`EVENTS`].
    pub events: Option<PathBuf>,
    /// [`GAUGES`].
    pub gauges: Option<PathBuf>,
    /// [`THREADS`].
    pub threads: Option<NonZeroUsize>,
    /// [`MEMORY_BUDGET`].
    pub memory_budget: Option<Bytes>,
    /// [`INSTRUMENT`].
    pub instrument: Instrument,
    /// [`DHAT_OUTPUT`].
    pub dhat_output: Option<PathBuf>,
    /// [`PROFILE_OUTPUT`].
    pub profile_output: Option<PathBuf>,
    /// [`PROFILE_EVERY`].
    pub profile_every: Option<NonZeroU64>,
    /// [`PROFILE_SEED`].
    pub profile_seed: Option<u64>,
    /// [`PHASE_PEAKS`].
    pub phase_peaks: bool,
    /// [`ALLOCATOR`].
    pub allocator: AllocatorChoice,
}

impl Environment {
    /// Reads the process's own environment.
    ///
    /// # Errors
    /// A variable is set to something it cannot mean.
    pub fn from_process() -> Result<Self, EnvironmentError> {
        Self::from_lookup(std::env::var_os)
    }

    /// Reads an environment given as a function from name to value. A variable set to the empty text counts as unset.
    ///
    /// # Errors
    /// A variable is set to something it cannot mean.
    pub fn from_lookup(
        lookup: impl Fn(&'static str) -> Option<OsString>,
    ) -> Result<Self, EnvironmentError> {
        let lookup = |name| lookup(name).filter(|value| !value.is_empty());
        let path = |name| lookup(name).map(PathBuf::from);
        let text = |name: &'static str| match lookup(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(raw)) => Err(EnvironmentError {
                variable: name,
                value: raw.to_string_lossy().into_owned(),
                problem: "is not UTF-8".into(),
            }),
        };
        Ok(Self {
            workload: text(WORKLOAD)?,
            implementation: text(IMPLEMENTATION)?,
            params: text(PARAMS)?,
            step: text(STEP)?.unwrap_or_default(),
            inputs: path(INPUTS),
            scratch: path(SCRATCH),
            output: path(OUTPUT),
            events: path(EVENTS),
            gauges: path(GAUGES),
            threads: parsed(THREADS, text(THREADS)?, |v| {
                v.parse()
                    .map_err(|_| "write a whole number of threads, at least 1".into())
            })?,
            memory_budget: parsed(MEMORY_BUDGET, text(MEMORY_BUDGET)?, |v| {
                v.parse::<Bytes>().map_err(|e| e.to_string())
            })?,
            instrument: parsed(INSTRUMENT, text(INSTRUMENT)?, |v| {
                one_of(v, &Instrument::ALL, Instrument::name)
            })?
            .unwrap_or_default(),
            dhat_output: path(DHAT_OUTPUT),
            profile_output: path(PROFILE_OUTPUT),
            profile_every: parsed(PROFILE_EVERY, text(PROFILE_EVERY)?, |v| {
                v.parse()
                    .map_err(|_| "write a whole number of bytes, at least 1".into())
            })?,
            profile_seed: parsed(PROFILE_SEED, text(PROFILE_SEED)?, |v| {
                v.parse().map_err(|_| "write a whole number".into())
            })?,
            phase_peaks: parsed(PHASE_PEAKS, text(PHASE_PEAKS)?, |v| match v {
                "1" => Ok(true),
                "0" => Ok(false),
                _ => Err("write 1 or 0".into()),
            })?
            .unwrap_or_default(),
            allocator: parsed(ALLOCATOR, text(ALLOCATOR)?, |v| {
                one_of(v, &AllocatorChoice::ALL, AllocatorChoice::name)
            })?
            .unwrap_or_default(),
        })
    }

    /// The variables to set for a program to read back this same value; what is left out here must not be
    /// inherited from elsewhere either.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let text = |value: &Option<String>| value.as_ref().map(OsString::from);
        let path = |value: &Option<PathBuf>| value.as_ref().map(OsString::from);
        let all = [
            (WORKLOAD, text(&self.workload)),
            (IMPLEMENTATION, text(&self.implementation)),
            (PARAMS, text(&self.params)),
            (
                STEP,
                (!self.step.is_empty()).then(|| OsString::from(&self.step)),
            ),
            (INPUTS, path(&self.inputs)),
            (SCRATCH, path(&self.scratch)),
            (OUTPUT, path(&self.output)),
            (EVENTS, path(&self.events)),
            (GAUGES, path(&self.gauges)),
            (THREADS, self.threads.map(|n| n.to_string().into())),
            (
                MEMORY_BUDGET,
                self.memory_budget.map(|b| b.0.to_string().into()),
            ),
            (INSTRUMENT, Some(self.instrument.name().into())),
            (DHAT_OUTPUT, path(&self.dhat_output)),
            (PROFILE_OUTPUT, path(&self.profile_output)),
            (
                PROFILE_EVERY,
                self.profile_every.map(|bytes| bytes.to_string().into()),
            ),
            (
                PROFILE_SEED,
                self.profile_seed.map(|seed| seed.to_string().into()),
            ),
            (PHASE_PEAKS, self.phase_peaks.then(|| "1".into())),
            (ALLOCATOR, Some(self.allocator.name().into())),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

fn parsed<T>(
    variable: &'static str,
    value: Option<String>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, EnvironmentError> {
    let Some(value) = value else { return Ok(None) };
    match parse(&value) {
        Ok(parsed) => Ok(Some(parsed)),
        Err(problem) => Err(EnvironmentError {
            variable,
            value,
            problem,
        }),
    }
}

fn one_of<T: Copy>(value: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    all.iter()
        .copied()
        .find(|&t| name(t) == value)
        .ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|&t| name(t)).collect();
            let hint = nearest(value, names.iter().copied())
                .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
            format!("is not one of {}{hint}", names.join(", "))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Result<Environment, EnvironmentError> {
        Environment::from_lookup(|name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn what_the_harness_writes_the_program_reads() {
        let full = Environment {
            workload: Some("ortho".into()),
            implementation: Some("depth-first".into()),
            params: Some(r#"{"seed":1}"#.into()),
            step: "build".into(),
            inputs: Some("/in".into()),
            scratch: Some("/scratch".into()),
            output: Some("/out".into()),
            events: Some("/events".into()),
            gauges: Some("/gauges".into()),
            threads: NonZeroUsize::new(3),
            memory_budget: Some(Bytes(1 << 20)),
            instrument: Instrument::Count,
            dhat_output: Some("/dhat.json".into()),
            profile_output: Some("/heap".into()),
            profile_every: NonZeroU64::new(4096),
            profile_seed: Some(0),
            phase_peaks: true,
            allocator: AllocatorChoice::Jemalloc,
        };
        for environment in [full, Environment::default()] {
            let variables = environment.variables();
            let read = Environment::from_lookup(|name| {
                variables
                    .iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, value)| value.clone())
            });
            assert_eq!(read, Ok(environment));
        }
    }

    #[test]
    fn mistakes_name_the_variable_and_the_remedy() {
        for (name, value, message) in [
            (
                THREADS,
                "0",
                "PLIMSOLL_THREADS=`0`: write a whole number of threads, at least 1",
            ),
            (
                INSTRUMENT,
                "cuont",
                "PLIMSOLL_INSTRUMENT=`cuont`: is not one of clock, count, profile, dhat; did you mean `count`?",
            ),
            (
                MEMORY_BUDGET,
                "5 MBB",
                "PLIMSOLL_MEMORY_BUDGET=`5 MBB`: `5 MBB`: no unit `MBB`; did you mean `MB`?",
            ),
            (
                PHASE_PEAKS,
                "yes",
                "PLIMSOLL_PHASE_PEAKS=`yes`: write 1 or 0",
            ),
        ] {
            assert_eq!(read(&[(name, value)]).unwrap_err().to_string(), message);
        }
        assert_eq!(
            read(&[(THREADS, ""), (STEP, "")]),
            Ok(Environment::default())
        );
    }
}
