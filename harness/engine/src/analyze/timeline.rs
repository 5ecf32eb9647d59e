//! The line of a resident-memory chart: steps one after the other, thinned without losing a peak.

use crate::evidence::{PhaseSpan, Sample, Trial};
use crate::report::ChartTimeline;

/// Most samples that a chart's line keeps.
pub const MOST_SAMPLES: usize = 2_000;

/// The timeline of a trial; none where no sample was taken.
pub fn timeline(trial: &Trial) -> Option<ChartTimeline> {
    let mut samples = Vec::new();
    let mut phases = Vec::new();
    let mut offset = 0.0;
    for step in &trial.steps {
        samples.extend(step.timeline.samples.iter().map(|sample| Sample {
            t: sample.t + offset,
            ..*sample
        }));
        phases.extend(step.phases.iter().map(|phase| PhaseSpan {
            begin: phase.begin + offset,
            end: phase.end.map(|end| end + offset),
            ..phase.clone()
        }));
        offset += step.wall;
    }
    let peak = trial.steps.iter().map(|step| step.peak_rss()).max()?;
    (!samples.is_empty()).then(|| ChartTimeline {
        trial: trial.number,
        samples: thin(&samples, MOST_SAMPLES),
        phases,
        peak,
    })
}

/// At most `most` of the samples, in order: the first, the last, and of each stretch between them
/// the lowest and the highest, so that every peak that can be seen stays (the min-max reduction of
/// U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014).
fn thin(samples: &[Sample], most: usize) -> Vec<Sample> {
    let n = samples.len();
    if n <= most || most < 4 {
        return samples.to_vec();
    }
    let inner = &samples[1..n - 1];
    let stretches = (most - 2) / 2;
    let mut kept = Vec::with_capacity(most);
    kept.push(samples[0]);
    for stretch in 0..stretches {
        let from = stretch * inner.len() / stretches;
        let to = (stretch + 1) * inner.len() / stretches;
        let ranked = || inner[from..to].iter().enumerate();
        let lowest = ranked().min_by_key(|(_, sample)| sample.rss);
        let highest = ranked().max_by_key(|(_, sample)| sample.rss);
        if let (Some((low, _)), Some((high, _))) = (lowest, highest) {
            kept.push(inner[from + low.min(high)]);
            if low != high {
                kept.push(inner[from + low.max(high)]);
            }
        }
    }
    kept.push(samples[n - 1]);
    kept
}
