//! What is seen of a step while it runs: events, gauges, memory, limits, and a word to the observer.

use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_workload::gauges::Snapshot;
use tokio::time::Instant;

use super::caps::Leaf;
use super::measured::Gauges;
use super::pages::Found;
use super::processes::Processes;
use super::supervise::{TICK, Watch};
use super::tail::EventTail;
use super::thrash::{Paging, Pressure, ThrashWatch};
use super::told::Told;
use super::watchdog::{Cause, Progress, Watchdog};
use crate::evidence::CapsKind;
use crate::notice::{Notice, Observer};
use crate::observe::{Observed, Sampler, SamplerConfig};

/// From one look to the next where the cap is only watched over.
const CLOSE_LOOK: Duration = Duration::from_millis(5);

/// How a step is sampled, where it is.
#[derive(Debug, Clone)]
pub(crate) struct Sampling {
    pub(crate) interval: Duration,
    pub(crate) census: bool,
    pub(crate) scratch: Option<PathBuf>,
}

/// Watches the memory cap of a process and all below it.
pub(crate) struct CapWatch<'a> {
    leaf: Option<&'a dyn Leaf>,
    /// The cap, where nobody but this watch enforces it.
    watched: Option<u64>,
}

impl<'a> CapWatch<'a> {
    pub(crate) fn new(leaf: Option<&'a dyn Leaf>, caps: CapsKind) -> Self {
        let watched = match (caps, leaf) {
            (CapsKind::Sampled, Some(leaf)) => Some(leaf.evidence().limit),
            _ => None,
        };
        CapWatch { leaf, watched }
    }

    pub(crate) fn interval(&self) -> Duration {
        if self.watched.is_some() {
            CLOSE_LOOK
        } else {
            TICK
        }
    }

    /// Whether the kernel has killed one of its processes. Version 1 kills one; what remains is no
    /// longer the program that was asked for.
    pub(crate) fn oom(&self) -> Option<Cause> {
        let killed = self.leaf.is_some_and(|leaf| leaf.oom_kills() > 0);
        killed.then_some(Cause::Oom)
    }

    /// What the cap, or else the machine, says about want of memory.
    pub(crate) fn pressure(&self) -> Pressure {
        self.leaf.map(Leaf::pressure).unwrap_or_default()
    }

    /// Whether it holds more than it may, where that is to be seen from here.
    pub(crate) fn passed(&self, resident: impl FnOnce() -> u64) -> Option<Cause> {
        let cap = self.watched?;
        (resident() > cap).then_some(Cause::Cap)
    }
}

/// Watches one step.
pub(crate) struct StepWatch<'a> {
    /// The fork server: everything below it is the step.
    pub(crate) server: i32,
    /// Whose step it is.
    pub(crate) variant: &'a str,
    pub(crate) watchdog: Watchdog,
    pub(crate) thrash: ThrashWatch,
    pub(crate) cap: CapWatch<'a>,
    pub(crate) tail: Option<EventTail>,
    pub(crate) gauges: Gauges,
    pub(crate) sampling: Option<Sampling>,
    pub(crate) observer: &'a mut dyn Observer,
    /// When the trial began.
    pub(crate) trial_began: Instant,
    pub(crate) seen: Seen,
}

/// What has been seen so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) told: Told,
    pub(crate) page: Option<Snapshot>,
    /// What a command that is counted from outside has left.
    pub(crate) pages: Option<Found>,
    pub(crate) faults: Vec<String>,
    sampler: Option<Sampler>,
    begun: u64,
    ticked: Option<Instant>,
}

impl Watch for StepWatch<'_> {
    fn interval(&self) -> Duration {
        self.cap.interval()
    }

    fn started(&mut self, pid: i32, at: u64, _now: Instant) {
        self.seen.begun = at;
        let Some(sampling) = &self.sampling else {
            return;
        };
        let mut config = SamplerConfig::new(pid, sampling.interval, at);
        config.reaper = Some(self.server);
        config.cgroup_procs = self.cap.leaf.and_then(Leaf::procs);
        match &self.gauges {
            Gauges::None => {}
            Gauges::Page(page, _) => config.gauges = Some(page.clone()),
            Gauges::Pages(pages) => config.pages = pages.watched().map(Path::to_owned),
        }
        config.scratch.clone_from(&sampling.scratch);
        config.census = sampling.census;
        match Sampler::start(config) {
            Ok(sampler) => self.seen.sampler = Some(sampler),
            Err(error) => self
                .seen
                .faults
                .push(format!("the sampler did not start: {error}")),
        }
    }

    fn look(&mut self, elapsed: Duration) -> Option<Cause> {
        if let Some(cause) = self.cap.oom() {
            return Some(cause);
        }
        self.read_events();
        self.seen.page = self.gauges.read().or(self.seen.page.take());
        let processes = Processes::new();
        let activity = processes.activity(&processes.descendants(self.server));
        if let Some(cause) = self.cap.passed(|| activity.resident) {
            return Some(cause);
        }
        self.look_for_thrashing(elapsed, activity.major_faults);
        let progress = self.progress();
        self.tick(&progress, activity.resident);
        let events = self.seen.told.events;
        let phase = progress.phase;
        let progress = Progress {
            done: progress.done,
            phase,
            events,
        };
        self.watchdog.look(elapsed, progress, activity)
    }
}

/// How far the program says it is.
struct HowFar {
    phase: Option<String>,
    done: Option<u64>,
    total: Option<u64>,
    unit: String,
}

impl StepWatch<'_> {
    fn read_events(&mut self) {
        let Some(tail) = &mut self.tail else { return };
        if let Err(error) = tail.look(&mut self.seen.told, self.seen.begun) {
            self.seen
                .faults
                .push(format!("reading the event file: {error}"));
            self.tail = None;
        }
    }

    fn progress(&self) -> HowFar {
        let page = self.seen.page.as_ref();
        let told = &self.seen.told;
        let phase = page
            .and_then(|page| page.phase.clone())
            .or(told.phase().map(str::to_owned));
        let from_page = page.and_then(|page| page.progress.clone());
        let (done, total, unit) = match (from_page, &told.progress) {
            (Some(progress), _) => (Some(progress.done), progress.total, progress.unit),
            (None, Some((done, total, unit))) => (Some(*done), *total, unit.clone()),
            (None, None) => (None, None, String::new()),
        };
        HowFar {
            phase,
            done,
            total,
            unit,
        }
    }

    fn look_for_thrashing(&mut self, elapsed: Duration, major_faults: u64) {
        let cap = &self.cap;
        let read = || Paging {
            major_faults,
            pressure: cap.pressure(),
        };
        if let Some(found) = self.thrash.look(elapsed, read) {
            let text = format!("{} thrashes: {found}", self.variant);
            self.observer.notice(Notice::Note { text });
        }
    }

    fn tick(&mut self, progress: &HowFar, rss: u64) {
        let now = Instant::now();
        if self.seen.ticked.is_some_and(|last| now - last < TICK) {
            return;
        }
        self.seen.ticked = Some(now);
        self.observer.notice(Notice::TrialTicks {
            phase: progress.phase.clone(),
            done: progress.done,
            total: progress.total,
            unit: progress.unit.clone(),
            rss,
            elapsed: (now - self.trial_began).as_secs_f64(),
        });
    }

    /// Everything that was seen, the rest of the events included: nobody writes any more.
    pub(crate) fn finish(mut self) -> (Seen, Option<Observed>) {
        if let Some(tail) = &mut self.tail {
            match tail.finish(&mut self.seen.told, self.seen.begun) {
                Ok(true) => {}
                Ok(false) => self
                    .seen
                    .faults
                    .push("the event file is too long to be read whole".into()),
                Err(error) => self
                    .seen
                    .faults
                    .push(format!("reading the event file: {error}")),
            }
        }
        self.seen.page = self.gauges.read().or(self.seen.page.take());
        if let Gauges::Pages(pages) = &self.gauges {
            let mut found = pages.read();
            self.seen.faults.append(&mut found.faults);
            self.seen.pages = Some(found);
        }
        if let Some(page) = &self.seen.page {
            self.seen.told.see(page);
        }
        if let Some((time, worst)) = self.thrash.whole() {
            let time = time.as_secs_f64();
            self.seen
                .faults
                .push(format!("thrashed for {time:.1} s, at worst by {worst}"));
        }
        let observed = self.seen.sampler.take().map(Sampler::stop);
        (self.seen, observed)
    }
}
