//! The hands of a running implementation: where its files are, and what it tells the harness.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::env::Environment;
use crate::event::{Event, EventLog, Kind};
use crate::gauges::{self, PageRef};
use crate::phase::{Phase, Stages};
use crate::{
    Better, Bytes, Digest, Failure, Gauge, Histogram, Progress, StageTimer, Unit, cancel, env,
    heap, resident,
};

/// One run's surroundings: directories, threads, budget, and the channels to the harness.
#[derive(Debug)]
pub struct Context {
    step: String,
    inputs: PathBuf,
    scratch: PathBuf,
    output: Option<PathBuf>,
    threads: NonZeroUsize,
    budget: Option<Bytes>,
    channels: Arc<Channels>,
}

/// The ways out of a context, shared with the handles it gives away.
#[derive(Debug)]
pub(crate) struct Channels {
    pub(crate) events: EventLog,
    pub(crate) page: PageRef,
    /// Name of the running phase; held while slots are taken, so that no name gets two.
    pub(crate) phase: Mutex<Option<String>>,
    pub(crate) phase_peaks: AtomicBool,
    pub(crate) stages: Mutex<Stages>,
    /// Names that found no slot, as far as they have been said.
    left_out: Mutex<HashSet<String>>,
    /// The program has asked after SIGTERM, and was told that it came.
    cancellation_seen: AtomicBool,
}

/// Locks even after a panic in another thread: what the locks here guard is whole after every statement.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Channels {
    fn new(events: EventLog, page: PageRef, phase_peaks: bool) -> Arc<Self> {
        Arc::new(Self {
            events,
            page,
            phase: Mutex::new(None),
            phase_peaks: AtomicBool::new(phase_peaks),
            stages: Mutex::default(),
            left_out: Mutex::default(),
            cancellation_seen: AtomicBool::new(false),
        })
    }

    /// Counts a name that found no slot in the page, and says so, once each.
    pub(crate) fn no_slot(&self, what: &str, name: &str) {
        /// A program that makes up names without end is not followed to that end.
        const SAID: usize = 256;
        let about =
            format!("{what} `{name}` has no slot left in the gauge page and is not shown there");
        let mut left_out = lock(&self.left_out);
        if left_out.len() < SAID && left_out.insert(about.clone()) {
            self.page.left_out.fetch_add(1, Relaxed);
            self.events.emit(Kind::Notice { about });
        }
    }
}

impl Context {
    /// The context that the harness asked for.
    pub(crate) fn attached(environment: &Environment) -> Result<Self, Failure> {
        let directory = |name, path: &Option<PathBuf>| {
            let path = path.clone().ok_or_else(|| {
                Failure::Input(format!("{name} is not set: give it a directory, or start the program with `plimsoll run`"))
            })?;
            std::fs::create_dir_all(&path).map_err(|error| {
                Failure::Input(format!("{name}: creating {}: {error}", path.display()))
            })?;
            Ok(path)
        };
        let events = match &environment.events {
            Some(path) => EventLog::open(path).map_err(|error| {
                Failure::Input(format!(
                    "{}: opening {}: {error}",
                    env::EVENTS,
                    path.display()
                ))
            })?,
            None => EventLog::Nowhere,
        };
        let mapped = gauges::attached();
        if environment.gauges.is_some() && mapped.is_none() {
            let about = format!(
                "the gauge page in {} could not be mapped, or another process writes it",
                env::GAUGES
            );
            events.emit(Kind::Notice { about });
        }
        let page = mapped.map_or_else(PageRef::own, PageRef::Mapped);
        Ok(Self {
            step: environment.step.clone(),
            inputs: directory(env::INPUTS, &environment.inputs)?,
            scratch: directory(env::SCRATCH, &environment.scratch)?,
            output: environment.output.clone(),
            threads: environment.threads.unwrap_or(NonZeroUsize::MIN),
            budget: environment.memory_budget,
            channels: Channels::new(events, page, environment.phase_peaks),
        })
    }

    fn without_harness(dir: &Path, events: EventLog) -> Self {
        Self {
            step: String::new(),
            inputs: dir.to_owned(),
            scratch: dir.to_owned(),
            output: None,
            threads: NonZeroUsize::MIN,
            budget: None,
            channels: Channels::new(events, PageRef::own(), false),
        }
    }

    /// A context without a harness, for tests and benches: files in `dir`, nothing is reported.
    pub fn detached(dir: &Path) -> Self {
        Self::without_harness(dir, EventLog::Nowhere)
    }

    /// A context without a harness that keeps what is reported, for tests: files in `dir`, see [`recorded`](Self::recorded).
    pub fn recording(dir: &Path) -> Self {
        Self::without_harness(dir, EventLog::Memory(Mutex::default()))
    }

    /// What a [`recording`](Self::recording) context was told so far, in order; empty for others.
    pub fn recorded(&self) -> Vec<Event> {
        match &self.channels.events {
            EventLog::Memory(events) => lock(events).clone(),
            _ => Vec::new(),
        }
    }

    /// The value of a digest reported to a [`recording`](Self::recording) context.
    pub fn recorded_digest(&self, digest: &str) -> Option<String> {
        self.recorded()
            .into_iter()
            .rev()
            .find_map(|event| match event.kind {
                Kind::Digest { name, value } if name == digest => Some(value),
                _ => None,
            })
    }

    /// The value of a metric reported to a [`recording`](Self::recording) context.
    pub fn recorded_metric(&self, metric: &str) -> Option<f64> {
        self.recorded()
            .into_iter()
            .rev()
            .find_map(|event| match event.kind {
                Kind::Metric { name, value, .. } if name == metric => Some(value),
                _ => None,
            })
    }

    /// The same with another step, for tests.
    #[must_use]
    pub fn with_step(self, step: &str) -> Self {
        Self {
            step: step.to_owned(),
            ..self
        }
    }

    /// The same with so many threads, for tests.
    #[must_use]
    pub fn with_threads(self, threads: NonZeroUsize) -> Self {
        Self { threads, ..self }
    }

    /// The same with a memory budget, for tests.
    #[must_use]
    pub fn with_budget(self, budget: Bytes) -> Self {
        Self {
            budget: Some(budget),
            ..self
        }
    }

    /// The same with an output file, for tests.
    #[must_use]
    pub fn with_output(self, output: &Path) -> Self {
        Self {
            output: Some(output.to_owned()),
            ..self
        }
    }

    /// The step to run; empty where an implementation has one only.
    pub fn step(&self) -> &str {
        &self.step
    }

    /// Where `prepare` put the inputs.
    pub fn inputs(&self) -> &Path {
        &self.inputs
    }

    /// A directory on disk for this trial, shared by its steps, removed afterwards.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// Where to write the output file, if it is to be kept or [verified](crate::Workload::verify).
    pub fn output(&self) -> Option<PathBuf> {
        self.output.clone()
    }

    /// How many threads to use; at least 1.
    pub fn threads(&self) -> usize {
        self.threads.get()
    }

    /// The memory the implementation should stay within, if one is set.
    pub fn budget(&self) -> Option<Bytes> {
        self.budget
    }

    /// What this process has resident now, by the kernel's account; nothing where there is no such account. A few
    /// microseconds.
    pub fn resident(&self) -> Option<Bytes> {
        resident::now().map(Bytes)
    }

    /// What of that is anonymous memory: no file's, which the system could let go of and read again.
    pub fn resident_anonymous(&self) -> Option<Bytes> {
        resident::anonymous().map(Bytes)
    }

    /// Runs `f` as the exclusive, process-wide phase `name`. A phase inside a phase is not recorded, and said.
    pub fn phase<R>(&self, name: &str, f: impl FnOnce() -> R) -> R {
        let _phase = Phase::begin(&self.channels, name);
        f()
    }

    /// Times a stage that may overlap with others (CPU time of this thread), until dropped. Two clock readings of
    /// about 0.2 us each: for intervals of microseconds and up.
    pub fn stage(&self, name: &str) -> StageTimer {
        StageTimer::begin(name, Arc::clone(&self.channels))
    }

    /// Announces progress in `unit`s towards `total`, from zero. The progress announced last is the one shown.
    pub fn progress(&self, unit: &'static str, total: Option<u64>) -> Progress {
        let _names = lock(&self.channels.phase);
        let slot = self.channels.page.progress_slot(unit, total);
        if slot.is_none() {
            self.channels.no_slot("progress", unit);
        }
        Progress::new(self.channels.page.clone(), slot)
    }

    /// What the program itself believes it holds, by component, in bytes. The same name gives the same gauge.
    ///
    /// A gauge does not know the memory that it speaks of: dropping it lowers nothing. Whoever frees the memory takes
    /// it away here too, also at the end, where the resident size may have its peak.
    pub fn ledger(&self, component: &str) -> Gauge {
        let _names = lock(&self.channels.phase);
        let slot = self.channels.page.ledger_slot(component);
        if slot.is_none() {
            self.channels.no_slot("ledger component", component);
        }
        Gauge::new(self.channels.page.clone(), slot)
    }

    /// Reports a metric of the finished run. A value that is not finite is not reported, and said.
    pub fn metric(&self, name: &str, unit: Unit, better: Better, value: f64) {
        let name = name.to_owned();
        self.channels.events.emit(if value.is_finite() {
            Kind::Metric {
                name,
                unit,
                better,
                value,
            }
        } else {
            Kind::Misuse {
                about: format!("metric `{name}` is {value}, which is not a finite number"),
            }
        });
    }

    /// Says what whoever reads this run's figures must know of it, such as that it made do with less than it was to have.
    /// It is shown with the results.
    pub fn notice(&self, about: &str) {
        let about = about.to_owned();
        self.channels.events.emit(Kind::Notice { about });
    }

    /// Collects a distribution, reported when dropped.
    pub fn histogram(&self, name: &str, unit: Unit) -> Histogram {
        Histogram::new(name, unit, Arc::clone(&self.channels))
    }

    /// Starts a named digest of the run's canonical output.
    pub fn digest(&self, name: &str) -> Digest {
        Digest::new(name, Arc::clone(&self.channels))
    }

    /// True after SIGTERM: write a checkpoint and leave.
    pub fn cancelled(&self) -> bool {
        let requested = cancel::requested();
        if requested {
            self.channels.cancellation_seen.store(true, Relaxed);
        }
        requested
    }

    /// Reports what is left to report at the end of a run; whether the program left early because it was told to.
    pub(crate) fn finish(&self, outcome: &Result<(), Failure>) -> bool {
        for line in lock(&self.channels.stages).finish() {
            self.channels.events.emit(line);
        }
        if let Err(Failure::Refused {
            needed,
            available,
            hint,
        }) = outcome
        {
            let hint = hint.clone();
            self.channels.events.emit(Kind::Refused {
                needed: needed.0,
                available: available.0,
                hint,
            });
        }
        heap::publish();
        let cancelled = self.channels.cancellation_seen.load(Relaxed);
        self.channels.events.emit(Kind::End { cancelled });
        cancelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Context {
        Context::recording(Path::new("dir"))
    }

    #[test]
    fn a_test_sees_what_was_reported_last() {
        let context = recording();
        context.metric("size", Unit::Bytes, Better::Lower, 1.0);
        context.metric("size", Unit::Bytes, Better::Lower, 2.0);
        context.digest("orthos").finish_with("sum64:0");
        assert_eq!(context.recorded_metric("size"), Some(2.0));
        assert_eq!(
            context.recorded_digest("orthos").as_deref(),
            Some("sum64:0")
        );
        assert_eq!(
            (
                context.recorded_metric("sizes"),
                context.recorded_digest("size")
            ),
            (None, None)
        );
        assert_eq!(Context::detached(Path::new("dir")).recorded(), []);
    }

    #[test]
    fn tests_set_what_the_harness_would() {
        let context = recording();
        assert_eq!(
            (context.step(), context.threads(), context.budget()),
            ("", 1, None)
        );
        let context = context
            .with_step("build")
            .with_threads(NonZeroUsize::new(3).unwrap())
            .with_budget(Bytes(5))
            .with_output(Path::new("out"));
        assert_eq!(
            (context.step(), context.threads(), context.budget()),
            ("build", 3, Some(Bytes(5)))
        );
        assert_eq!(
            (context.scratch(), context.output()),
            (Path::new("dir"), Some("out".into()))
        );
    }
}
