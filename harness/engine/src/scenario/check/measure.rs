//! What is measured, and how.

use std::time::Duration;

use plimsoll_workload::env::PROFILE_EVERY_DEFAULT;

use crate::scenario::document::{FloorDoc, InstructionsSizeDoc, MeasureDoc};
use crate::scenario::error::Mistakes;
use crate::scenario::forms::{AffinityDoc, DhatDoc, InstructionsDoc, ProfileDoc, SamplingDoc};
use crate::scenario::read::At;
use crate::scenario::source::{Span, shown};
use crate::scenario::units::{self, Quantity};
use crate::scenario::{Affinity, DhatSetting, FloorSetting, InstructionsSetting, Measure, Size};

use super::names::check_size;
use super::sizes::{check_runs, within};

/// How wide the interval around a floor may be asked to be: below the least, pages and what the
/// kernel holds in advance decide.
const FLOOR_PRECISION: std::ops::RangeInclusive<f64> = 0.001..=0.5;
/// Trials per variant that count instructions: the fewest that show whether a count varies, and by
/// how much.
const INSTRUCTION_RUNS: u32 = 3;
/// Bytes from sample to sample at most: beyond it, hardly a program has samples to speak of.
const RAREST_SAMPLES: u64 = 1 << 30;
/// The sampler's shortest interval: below it, looking takes more time than is left between looks.
const SHORTEST_INTERVAL: Duration = Duration::from_micros(500);

/// What is measured, with its defaults.
pub(crate) fn check_measure(
    doc: Option<&MeasureDoc>,
    sizes: &[Size],
    mistakes: &mut Mistakes,
) -> Measure {
    let mut measure = Measure::default();
    let Some(doc) = doc else { return measure };
    if let Some(at) = doc.warmup.get() {
        let warmup = within(at.value, 0, "warm-up rounds", at.span, mistakes);
        measure.warmup = warmup.unwrap_or(measure.warmup);
    }
    if let Some(runs) = doc.runs.get().and_then(|at| check_runs(at, mistakes)) {
        measure.runs = runs;
    }
    match doc.sample_every.get().map(|at| (at.value, at.span)) {
        Some((SamplingDoc::Off, _)) => measure.sample_every = None,
        Some((SamplingDoc::Every(period), span)) => {
            if period.0 < SHORTEST_INTERVAL {
                mistakes.add(
                    span,
                    "the sampler cannot look that often",
                    "too short",
                    "at least `500 us`; peaks come from the kernel and need no samples".to_owned(),
                );
            }
            measure.sample_every = Some(period.0);
        }
        None => {}
    }
    measure.count = doc.count.value().copied().unwrap_or(measure.count);
    if let Some(At {
        value: DhatDoc::At(dhat),
        ..
    }) = doc.dhat.get()
        && let Some(size) = dhat.size.get()
        && check_size(&size.value, size.span, sizes, mistakes)
    {
        measure.dhat = DhatSetting::AtSize(size.value.clone());
    }
    if let Some(At {
        value: InstructionsDoc::At(instructions),
        ..
    }) = doc.instructions.get()
    {
        measure.instructions = check_instructions(instructions, sizes, mistakes);
    }
    measure.profile = doc
        .profile
        .get()
        .and_then(|at| check_profile(&at.value, mistakes));
    let phase_peaks = doc.phase_peaks.value().copied();
    measure.phase_peaks = phase_peaks.unwrap_or(measure.phase_peaks);
    measure.inputs = doc.inputs.value().copied().unwrap_or(measure.inputs);
    if let Some(at) = doc.affinity.get() {
        measure.affinity = check_affinity(&at.value, at.span, mistakes);
    }
    measure.seed = doc.seed.value().copied().unwrap_or(measure.seed);
    if let Some(floor) = doc.floor.value() {
        measure.floor = check_floor(floor, mistakes);
    }
    measure
}

fn check_floor(doc: &FloorDoc, mistakes: &mut Mistakes) -> FloorSetting {
    let mut floor = FloorSetting::default();
    if let Some(at) = doc.repeats.get() {
        let repeats = within(at.value, 1, "repeats", at.span, mistakes);
        floor.repeats = repeats.unwrap_or(floor.repeats);
    }
    if let Some(at) = doc.attempts.get() {
        let attempts = within(at.value, 2, "caps", at.span, mistakes);
        floor.attempts = attempts.unwrap_or(floor.attempts);
    }
    if let Some(at) = doc.precision.get() {
        match precision_of(at.value.quantity) {
            Some(share) => floor.precision = share,
            None => mistakes.add(
                at.span,
                format!("`{}` is no precision of a floor", shown(&at.value.text)),
                "out of range",
                "a share from `0.1 %` to `50 %`".to_owned(),
            ),
        }
    }
    floor
}

fn check_instructions(
    doc: &InstructionsSizeDoc,
    sizes: &[Size],
    mistakes: &mut Mistakes,
) -> Option<InstructionsSetting> {
    let runs = match doc.runs.get() {
        Some(at) => within(at.value, 1, "runs", at.span, mistakes)?,
        None => INSTRUCTION_RUNS,
    };
    let size = doc.size.get()?;
    check_size(&size.value, size.span, sizes, mistakes).then(|| InstructionsSetting {
        size: size.value.clone(),
        runs,
        by: doc.by.value().copied(),
    })
}

fn precision_of(quantity: Quantity) -> Option<f64> {
    match quantity {
        Quantity::Percent(share) | Quantity::Number(share) => Some(share),
        _ => None,
    }
    .filter(|share| FLOOR_PRECISION.contains(share))
}

/// Reads the precision of a floor; none where it is not one.
pub(crate) fn floor_precision(text: &str) -> Option<f64> {
    precision_of(units::quantity(text).ok()?)
}

/// Mean bytes from sample to sample; none where there is no profile.
fn check_profile(doc: &ProfileDoc, mistakes: &mut Mistakes) -> Option<u64> {
    let every = match doc {
        ProfileDoc::Whether(false) => return None,
        ProfileDoc::Whether(true) => None,
        ProfileDoc::Like(doc) => doc.every.get(),
    };
    let Some(every) = every else {
        return Some(PROFILE_EVERY_DEFAULT);
    };
    if !(1..=RAREST_SAMPLES).contains(&every.value.0) {
        mistakes.add(
            every.span,
            "samples cannot be taken that often or that rarely",
            "out of range",
            "1 B for every allocation, at most 1 GiB; 512 KiB costs a few percent of the time at most".to_owned(),
        );
    }
    Some(every.value.0)
}

fn check_affinity(doc: &AffinityDoc, span: Span, mistakes: &mut Mistakes) -> Affinity {
    let AffinityDoc::Cpus(cpus) = doc else {
        return Affinity::Any;
    };
    if cpus.is_empty() {
        mistakes.add(
            span,
            "the list of processors is empty",
            "none",
            "write `any` for wherever the scheduler puts it".to_owned(),
        );
    }
    let mut chosen: Vec<usize> = Vec::new();
    for cpu in cpus {
        match usize::try_from(cpu.value) {
            Ok(index) if index < 1_024 && !chosen.contains(&index) => chosen.push(index),
            _ => mistakes.add(
                cpu.span,
                format!("{} is not a processor to add", cpu.value),
                "named twice, or out of range",
                "each processor once, 0 to 1023".to_owned(),
            ),
        }
    }
    Affinity::Cpus(chosen)
}
