//! Samples in order of time, in bounded memory.

use crate::evidence::Sample;

/// At most this many samples are kept: 8 MiB.
const CAPACITY: usize = 1 << 16;

/// A series that halves its resolution whenever it is full. Two samples become one that keeps the
/// higher of each figure, at the time of the higher resident size: peaks survive, and only the
/// sum of the kinds of memory may then exceed the total.
#[derive(Debug)]
pub(super) struct Series {
    samples: Vec<Sample>,
    capacity: usize,
    /// Looks that make one sample.
    stride: u32,
    pending: Option<(Sample, u32)>,
}

impl Series {
    pub(super) fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    fn with_capacity(capacity: usize) -> Self {
        Self {
            samples: Vec::with_capacity(capacity.min(1024)),
            capacity,
            stride: 1,
            pending: None,
        }
    }

    pub(super) fn push(&mut self, sample: Sample) {
        let (merged, looks) = match self.pending.take() {
            Some((pending, looks)) => (merge(pending, sample), looks + 1),
            None => (sample, 1),
        };
        if looks < self.stride {
            self.pending = Some((merged, looks));
            return;
        }
        self.samples.push(merged);
        if self.samples.len() >= self.capacity {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let length = self.samples.len();
        for at in 0..length / 2 {
            self.samples[at] = merge(self.samples[2 * at], self.samples[2 * at + 1]);
        }
        if length % 2 == 1 {
            self.samples[length / 2] = self.samples[length - 1];
        }
        self.samples.truncate(length.div_ceil(2));
        self.stride *= 2;
    }

    /// Looks that make one sample.
    pub(super) fn stride(&self) -> u32 {
        self.stride
    }

    pub(super) fn finish(mut self) -> Vec<Sample> {
        self.samples.extend(self.pending.map(|(sample, _)| sample));
        self.samples
    }
}

fn merge(a: Sample, b: Sample) -> Sample {
    Sample {
        t: if b.rss > a.rss { b.t } else { a.t },
        rss: a.rss.max(b.rss),
        largest: a.largest.max(b.largest),
        anon: a.anon.max(b.anon),
        file: a.file.max(b.file),
        shared: a.shared.max(b.shared),
        swap: a.swap.max(b.swap),
        processes: a.processes.max(b.processes),
        ledger: a.ledger.max(b.ledger),
        progress: a.progress.max(b.progress),
        scratch: a.scratch.max(b.scratch),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(capacity: usize, sizes: &[u64]) -> Vec<Sample> {
        let mut series = Series::with_capacity(capacity);
        for (at, &rss) in sizes.iter().enumerate() {
            series.push(Sample {
                t: at as f64,
                rss,
                anon: rss / 2,
                ..Sample::default()
            });
        }
        series.finish()
    }

    #[test]
    fn a_short_series_is_kept_as_it_is() {
        let samples = run(8, &[1, 5, 3]);
        let sizes: Vec<_> = samples.iter().map(|s| s.rss).collect();
        assert_eq!(sizes, [1, 5, 3]);
    }

    #[test]
    fn a_lone_peak_survives_with_its_time() {
        let mut sizes = vec![10; 1000];
        sizes[617] = 99;
        let samples = run(16, &sizes);
        let peak = samples.iter().find(|s| s.rss == 99).unwrap();
        assert_eq!(peak.t, 617.0);
    }

    proptest! {
        #[test]
        fn thinning_bounds_the_length_and_keeps_peak_and_order(
            sizes in prop::collection::vec(any::<u64>(), 1..600),
            capacity in 2usize..40,
        ) {
            let samples = run(capacity, &sizes);
            prop_assert!(samples.len() <= capacity + 1);
            prop_assert_eq!(samples.iter().map(|s| s.rss).max(), sizes.iter().copied().max());
            prop_assert!(samples.is_sorted_by(|a, b| a.t < b.t));
        }
    }
}
