//! The sampler's thread, from its start to its stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};

use plimsoll_workload::gauges::Snapshot;

use super::config::{Ceiling, Observed, SamplerConfig};
use super::gauges::{GaugePage, ledger_sum};
use super::live::{Activity, Board, Live};
use super::scratch::ScratchSize;
use super::series::Series;
use super::ticks::Ticks;
use crate::evidence::{Sample, Timeline};
#[cfg(target_os = "linux")]
use crate::observe::census::{self, CensusWatch, Figures as _};
use crate::observe::clock::{monotonic_ns, thread_cpu_ns};
use crate::observe::platform::{Subject, Watch, Work};

/// CPU time and I/O are read this often.
const WORK_EVERY_NS: u64 = 250_000_000;

/// A running sampler. It never signals or alters what it watches, except to pause it for a census
/// that cannot be had otherwise; dropping it stops it.
#[derive(Debug)]
pub struct Sampler {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Observed>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    board: Board,
}

impl Sampler {
    /// Starts the thread; it takes its first look at once.
    ///
    /// # Errors
    /// When the system gives no further thread.
    pub fn start(config: SamplerConfig) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("sampler".to_owned())
            .spawn(move || Looking::new(config).run(&of_thread))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// The latest sample; none before the first and where the process was gone by then.
    pub fn latest(&self) -> Option<Sample> {
        self.shared.board.lock().as_ref().map(|live| live.sample)
    }

    /// The latest look, with phase and progress.
    pub fn live(&self) -> Option<Live> {
        self.shared.board.lock().clone()
    }

    /// Signs of getting on, for telling a stall.
    pub fn activity(&self) -> Activity {
        let board = self.shared.board.lock();
        board.as_ref().map(|live| live.activity).unwrap_or_default()
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
        self.shared.stop.store(true, Ordering::Release);
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
struct Looking {
    watch: Watch,
    gauges: Option<GaugePage>,
    scratch: Option<ScratchSize>,
    ceiling: Option<Ceiling>,
    main_pid: i32,
    #[cfg(target_os = "linux")]
    census: Option<CensusWatch>,
    origin_ns: u64,
    ticks: Ticks,
    series: Series,
    work: Work,
    next_work: u64,
    observed: Observed,
}

impl Looking {
    fn new(config: SamplerConfig) -> Self {
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
            scratch: config.scratch.as_deref().map(ScratchSize::new),
            ceiling: config.kill_above,
            main_pid: config.main_pid,
            #[cfg(target_os = "linux")]
            census: config.census.then(|| CensusWatch::new(config.origin_ns)),
            origin_ns: config.origin_ns,
            ticks: Ticks::new(monotonic_ns(), config.interval),
            series: Series::new(),
            work: Work::default(),
            next_work: 0,
            observed,
        }
    }

    fn run(mut self, shared: &Shared) -> Observed {
        loop {
            self.look(&shared.board);
            if !self.wait(&shared.stop) {
                break;
            }
        }
        self.look(&shared.board);
        self.finish()
    }

    /// False when it is time to stop.
    fn wait(&mut self, stop: &AtomicBool) -> bool {
        loop {
            if stop.load(Ordering::Acquire) {
                return false;
            }
            match self.ticks.wait(monotonic_ns()) {
                Some(time) => thread::park_timeout(time),
                None => break,
            }
        }
        self.ticks.advance(monotonic_ns());
        true
    }

    fn look(&mut self, board: &Board) {
        let now = monotonic_ns();
        let look = self.watch.look(now);
        if look.processes == 0 {
            return;
        }
        if self.ceiling.as_ref().is_some_and(|c| look.rss > c.bytes)
            && let Some(ceiling) = self.ceiling.take()
        {
            self.observed.passed_cap = Some(look.rss);
            (ceiling.passed)(look.rss);
        }
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
        if now >= self.next_work {
            self.work = self.watch.work();
            self.next_work = now + WORK_EVERY_NS;
        }
        self.publish(sample, board);
        #[cfg(target_os = "linux")]
        self.take_census();
    }

    fn publish(&mut self, sample: Sample, board: &Board) {
        let gauges = self.gauges.as_ref().and_then(GaugePage::last);
        let activity = Activity {
            progress: sample.progress,
            phases: gauges.map_or(0, |g| {
                let begun = g.phases.iter().map(|phase| phase.begun);
                begun.fold(0, |sum, begun| sum.saturating_add(begun))
            }),
            ledger: sample.ledger,
            cpu_ns: self.work.cpu_ns,
            io_bytes: self.work.io_bytes,
        };
        let mut board = board.lock();
        let live = board.get_or_insert_default();
        live.sample = sample;
        live.activity = activity;
        if let Some(gauges) = gauges {
            // Written to only when they differ: a look is not to allocate.
            if live.phase != gauges.phase {
                live.phase.clone_from(&gauges.phase);
            }
            if live.progress != gauges.progress {
                live.progress.clone_from(&gauges.progress);
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn take_census(&mut self) {
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
        census.look(pid.unwrap_or(self.main_pid), &mut figures);
    }

    fn finish(mut self) -> Observed {
        let last_scratch = self.scratch.as_mut().and_then(ScratchSize::last);
        self.observed.scratch_peak = self.observed.scratch_peak.max(last_scratch);
        #[cfg(target_os = "linux")]
        if let Some(census) = self.census {
            self.observed.census = census.finish();
        }
        if let Some(gauges) = self.gauges {
            let fault;
            (self.observed.gauges, fault) = gauges.finish();
            self.observed.faults.extend(fault);
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
