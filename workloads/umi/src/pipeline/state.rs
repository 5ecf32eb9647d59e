//! Who does what next.

use std::collections::{BTreeMap, VecDeque};

use super::Segment;
use crate::account::{Account, Held};
use crate::error::Error;

/// Where all threads look for their next step.
#[derive(Debug)]
pub(super) struct State<J> {
    /// Segments that wait to be cut, by their number.
    inflated: BTreeMap<u64, Segment>,
    /// Runs that are read or inflated, or wait to be cut.
    on_their_way: usize,
    /// Number of segments, once the file has ended.
    segments: Option<u64>,
    next_cut: u64,
    cutting: bool,
    cut_all: bool,
    jobs: VecDeque<(u64, J)>,
    made: u64,
    /// Jobs whose blocks are written, in order.
    written: u64,
    failure: Option<Error>,
    ended: bool,
    limits: Limits,
    pub(super) waiting: Waiting,
    /// What of it is counted.
    held: Option<Held>,
}

/// How much may be on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Runs.
    pub(super) runs: usize,
    /// Jobs that wait, before no more are cut.
    pub(super) jobs: usize,
    /// Jobs from the first that is not written to the last that is begun.
    pub(super) window: u64,
}

/// Bytes that wait between one part and the next: what a program sees that counts its queues.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) now: u64,
    pub(crate) peak: u64,
}

impl Waiting {
    pub(super) fn add(&mut self, bytes: u64) {
        self.now += bytes;
        self.peak = self.peak.max(self.now);
    }

    pub(super) fn sub(&mut self, bytes: u64) {
        self.now = self.now.saturating_sub(bytes);
    }
}

/// What a thread is to do.
#[derive(Debug)]
pub(super) enum Step<J> {
    /// Read a run and inflate it.
    Inflate,
    /// Cut a segment into jobs.
    Cut(Segment),
    /// The last segment is cut: make jobs of what is left.
    CutRest,
    /// Make the blocks of a job.
    Make(u64, J),
    /// Wait until something has changed.
    Wait,
    /// There is nothing left.
    Leave,
}

impl<J> State<J> {
    pub(super) fn new(limits: Limits, first: Segment, account: Option<&Account>) -> Self {
        Self {
            inflated: BTreeMap::from([(0, first)]),
            on_their_way: 1,
            segments: None,
            next_cut: 0,
            cutting: false,
            cut_all: false,
            jobs: VecDeque::new(),
            made: 0,
            written: 0,
            failure: None,
            ended: false,
            limits,
            waiting: Waiting::default(),
            held: account.map(|account| account.hold(0)),
        }
    }

    /// What is most urgent, taken out or marked as begun.
    pub(super) fn next(&mut self, bytes: impl Fn(&J) -> u64) -> Step<J> {
        if self.ended {
            return Step::Leave;
        }
        let full = self.jobs.len() >= self.limits.jobs;
        if !full {
            if let Some(step) = self.next_cut() {
                return step;
            }
            if self.segments.is_none() && self.on_their_way < self.limits.runs {
                self.on_their_way += 1;
                return Step::Inflate;
            }
        }
        let window = self.written + self.limits.window;
        match self.jobs.front() {
            Some((number, job)) if *number < window => {
                self.waiting.sub(bytes(job));
                match self.jobs.pop_front() {
                    Some((number, job)) => Step::Make(number, job),
                    None => Step::Wait,
                }
            }
            None if self.cut_all => Step::Leave,
            _ => Step::Wait,
        }
    }

    fn next_cut(&mut self) -> Option<Step<J>> {
        if self.cutting || self.cut_all {
            return None;
        }
        if let Some(segment) = self.inflated.remove(&self.next_cut) {
            self.waiting.sub(segment.bytes().len() as u64);
            self.cutting = true;
            return Some(Step::Cut(segment));
        }
        (self.segments == Some(self.next_cut)).then(|| {
            self.cutting = true;
            Step::CutRest
        })
    }

    /// A run is inflated.
    pub(super) fn inflated(&mut self, number: u64, segment: Segment) {
        self.waiting.add(segment.bytes().len() as u64);
        self.inflated.insert(number, segment);
    }

    /// There was no run left to read: the file has so many segments.
    pub(super) fn file_ended(&mut self, segments: u64) {
        self.on_their_way -= 1;
        self.segments = Some(segments);
    }

    /// What was to be cut is cut.
    pub(super) fn cut(
        &mut self,
        jobs: impl IntoIterator<Item = J>,
        rest: bool,
        bytes: impl Fn(&J) -> u64,
    ) {
        self.cutting = false;
        if rest {
            self.cut_all = true;
        } else {
            self.next_cut += 1;
            self.on_their_way -= 1;
        }
        for job in jobs {
            self.waiting.add(bytes(&job));
            self.jobs.push_back((self.made, job));
            self.made += 1;
        }
    }

    /// Counts what waits.
    pub(super) fn count(&mut self) {
        if let Some(held) = &mut self.held {
            held.set(self.waiting.now);
        }
    }

    /// So many jobs are written.
    pub(super) fn written(&mut self, jobs: u64) {
        self.written = self.written.max(jobs);
    }

    /// Nothing more is to be done. The first failure that says why is kept.
    pub(super) fn fail(&mut self, failure: Option<Error>) {
        self.ended = true;
        let tells = |failure: &Option<Error>| {
            failure
                .as_ref()
                .is_some_and(|failure| !matches!(failure, Error::Elsewhere))
        };
        if !tells(&self.failure) {
            self.failure = failure.or(self.failure.take());
        }
    }

    /// How it ended.
    pub(super) fn outcome(self) -> Result<Waiting, Error> {
        match self.failure {
            Some(failure) => Err(failure),
            None if self.ended || self.written != self.made => Err(Error::Elsewhere),
            None => Ok(self.waiting),
        }
    }
}
