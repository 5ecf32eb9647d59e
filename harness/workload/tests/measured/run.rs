//! Running this binary as the harness would.

use std::fs::File;
use std::num::NonZeroU64;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use plimsoll_workload::env::{Environment, Instrument};
use plimsoll_workload::event::{Event, Kind, parse_line};
use plimsoll_workload::gauges::{self, Snapshot};
use plimsoll_workload::heap::profile::{NotAProfile, SampledHeap};
use tempfile::TempDir;

/// A test: its name and what it does.
pub(crate) type Test = (&'static str, fn());

/// Set: be the program, not the tests.
pub(crate) const AS_PROGRAM: &str = "PLIMSOLL_TEST_AS_PROGRAM";

/// A trial: its directory and environment.
pub(crate) struct Trial {
    pub(crate) dir: TempDir,
    pub(crate) environment: Environment,
}

/// What a trial left behind.
pub(crate) struct Left {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) events: Vec<Event>,
    pub(crate) gauges: Snapshot,
    pub(crate) dir: TempDir,
}

impl Trial {
    pub(crate) fn new(implementation: &str, instrument: Instrument) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| Some(dir.path().join(name));
        let environment = Environment {
            workload: Some("fixture".into()),
            implementation: Some(implementation.into()),
            inputs: path("inputs"),
            scratch: path("scratch"),
            events: path("events"),
            gauges: path("gauges"),
            instrument,
            ..Environment::default()
        };
        File::create(dir.path().join("events")).unwrap();
        File::create(dir.path().join("gauges"))
            .unwrap()
            .set_len(gauges::SIZE as u64)
            .unwrap();
        Self { dir, environment }
    }

    pub(crate) fn params(mut self, params: &str) -> Self {
        self.environment.params = Some(params.into());
        self
    }

    /// One that is profiled, a sample in so many bytes.
    pub(crate) fn sampled(implementation: &str, every: u64) -> Self {
        let mut trial = Self::new(implementation, Instrument::Profile);
        let path = trial.dir.path().join("heap-profile");
        File::create(&path).unwrap();
        trial.environment.profile_output = Some(path);
        trial.environment.profile_every = NonZeroU64::new(every);
        trial
    }

    /// The profile so far.
    pub(crate) fn heap(&self) -> Result<SampledHeap, NotAProfile> {
        SampledHeap::read_file(&File::open(self.dir.path().join("heap-profile")).unwrap())
    }

    pub(crate) fn spawn(&self, verb: &str) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .arg(verb)
            .env_clear()
            .env(AS_PROGRAM, "1")
            .envs(self.environment.variables())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub(crate) fn snapshot(&self) -> Option<Snapshot> {
        Snapshot::read_file(&File::open(self.dir.path().join("gauges")).unwrap()).ok()
    }

    /// Waits until the program has said something in its gauges.
    pub(crate) fn wait_for(&self, said: impl Fn(&Snapshot) -> bool) -> Snapshot {
        let from = Instant::now();
        loop {
            if let Some(snapshot) = self.snapshot().filter(&said) {
                return snapshot;
            }
            assert!(
                from.elapsed() < Duration::from_secs(60),
                "the program does not get there"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What was appended so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        let events = std::fs::read(self.dir.path().join("events")).unwrap();
        events
            .split_inclusive(|b| *b == b'\n')
            .map(|line| parse_line(line).unwrap())
            .collect()
    }

    pub(crate) fn left(self, output: Output) -> Left {
        Left {
            code: output.status.code(),
            signal: output.status.signal(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            events: self.events(),
            gauges: self.snapshot().unwrap_or_default(),
            dir: self.dir,
        }
    }

    pub(crate) fn verb(self, verb: &str) -> Left {
        let output = self.spawn(verb).wait_with_output().unwrap();
        self.left(output)
    }

    pub(crate) fn run(self) -> Left {
        self.verb("run")
    }

    /// Runs what is expected to go well.
    pub(crate) fn completes(self) -> Left {
        let left = self.run();
        assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
        left
    }
}

impl Left {
    /// The profile that was sampled.
    pub(crate) fn heap(&self) -> SampledHeap {
        SampledHeap::read_file(&File::open(self.dir.path().join("heap-profile")).unwrap()).unwrap()
    }

    /// What happened, without when.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.events.iter().map(|event| event.kind.clone()).collect()
    }

    pub(crate) fn component(&self, name: &str) -> Option<u64> {
        self.gauges
            .ledger
            .iter()
            .find(|l| l.component == name)
            .map(|l| l.bytes)
    }

    /// The metric of that name.
    pub(crate) fn metric(&self, wanted: &str) -> Option<f64> {
        self.kinds().into_iter().find_map(|kind| match kind {
            Kind::Metric { name, value, .. } if name == wanted => Some(value),
            _ => None,
        })
    }
}
