//! A line for every chunk of vectors that is in an index: how far the build is, how fast, on how much memory, and when
//! it will be done. On standard error, of which the harness keeps the end; it draws what the gauge says, ten times a second.

use std::io::Write;
use std::time::Instant;

use plimsoll_workload::{Bytes, Progress};

use super::steps::Job;
use crate::rows::Rows;

/// The progress of a build.
#[derive(Debug)]
pub(crate) struct Chunks<'a> {
    job: Job<'a>,
    gauge: Progress,
    told: Option<Told>,
}

/// How far a build was when that was told last.
#[derive(Debug, Clone, Copy)]
struct Told {
    done: u64,
    when: Instant,
}

impl<'a> Chunks<'a> {
    /// Before the first vector is in.
    pub(crate) fn begin(job: &Job<'a>) -> Self {
        let total = job.inputs.base().len() as u64;
        Self {
            job: *job,
            gauge: job.context.progress("vectors", Some(total)),
            told: None,
        }
    }

    /// So many vectors are in, also those that were before it began.
    pub(crate) fn done(&mut self, done: u64) {
        self.gauge.set(done);
        let now = Told {
            done,
            when: Instant::now(),
        };
        let told = *self.told.get_or_insert(now);
        let (total, chunk) = (
            self.job.inputs.base().len() as u64,
            self.job.params.chunk as u64,
        );
        if !is_due(told.done, done, total, chunk) {
            return;
        }
        self.told = Some(now);
        let seconds = now.when.duration_since(told.when).as_secs_f64();
        let anonymous = self.job.context.resident_anonymous();
        let said = line(told.done, done, total, seconds, anonymous);
        // Nobody may be listening, and the run goes on all the same.
        let _ = writeln!(std::io::stderr(), "{said}");
    }
}

/// Whether a chunk has come to its end since `told`; the last one may be shorter, and an only one is none.
fn is_due(told: u64, done: u64, total: u64, chunk: u64) -> bool {
    let ended = done / chunk > told / chunk || done == total;
    ended && done > told && total > chunk
}

/// What is said of `done` vectors, the last of them in so many seconds.
fn line(told: u64, done: u64, total: u64, seconds: f64, anonymous: Option<Bytes>) -> String {
    let rate = (done - told) as f64 / seconds.max(1e-9);
    let mut line = format!("{done} of {total} vectors, {rate:.0} a second");
    if let Some(anonymous) = anonymous {
        line += &format!(", {anonymous} of anonymous memory");
    }
    if done < total {
        let left = (total - done) as f64 / rate;
        line += &match left {
            ..120.0 => format!(", about {left:.0} s left"),
            _ => format!(", about {:.0} min left", left / 60.0),
        };
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_how_far_how_fast_how_much_and_how_long() {
        let anonymous = Some(Bytes(60 << 20));
        assert_eq!(
            line(10_000, 20_000, 50_000, 4.0, anonymous),
            "20000 of 50000 vectors, 2500 a second, 60 MiB of anonymous memory, about 12 s left"
        );
        assert_eq!(
            line(0, 10, 10_000, 1.0, None),
            "10 of 10000 vectors, 10 a second, about 17 min left"
        );
        assert_eq!(line(1, 3, 3, 2.0, None), "3 of 3 vectors, 1 a second");
        assert!(line(0, 1, 2, 0.0, None).ends_with("about 0 s left"));
    }

    #[test]
    fn chunks_are_told_when_they_end_and_an_only_one_is_not() {
        let due = |told, done| is_due(told, done, 250, 100);
        assert!(!due(1, 99) && due(1, 100) && due(90, 210) && !due(210, 249) && due(210, 250));
        assert!(!due(250, 250));
        assert!(!is_due(1, 100, 100, 100));
    }
}
