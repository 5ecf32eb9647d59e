//! A session: everything that trials share, from its start to the point where nothing is left.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_workload::Bytes;
use tokio::runtime::{Builder, Runtime};

use super::caps::{self, Budget, Detected, Leaf};
use super::environment::Environment;
use super::error::RunError;
use super::fork_server::{ForkServer, Request};
use super::identity::Keeper;
use super::interrupt::Interrupts;
use super::kills::References;
use super::machine_kills::MachineKills;
use super::pinned::Pinned;
use super::ready::Ready;
use super::scratch::SessionDirectory;
use crate::evidence::{CapsKind, Trial};
use crate::notice::{Notice, Observer};
use crate::observe::{InstructionCounter, NoCounter};
use crate::plan::{Plan, PointIndex, TrialSpec};
use crate::scenario::Affinity;

/// How memory caps are enforced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CapsChoice {
    /// By the strongest means that the machine permits.
    #[default]
    Strongest,
    /// Not at all, where a target or the scenario does not ask for one.
    WhereAsked,
}

/// What a session needs to know.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// What is to be run.
    pub plan: Arc<Plan>,
    /// The inputs of each variant of the plan, by its index, where any were prepared.
    pub inputs: Vec<Option<PathBuf>>,
    /// The same for dhat trials, which may run at another size.
    pub dhat_inputs: Vec<Option<PathBuf>>,
    /// The same for trials that count instructions.
    pub instruction_inputs: Vec<Option<PathBuf>>,
    /// The same for points of sweeps, by the point and the variant's index.
    pub sweep_inputs: BTreeMap<(PointIndex, usize), PathBuf>,
    /// Where the session's directory is made; on disk.
    pub scratch: PathBuf,
    /// Where each variant's output is kept, as `<variant>.<ext>`.
    pub keep_output: Option<PathBuf>,
    /// Where heap profiles are kept, as `<variant>.dhat-heap.json`.
    pub profiles: Option<PathBuf>,
    /// How memory caps are enforced.
    pub caps: CapsChoice,
    /// The executable that becomes the fork server; it calls
    /// [`enter_if_asked`](super::fork_server::enter_if_asked) first thing in `main`.
    pub executable: PathBuf,
    /// The file system in which cgroups and the machine's memory are looked for: `/`, or a directory made for a test.
    pub system: PathBuf,
}

impl SessionOptions {
    /// Options for a plan whose variants need no prepared inputs; the fork server is this
    /// executable.
    ///
    /// # Errors
    /// The path of this executable can't be found out.
    pub fn new(plan: Arc<Plan>, scratch: PathBuf) -> Result<Self, RunError> {
        let executable = std::env::current_exe().map_err(|source| RunError::System {
            doing: "finding this executable",
            source,
        })?;
        let none = vec![None; plan.variants.len()];
        Ok(SessionOptions {
            inputs: none.clone(),
            dhat_inputs: none.clone(),
            instruction_inputs: none,
            sweep_inputs: BTreeMap::new(),
            plan,
            scratch,
            keep_output: None,
            profiles: None,
            caps: CapsChoice::default(),
            executable,
            system: PathBuf::from("/"),
        })
    }
}

/// Finds what can be found wrong with a plan without running anything: programs that are not there,
/// placeholders without a meaning, caps above what the machine has, processors that may not be used.
///
/// # Errors
/// See [`RunError`].
pub fn preflight(options: &SessionOptions) -> Result<(), RunError> {
    let budget = caps::budget(&options.system);
    if let Some(asked) = options.plan.limits.memory {
        check_cap(asked, budget)?;
    }
    let environment = Environment::scrubbed(|name| std::env::var_os(name));
    Ready::all(options, &environment)?;
    processors(&options.plan.measure.affinity)?;
    Ok(())
}

/// Who counts the instructions of a plan's trials; nothing where it wants none counted.
///
/// # Errors
/// Nobody can here, and why: the plan is to [leave them out](Plan::leave_out).
pub fn instruction_counter(plan: &Plan) -> Option<Result<InstructionCounter, NoCounter>> {
    let setting = plan.measure.instructions.as_ref()?;
    let environment = Environment::scrubbed(|name| std::env::var_os(name));
    Some(InstructionCounter::find(setting.by, environment.path()))
}

/// Removes what dead sessions left: scratch directories below `scratch`, and cgroups. Gives the
/// number of each.
pub fn sweep(scratch: &Path) -> (usize, usize) {
    let caps = caps::detect(Path::new("/"));
    (super::scratch::sweep(scratch), caps.backend.sweep())
}

/// A running session. Dropping it ends whatever still runs and removes what it made.
#[derive(Debug)]
pub struct Session {
    // The order in which they are dropped: the processes first, then what they stood in.
    pub(super) core: Core,
    runtime: Runtime,
}

/// Everything of a session but its runtime.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) server: ForkServer,
    pub(super) interrupts: Interrupts,
    pub(super) caps: Detected,
    pub(super) budget: Budget,
    pub(super) ready: Vec<Ready>,
    pub(super) keeper: Keeper,
    /// Variants whose output the user has been given.
    pub(super) kept_for_user: HashSet<usize>,
    pub(super) pinned: Pinned,
    pub(super) machine: MachineKills,
    pub(super) processors: Vec<u32>,
    /// Who counts instructions, where they are counted and anybody can.
    pub(super) counter: Option<InstructionCounter>,
    pub(super) options: SessionOptions,
    /// How long steps take that nobody kills.
    pub(super) references: References,
    /// Trials begun so far.
    pub(super) trials: u32,
    pub(super) directory: SessionDirectory,
}

impl Session {
    /// Starts a session: everything that can be found wrong before anything runs is found here.
    ///
    /// # Errors
    /// See [`RunError`].
    pub fn start(options: SessionOptions, observer: &mut dyn Observer) -> Result<Self, RunError> {
        let system = |doing| move |source| RunError::System { doing, source };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(system("starting the supervisor"))?;
        let budget = caps::budget(&options.system);
        if let Some(asked) = options.plan.limits.memory {
            check_cap(asked, budget)?;
        }
        let environment = Environment::scrubbed(|name| std::env::var_os(name));
        let ready = Ready::all(&options, &environment)?;
        let processors = processors(&options.plan.measure.affinity)?;
        let directory = SessionDirectory::create(&options.scratch)?;
        let caps = caps::detect(&options.system);
        let kept = options.keep_output.as_deref();
        let partial = kept.map_or(0, super::scratch::sweep);
        for text in left_overs(directory.swept, partial, caps.backend.sweep())
            .into_iter()
            .chain(weak(&caps))
        {
            observer.notice(Notice::Note { text });
        }
        let (server, interrupts) = runtime.block_on(async {
            let interrupts = Interrupts::listen().map_err(system("listening for Ctrl-C"))?;
            let failed = |source| RunError::ForkServer {
                executable: options.executable.clone(),
                source,
            };
            let mut server = ForkServer::start(&options.executable)
                .await
                .map_err(failed)?;
            let adopt = Request::Adopt(directory.path().to_owned());
            server.send(&adopt, None).await.map_err(failed)?;
            Ok::<_, RunError>((server, interrupts))
        })?;
        let keeper = Keeper::new(options.plan.variants.len());
        let counter = instruction_counter(&options.plan).and_then(Result::ok);
        let core = Core {
            counter,
            server,
            interrupts,
            caps,
            budget,
            ready,
            keeper,
            kept_for_user: HashSet::new(),
            machine: MachineKills::open(&options.system),
            pinned: Pinned::new(options.plan.measure.inputs),
            processors,
            options,
            references: References::default(),
            trials: 0,
            directory,
        };
        Ok(Session { core, runtime })
    }

    /// Runs one trial. However it ends is evidence; what it prints of itself goes to `observer`.
    ///
    /// # Errors
    /// What makes measuring impossible; [`RunError::Interrupted`] where the user interrupted
    /// before it began.
    pub fn trial(
        &mut self,
        spec: &TrialSpec,
        observer: &mut dyn Observer,
    ) -> Result<Trial, RunError> {
        if self.interrupted() {
            return Err(RunError::Interrupted);
        }
        let Session { core, runtime } = self;
        runtime.block_on(core.trial(spec, observer))
    }

    /// Whether the user has interrupted since the session began.
    pub fn interrupted(&self) -> bool {
        self.core.interrupts.count() > 0
    }

    /// How caps are enforced.
    pub fn caps(&self) -> CapsKind {
        self.core.caps.kind()
    }

    /// A hash of the program files that each variant executes, by its index in the plan; none where one
    /// cannot be read.
    pub fn builds(&self) -> Vec<Option<String>> {
        super::build::of_all(
            self.core
                .ready
                .iter()
                .map(|ready| ready.programs.as_slice()),
        )
    }

    /// The cap of trials for which none is asked, in bytes.
    pub fn default_cap(&self) -> u64 {
        self.core.budget.most
    }

    /// The fork server's own resident size in bytes.
    pub fn fork_server_resident(&self) -> u64 {
        self.core.server.resident()
    }

    /// Ends the session: the fork server is gone, and so is everything the session made. Files
    /// named in [`Identity::kept`](crate::evidence::Identity::kept) go too; copy them before.
    pub fn finish(self) {}
}

impl Core {
    /// The cap of a step: what a target asks for, else the scenario, else all but the reserve.
    pub(super) fn leaf(
        &self,
        under: Option<u64>,
        trial: u32,
        step: usize,
    ) -> Result<Option<Box<dyn Leaf>>, RunError> {
        let asked = under.or(self.options.plan.limits.memory);
        let limit = match (asked, self.options.caps) {
            (Some(asked), _) => asked,
            (None, CapsChoice::Strongest) => self.budget.most,
            (None, CapsChoice::WhereAsked) => return Ok(None),
        };
        check_cap(limit, self.budget)?;
        self.named_leaf(&format!("{trial}-{step}"), limit).map(Some)
    }

    /// The cap of what runs beside a step: all but the reserve, whatever the scenario asks for.
    pub(super) fn machine_leaf(&self, name: &str) -> Result<Option<Box<dyn Leaf>>, RunError> {
        match self.options.caps {
            CapsChoice::Strongest => self.named_leaf(name, self.budget.most).map(Some),
            CapsChoice::WhereAsked => Ok(None),
        }
    }

    fn named_leaf(&self, name: &str, limit: u64) -> Result<Box<dyn Leaf>, RunError> {
        let session = self
            .directory
            .path()
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let name = format!("{session}-{name}");
        Ok(self.caps.backend.leaf(&name, limit)?)
    }
}

fn check_cap(asked: u64, budget: Budget) -> Result<(), RunError> {
    if asked <= budget.most {
        return Ok(());
    }
    Err(RunError::CapTooLarge {
        asked: Bytes(asked),
        most: Bytes(budget.most),
        available: Bytes(budget.available),
    })
}

fn processors(affinity: &Affinity) -> Result<Vec<u32>, RunError> {
    let Affinity::Cpus(asked) = affinity else {
        return Ok(Vec::new());
    };
    let set = rustix::thread::sched_getaffinity(None).map_err(|errno| RunError::System {
        doing: "asking for the usable processors",
        source: errno.into(),
    })?;
    let usable: Vec<usize> = (0..rustix::thread::CpuSet::MAX_CPU)
        .filter(|cpu| set.is_set(*cpu))
        .collect();
    match asked.iter().find(|cpu| !usable.contains(cpu)) {
        Some(asked) => Err(RunError::Processor {
            asked: *asked,
            usable,
        }),
        None => Ok(asked
            .iter()
            .filter_map(|cpu| u32::try_from(*cpu).ok())
            .collect()),
    }
}

fn left_overs(directories: usize, partial: usize, cgroups: usize) -> Option<String> {
    let some = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts = [
        some(directories, "scratch directory", "scratch directories"),
        some(partial, "unfinished output", "unfinished outputs"),
        some(cgroups, "cgroup", "cgroups"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty())
        .then(|| format!("removed what a dead session had left: {}", parts.join(", ")))
}

fn weak(caps: &Detected) -> Option<String> {
    (caps.kind() == CapsKind::Sampled).then(|| {
        format!(
            "memory caps are watched over, not enforced by the kernel: {}",
            caps.reasons.join("; ")
        )
    })
}
