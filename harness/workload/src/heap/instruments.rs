//! The instruments inside the program: checked before a run, switched on for it.

use crate::Failure;
use crate::env::{self, AllocatorChoice, Environment, Instrument};
use crate::gauges;

use super::switch::{self, COUNT};
use super::{held, thread};

/// Whether this binary can do what the environment asks of it. Measuring something else instead would be worse.
pub(crate) fn check(environment: &Environment) -> Result<(), Failure> {
    let refuse = |variable: &str, word: &str, why: &str| {
        Err(Failure::Input(format!(
            "{variable}=`{word}` cannot be had: {why}"
        )))
    };
    let no_feature = "this binary was built without that feature of plimsoll-workload";
    let instrument = environment.instrument;
    if environment.allocator == AllocatorChoice::Mimalloc && !cfg!(feature = "mimalloc") {
        return refuse(env::ALLOCATOR, environment.allocator.name(), no_feature);
    }
    if instrument == Instrument::Dhat && !cfg!(feature = "dhat") {
        return refuse(env::INSTRUMENT, instrument.name(), no_feature);
    }
    if (instrument, environment.allocator) == (Instrument::Dhat, AllocatorChoice::Mimalloc) {
        return refuse(
            env::INSTRUMENT,
            instrument.name(),
            "dhat profiles the system's allocator only",
        );
    }
    if instrument == Instrument::Dhat && environment.dhat_output.is_none() {
        let why = format!("set {} to the file for the profile", env::DHAT_OUTPUT);
        return refuse(env::INSTRUMENT, instrument.name(), &why);
    }
    let plain = instrument == Instrument::Clock && environment.allocator == AllocatorChoice::System;
    if !plain && !switch::installed() {
        let why = "put `plimsoll_workload::install!();` into the root of the binary";
        return refuse(env::INSTRUMENT, instrument.name(), why);
    }
    Ok(())
}

/// Does `job` under the instrument. Counting has run since the first allocation, and gets its sampler here; a heap
/// profile is written when `job` is over, by whatever ending.
#[cfg_attr(
    not(feature = "dhat"),
    allow(unused_variables, reason = "only a profile needs a name")
)]
pub(crate) fn during<R>(environment: &Environment, job: impl FnOnce() -> R) -> R {
    if counting() {
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
        held::sample();
    }
}

fn counting() -> bool {
    switch::now() & COUNT != 0 && gauges::attached().is_some()
}
