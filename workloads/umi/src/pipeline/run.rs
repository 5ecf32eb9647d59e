//! The threads of a pass.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use plimsoll_workload::Context;

use super::output::{Output, Writer};
use super::state::{Limits, State, Step, Waiting};
use super::{Pool, Segment};
use crate::account::{Account, Held};
use crate::bgzf::{Compressed, Deflater, Inflater, Runs};
use crate::error::Error;

/// What an implementation does on the way from segments to blocks.
pub(crate) trait Stages: Sync {
    /// What is kept from segment to segment.
    type Cutter: Send;
    /// What becomes blocks of the output.
    type Job: Send;

    /// Bytes that a waiting job holds.
    fn bytes(job: &Self::Job) -> u64;

    /// Cuts the next segment into jobs. Called in the order of the file.
    fn cut(&self, cutter: &mut Self::Cutter, segment: Segment) -> Result<Vec<Self::Job>, Error>;

    /// Makes jobs of what is left after the last segment.
    fn rest(&self, cutter: &mut Self::Cutter) -> Result<Vec<Self::Job>, Error>;

    /// Makes a job's part of the output. Jobs are begun in their order, and `number` counts them.
    fn make(&self, number: u64, job: Self::Job, out: &mut Deflater) -> Result<(), Error>;
}

/// A pass that is to be run.
pub(crate) struct Pass<'a> {
    pub(crate) context: &'a Context,
    pub(crate) pool: &'a Arc<Pool>,
    /// Level of the output.
    pub(crate) level: u32,
    /// Told the bytes that wait between the parts, where these are the program's own account.
    pub(crate) queues: Option<Account>,
    /// Told what threads work with: buffers, and libdeflate's memory.
    pub(crate) buffers: Option<Account>,
}

struct Shared<'a, S: Stages> {
    stages: &'a S,
    pass: &'a Pass<'a>,
    runs: Mutex<(Runs, u64)>,
    cutter: Mutex<S::Cutter>,
    writer: Mutex<Writer<'a>>,
    state: Mutex<State<S::Job>>,
    changed: Condvar,
}

/// Runs a pass on the context's threads; gives back the cutter, and what waited between the parts.
pub(crate) fn run<S: Stages>(
    stages: &S,
    pass: &Pass<'_>,
    opened: (Vec<u8>, Runs),
    output: &mut Output,
    cutter: S::Cutter,
) -> Result<(S::Cutter, Waiting), Error> {
    let threads = pass.context.threads();
    let (rest, runs) = opened;
    let limits = Limits {
        runs: threads + 1,
        jobs: threads + 1,
        window: 4 * threads as u64,
    };
    let path = runs.path().to_owned();
    let first = pass.pool.adopt(rest);
    let _reader = (pass.buffers.as_ref()).map(|buffers| buffers.hold(Runs::HEAP_BYTES));
    let shared = Shared {
        stages,
        pass,
        runs: Mutex::new((runs, 1)),
        cutter: Mutex::new(cutter),
        writer: Mutex::new(Writer::new(output, pass.buffers.as_ref())),
        state: Mutex::new(State::new(limits, first, pass.queues.as_ref())),
        changed: Condvar::new(),
    };
    thread::scope(|scope| {
        for number in 1..threads {
            let spawned = thread::Builder::new()
                .name(format!("umi-{number}"))
                .spawn_scoped(scope, || shared.work(&path));
            if let Err(error) = spawned {
                shared.fail(Some(Error::Settings(format!(
                    "starting thread {number} of {threads}: {error}; use fewer threads"
                ))));
            }
        }
        shared.work(&path);
    });
    let state = shared.state.into_inner();
    let waiting = state.unwrap_or_else(PoisonError::into_inner).outcome()?;
    let cutter = shared.cutter.into_inner();
    Ok((cutter.unwrap_or_else(PoisonError::into_inner), waiting))
}

/// Ends the pass for all when a thread panics.
struct Guard<'a, 'b, S: Stages>(&'a Shared<'b, S>);

impl<S: Stages> Drop for Guard<'_, '_, S> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail(None);
        }
    }
}

/// A lock whose holder may have panicked: then the pass has ended, and nobody looks at what is half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Stages> Shared<'_, S> {
    fn work(&self, path: &Path) {
        let _guard = Guard(self);
        let outcome = Deflater::new(self.pass.level).and_then(|deflater| {
            let mut hands = Hands {
                inflater: Inflater::new(),
                compressed: Compressed::default(),
                deflater,
                held: (self.pass.buffers.as_ref()).map(|buffers| buffers.hold(0)),
            };
            hands.count();
            while self.step(path, &mut hands)? {}
            Ok(())
        });
        if let Err(error) = outcome {
            self.fail(Some(error));
        }
    }

    fn fail(&self, error: Option<Error>) {
        lock(&self.state).fail(error);
        self.changed.notify_all();
    }

    /// Tells the others that the state has changed.
    fn change(&self, change: impl FnOnce(&mut State<S::Job>)) {
        let mut state = lock(&self.state);
        change(&mut state);
        state.count();
        drop(state);
        self.changed.notify_all();
    }

    /// One step; false when there is none left.
    fn step(&self, path: &Path, hands: &mut Hands) -> Result<bool, Error> {
        let context = self.pass.context;
        let mut state = lock(&self.state);
        let step = loop {
            match state.next(S::bytes) {
                Step::Wait => {
                    state = self
                        .changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                step => break step,
            }
        };
        drop(state);
        match step {
            Step::Inflate => {
                let _stage = context.stage("read");
                self.inflate(path, hands)?;
            }
            Step::Cut(segment) => {
                let jobs = self.stages.cut(&mut lock(&self.cutter), segment)?;
                self.change(|state| state.cut(jobs, false, S::bytes));
            }
            Step::CutRest => {
                let jobs = self.stages.rest(&mut lock(&self.cutter))?;
                self.change(|state| state.cut(jobs, true, S::bytes));
            }
            Step::Make(number, job) => {
                let _stage = context.stage("write");
                self.make(number, job, hands)?;
            }
            Step::Wait => {}
            Step::Leave => return Ok(false),
        }
        Ok(true)
    }

    fn inflate(&self, path: &Path, hands: &mut Hands) -> Result<(), Error> {
        if self.pass.context.cancelled() {
            return Err(Error::Elsewhere);
        }
        let mut runs = lock(&self.runs);
        let more = runs.0.next(&mut hands.compressed)?;
        hands.count();
        let number = runs.1;
        runs.1 += u64::from(more);
        drop(runs);
        if !more {
            self.change(|state| state.file_ended(number));
            return Ok(());
        }
        let mut segment = self.pass.pool.take(hands.compressed.inflated);
        hands
            .inflater
            .inflate(path, &hands.compressed, segment.bytes_mut())?;
        self.change(|state| state.inflated(number, segment));
        Ok(())
    }

    fn make(&self, number: u64, job: S::Job, hands: &mut Hands) -> Result<(), Error> {
        let buffer = lock(&self.writer).buffer();
        hands.deflater.begin(buffer);
        hands.count();
        self.stages.make(number, job, &mut hands.deflater)?;
        hands.count();
        let blocks = hands.deflater.finish()?;
        hands.count();
        let bytes = blocks.len() as u64;
        lock(&self.state).waiting.add(bytes);
        let (written, gone) = lock(&self.writer).deliver(number, blocks)?;
        self.change(|state| {
            state.waiting.sub(gone);
            state.written(written);
        });
        Ok(())
    }
}

/// What each thread works with.
struct Hands {
    inflater: Inflater,
    compressed: Compressed,
    deflater: Deflater,
    held: Option<Held>,
}

impl Hands {
    fn count(&mut self) {
        if let Some(held) = &mut self.held {
            let buffers = self.compressed.heap_bytes() + self.deflater.heap_bytes();
            held.set(Inflater::HEAP_BYTES + buffers);
        }
    }
}
