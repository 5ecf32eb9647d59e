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
        trial: trial.head.number,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::testing::{MIB, trial};

    fn at(t: f64, rss: u64) -> Sample {
        Sample {
            t,
            rss,
            ..Sample::default()
        }
    }

    #[test]
    fn steps_follow_each_other() {
        let two_steps = trial("a", 4)
            .wall(2.0)
            .samples(&[at(0.5, 10), at(1.5, 30)])
            .phase("build", 0.25, Some(1.75))
            .twice()
            .build();
        let chart = timeline(&two_steps).unwrap();
        let times: Vec<f64> = chart.samples.iter().map(|sample| sample.t).collect();
        assert_eq!(times, [0.5, 1.5, 2.5, 3.5]);
        assert_eq!(
            (chart.phases[1].begin, chart.phases[1].end),
            (2.25, Some(3.75))
        );
        assert_eq!((chart.trial, chart.peak), (4, 100 * MIB));
    }

    #[test]
    fn without_samples_there_is_no_line() {
        assert_eq!(timeline(&trial("a", 0).unsampled().build()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn thinning_keeps_ends_peaks_and_order(
            heights in prop::collection::vec(0..1_000_000_u64, 1..9_000),
        ) {
            let samples: Vec<Sample> =
                heights.iter().enumerate().map(|(t, rss)| at(t as f64, *rss)).collect();
            let thinned = thin(&samples, MOST_SAMPLES);
            prop_assert!(thinned.len() <= MOST_SAMPLES);
            prop_assert_eq!(thinned.first(), samples.first());
            prop_assert_eq!(thinned.last(), samples.last());
            prop_assert!(thinned.windows(2).all(|pair| pair[0].t < pair[1].t));
            let peak = |samples: &[Sample]| samples.iter().map(|sample| sample.rss).max();
            prop_assert_eq!(peak(&thinned), peak(&samples));
            if samples.len() <= MOST_SAMPLES {
                prop_assert_eq!(thinned, samples);
            }
        }
    }
}
