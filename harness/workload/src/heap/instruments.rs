//! The instruments inside the program: checked before a run, switched on for it.

use crate::Failure;
use crate::env::{self, AllocatorChoice, Environment, Instrument};
use crate::gauges;

use super::switch::{self, COUNT, PROFILE};
use super::{held, profile, thread};

/// Whether this binary can do what the environment asks of it. Measuring something else instead would be worse.
pub(crate) fn check(environment: &Environment) -> Result<(), Failure> {
    match obstacle(environment, switch::installed()).or_else(|| unsampled(environment)) {
        None => Ok(()),
        Some((variable, word, why)) => Err(Failure::Input(format!(
            "{variable}=`{word}` cannot be had: {why}"
        ))),
    }
}

/// The variable and its value that cannot be had, and why. `installed`: the binary has the switching allocator.
fn obstacle(
    environment: &Environment,
    installed: bool,
) -> Option<(&'static str, &'static str, &'static str)> {
    const NO_FEATURE: &str = "this binary was built without that feature of plimsoll-workload";
    const NOT_LOADED: &str =
        "its library is not loaded into this process: the harness puts it into LD_PRELOAD";
    let (instrument, allocator) = (environment.instrument, environment.allocator);
    let (dhat, sampled, other) = (
        instrument == Instrument::Dhat,
        instrument == Instrument::Profile,
        allocator != AllocatorChoice::System,
    );
    let instrument = |why| Some((env::INSTRUMENT, instrument.name(), why));
    let allocator = |why| Some((env::ALLOCATOR, allocator.name(), why));
    if dhat && !cfg!(feature = "dhat") {
        return instrument(NO_FEATURE);
    }
    if dhat && other {
        return instrument("dhat profiles the system's allocator only");
    }
    if dhat && environment.dhat_output.is_none() {
        return instrument("set PLIMSOLL_DHAT_OUTPUT to the file for the profile");
    }
    if sampled && environment.profile_output.is_none() {
        return instrument("set PLIMSOLL_PROFILE_OUTPUT to an existing file for the profile");
    }
    let install = "put `plimsoll_workload::install!();` into the root of the binary";
    if !installed && environment.instrument != Instrument::Clock {
        return instrument(install);
    }
    if !installed && other {
        return allocator(install);
    }
    if other && !switch::is_other() {
        return allocator(NOT_LOADED);
    }
    None
}

/// The same for the file of a sampled profile, which the constructor has tried to map.
fn unsampled(environment: &Environment) -> Option<(&'static str, &'static str, &'static str)> {
    let sampled = switch::now() & PROFILE != 0 || profile::anothers();
    (environment.instrument == Instrument::Profile && !sampled).then_some((
        env::INSTRUMENT,
        Instrument::Profile.name(),
        "the file named in PLIMSOLL_PROFILE_OUTPUT cannot be mapped",
    ))
}

/// Does `job` under the instrument. Counting has run since the first allocation, and gets its sampler here; a heap
/// profile is written when `job` is over, by whatever ending.
#[cfg_attr(
    not(feature = "dhat"),
    allow(unused_variables, reason = "only a profile needs a name")
)]
pub(crate) fn during<R>(environment: &Environment, job: impl FnOnce() -> R) -> R {
    // Of another allocator glibc has nothing to tell.
    if counting() && !switch::is_other() {
        held::start();
    }
    #[cfg(feature = "dhat")]
    let _profiler = environment
        .dhat_output
        .as_ref()
        .filter(|_| environment.instrument == Instrument::Dhat)
        // Whole backtraces: a recursive program's callers are what one looks for.
        .map(|path| {
            dhat::Profiler::builder()
                .file_name(path)
                .trim_backtraces(None)
                .build()
        });
    job()
}

/// Hands in what this thread has counted and takes malloc's account, so that the gauge page shows this moment.
pub(crate) fn publish() {
    if counting() {
        thread::hand_in();
        if !switch::is_other() {
            held::sample();
        }
    }
}

fn counting() -> bool {
    switch::now() & COUNT != 0 && gauges::attached().is_some()
}

#[cfg(all(test, feature = "dhat"))]
mod tests {
    use super::*;

    #[test]
    fn a_binary_without_the_allocator_can_only_be_clocked() {
        let variable = |instrument, installed| {
            let environment = Environment {
                instrument,
                dhat_output: Some("x".into()),
                profile_output: Some("x".into()),
                ..Environment::default()
            };
            obstacle(&environment, installed).map(|(variable, word, _)| (variable, word))
        };
        assert_eq!(variable(Instrument::Clock, false), None);
        assert_eq!(
            variable(Instrument::Count, false),
            Some((env::INSTRUMENT, "count"))
        );
        assert_eq!(
            variable(Instrument::Dhat, false),
            Some((env::INSTRUMENT, "dhat"))
        );
        assert_eq!(
            variable(Instrument::Profile, false),
            Some((env::INSTRUMENT, "profile"))
        );
        for instrument in Instrument::ALL {
            assert_eq!(variable(instrument, true), None);
        }
    }
}
