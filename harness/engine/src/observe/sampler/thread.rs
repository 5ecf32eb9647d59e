//! The sampler's thread, from its start to its stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use plimsoll_workload::gauges::Snapshot;

use super::config::{Observed, SamplerConfig};
use super::gauges::{GaugePage, PageOfLargest, ledger_sum};
use super::scratch::ScratchSize;
use super::series::Series;
use super::ticks::Ticks;
use crate::evidence::{Sample, Timeline};
#[cfg(target_os = "linux")]
use crate::observe::census::{self, CensusWatch, Figures as _};
use crate::observe::clock::{monotonic_ns, thread_cpu_ns};
use crate::observe::platform::{Subject, Watch};

/// How often a program is looked at for a new high that deserves a census: peaks that last for less than a
/// sampling interval are what a program that allocates and frees in parallel is made of.
#[cfg(target_os = "linux")]
const CENSUS_EVERY: Duration = Duration::from_millis(1);

/// A running sampler. It never signals or alters what it watches, except to pause it for a census;
/// dropping it stops it.
#[derive(Debug)]
pub struct Sampler {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Observed>>,
}

impl Sampler {
    /// Starts the thread; it takes its first look at once.
    ///
    /// # Errors
    /// When the system gives no further thread.
    pub fn start(config: SamplerConfig) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let of_thread = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("sampler".to_owned())
            .spawn(move || Looking::new(config).run(&of_thread))?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }

    /// Takes a last look, if anything still lives, and ends the thread.
    pub fn stop(mut self) -> Observed {
        self.end().unwrap_or_else(|| Observed {
            faults: vec!["the sampler's thread died; its samples are lost".to_owned()],
            ..Observed::default()
        })
    }

    fn end(&mut self) -> Option<Observed> {
        let thread = self.thread.take()?;
        self.stop.store(true, Ordering::Release);
        Thread::unpark(thread.thread());
        thread.join().ok()
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.end();
    }
}

/// The thread's own state.
pub(super) struct Looking {
    watch: Watch,
    gauges: Option<GaugePage>,
    pages: Option<PageOfLargest>,
    scratch: Option<ScratchSize>,
    /// Whose memory is explained, where no page says so.
    subject: i32,
    #[cfg(target_os = "linux")]
    census: Option<CensusWatch>,
    origin_ns: u64,
    ticks: Ticks,
    series: Series,
    observed: Observed,
}

impl Looking {
    pub(super) fn new(config: SamplerConfig) -> Self {
        let mut observed = Observed::default();
        let gauges = config.gauges.and_then(|path| {
            GaugePage::open(&path)
                .map_err(|error| {
                    let fault =
                        format!("the gauge page {} cannot be read: {error}", path.display());
                    observed.faults.push(fault);
                })
                .ok()
        });
        Self {
            watch: Watch::new(Subject {
                main: config.main_pid,
                reaper: config.reaper,
                cgroup_procs: config.cgroup_procs,
            }),
            gauges,
            pages: config.pages.map(PageOfLargest::new),
            scratch: config.scratch.as_deref().map(ScratchSize::new),
            subject: config.main_pid,
            #[cfg(target_os = "linux")]
            census: config.census.then(|| CensusWatch::new(config.origin_ns)),
            origin_ns: config.origin_ns,
            ticks: Ticks::new(monotonic_ns(), config.interval),
            series: Series::new(),
            observed,
        }
    }

    fn run(mut self, stop: &AtomicBool) -> Observed {
        loop {
            self.look();
            if !self.wait(stop) {
                break;
            }
        }
        self.look();
        self.finish()
    }

    /// False when it is time to stop.
    fn wait(&mut self, stop: &AtomicBool) -> bool {
        loop {
            if stop.load(Ordering::Acquire) {
                return false;
            }
            match self.ticks.wait(monotonic_ns()) {
                Some(time) => self.pass(time),
                None => break,
            }
        }
        self.ticks.advance(monotonic_ns());
        true
    }

    /// Lets at most so much time pass.
    #[cfg(target_os = "linux")]
    fn pass(&mut self, time: Duration) {
        if self.census.is_none() {
            return thread::park_timeout(time);
        }
        thread::park_timeout(time.min(CENSUS_EVERY));
        self.take_census();
    }

    #[cfg(not(target_os = "linux"))]
    fn pass(&mut self, time: Duration) {
        thread::park_timeout(time);
    }

    /// Takes a sample; none where nobody is left.
    pub(super) fn look(&mut self) -> Option<Sample> {
        let now = monotonic_ns();
        let look = self.watch.look(now);
        if look.processes == 0 {
            return None;
        }
        if self.pages.is_some() {
            self.subject = look.largest_pid;
        }
        self.find_page();
        let gauges = self.gauges.as_mut().and_then(GaugePage::read);
        let sample = Sample {
            t: now.saturating_sub(self.origin_ns) as f64 / 1e9,
            rss: look.rss,
            largest: look.largest,
            anon: look.anon,
            file: look.file,
            shared: look.shared,
            swap: look.swap,
            processes: look.processes,
            ledger: gauges.and_then(ledger_sum),
            progress: gauges.and_then(|g| Some(g.progress.as_ref()?.done)),
            scratch: self.scratch.as_mut().and_then(|s| s.turn(now)),
        };
        self.observed.scratch_peak = self.observed.scratch_peak.max(sample.scratch);
        self.series.push(sample);
        #[cfg(target_os = "linux")]
        self.take_census();
        Some(sample)
    }

    /// Turns to the page of the process whose memory is explained, where each has its own. It makes one only once it
    /// runs, so as long as there is none it is looked for again.
    fn find_page(&mut self) {
        if let Some(pages) = &mut self.pages
            && let Some(page) = pages.changed(self.subject, self.gauges.is_some())
        {
            self.gauges = page;
        }
    }

    #[cfg(target_os = "linux")]
    fn take_census(&mut self) {
        if self.census.is_none() {
            return;
        }
        self.find_page();
        let Some(census) = &mut self.census else {
            return;
        };
        // A program behind a wrapper writes the gauges: its memory is what they explain.
        let writer = self.gauges.as_ref().and_then(GaugePage::last);
        let writer = writer.and_then(|gauges| i32::try_from(gauges.writer).ok());
        let mut figures = Figures {
            watch: &mut self.watch,
            gauges: self.gauges.as_mut(),
        };
        let known = |figures: &mut Figures<'_>, pid: &i32| figures.resident(*pid).is_some();
        let pid = writer.filter(|pid| known(&mut figures, pid));
        census.look(pid.unwrap_or(self.subject), &mut figures);
    }

    pub(super) fn finish(mut self) -> Observed {
        let last_scratch = self.scratch.as_mut().and_then(ScratchSize::last);
        self.observed.scratch_peak = self.observed.scratch_peak.max(last_scratch);
        #[cfg(target_os = "linux")]
        if let Some(census) = self.census {
            (self.observed.census, self.observed.course) = census.finish();
        }
        if let Some(gauges) = self.gauges {
            self.observed.faults.extend(gauges.finish());
        }
        self.observed.timeline = Timeline {
            interval: self.ticks.seconds() * f64::from(self.series.stride()),
            samples: self.series.finish(),
            cost: thread_cpu_ns() as f64 / 1e9,
        };
        self.observed
    }
}

/// What a census reads beside the maps.
#[cfg(target_os = "linux")]
struct Figures<'a> {
    watch: &'a mut Watch,
    gauges: Option<&'a mut GaugePage>,
}

#[cfg(target_os = "linux")]
impl census::Figures for Figures<'_> {
    fn resident(&mut self, pid: i32) -> Option<u64> {
        self.watch.resident(monotonic_ns(), pid)
    }

    fn gauges(&mut self) -> Option<Snapshot> {
        self.gauges.as_mut()?.read().cloned()
    }
}
