//! The verbs `describe`, `key`, `prepare`, `run` and `verify`.

use std::ffi::OsString;
use std::io::Write;
use std::marker::PhantomData;
use std::process::ExitCode;

use serde::Serialize;

use crate::describe::{Description, PROTOCOL};
use crate::env::{self, Environment};
use crate::{Context, Exit, Failure, Workload, cancel, heap};

use super::offer::{Of, Offer, none_such};

/// The verbs that a program of the protocol takes as its only argument.
pub const VERBS: [&str; 5] = ["describe", "key", "prepare", "run", "verify"];

/// The workloads that a program offers.
///
/// `plimsoll_workload::main!(Mine)` is the short way. A program with a `main` of its own puts
/// `plimsoll_workload::install!();` at the top level of its binary and calls [`main`](Self::main) with the arguments
/// that are the protocol's.
#[derive(Default)]
pub struct Registry {
    offers: Vec<Box<dyn Offer>>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.offers.iter().map(|offer| offer.name()))
            .finish()
    }
}

impl Registry {
    /// No workloads yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same and `W`.
    #[must_use]
    pub fn with<W: Workload>(mut self) -> Self {
        self.offers.push(Box::new(Of::<W>(PhantomData)));
        self
    }

    /// Does what `args` (without the program's name) and the environment say: one of the [`VERBS`]. What went wrong is
    /// on standard error, and in the exit code as [`Exit`] tells.
    #[must_use]
    pub fn main(&self, args: impl IntoIterator<Item = OsString>) -> ExitCode {
        self.obey(args.into_iter().collect()).into()
    }

    /// What `describe` prints.
    #[must_use]
    pub fn description(&self) -> Description {
        let workloads = self.offers.iter().map(|offer| offer.describe()).collect();
        Description {
            protocol: PROTOCOL,
            workloads,
        }
    }

    fn obey(&self, args: Vec<OsString>) -> Exit {
        let verb = match <[OsString; 1]>::try_from(args) {
            Ok([verb]) => verb.to_string_lossy().into_owned(),
            Err(_) => {
                return end(Err(Failure::Input(format!(
                    "one verb is needed: {}",
                    VERBS.join(", ")
                ))));
            }
        };
        let environment = match Environment::from_process() {
            Ok(environment) => environment,
            Err(error) => return end(Err(Failure::Input(error.to_string()))),
        };
        end(match verb.as_str() {
            "describe" => print(&self.description()),
            "key" => self.key(&environment),
            "prepare" => self.prepare(&environment),
            "run" => return self.run(&environment),
            "verify" => self.verify(&environment),
            _ => Err(none_such("no verb", &verb, VERBS.into_iter())),
        })
    }

    /// The workload that the environment names; the only one needs no name.
    fn offer(&self, environment: &Environment) -> Result<&dyn Offer, Failure> {
        let names = || self.offers.iter().map(|offer| offer.name());
        match (&environment.workload, self.offers.as_slice()) {
            (Some(name), offers) => offers
                .iter()
                .find(|offer| offer.name() == name)
                .map(|offer| &**offer)
                .ok_or_else(|| none_such("no workload", name, names())),
            (None, [only]) => Ok(&**only),
            (None, _) => {
                let names: Vec<_> = names().collect();
                Err(Failure::Input(format!(
                    "set {} to one of {}",
                    env::WORKLOAD,
                    names.join(", ")
                )))
            }
        }
    }

    fn key(&self, environment: &Environment) -> Result<(), Failure> {
        print(
            &self
                .offer(environment)?
                .key(environment.params.as_deref())?,
        )
    }

    fn prepare(&self, environment: &Environment) -> Result<(), Failure> {
        let offer = self.offer(environment)?;
        let dir = environment.inputs.as_deref().ok_or_else(|| {
            Failure::Input(format!("{} is not set: give it a directory", env::INPUTS))
        })?;
        std::fs::create_dir_all(dir).map_err(|error| Failure::io("creating", dir, error))?;
        offer.prepare(environment.params.as_deref(), dir)
    }

    fn run(&self, environment: &Environment) -> Exit {
        let prepared = self.offer(environment).and_then(|offer| {
            heap::check(environment)?;
            let params = environment.params.as_deref();
            let job = offer.job(
                params,
                environment.implementation.as_deref(),
                &environment.step,
            )?;
            Ok((job, Context::attached(environment)?))
        });
        let (job, context) = match prepared {
            Ok(prepared) => prepared,
            Err(failure) => return end(Err(failure)),
        };
        cancel::listen();
        // A panic unwinds through here and out of `main`: Rust reports it and exits as `Exit::Panicked`.
        let outcome = heap::during(environment, || job(&context));
        let cancelled = context.finish(&outcome);
        if outcome.is_ok() && cancelled {
            Exit::Cancelled
        } else {
            end(outcome)
        }
    }

    /// Nobody measures it, so that there is no instrument, and a SIGTERM ends it at once.
    fn verify(&self, environment: &Environment) -> Result<(), Failure> {
        let job = self.offer(environment)?.verification(
            environment.params.as_deref(),
            environment.implementation.as_deref(),
            &environment.step,
        )?;
        let context = Context::attached(environment)?;
        let outcome = job(&context);
        context.finish(&outcome);
        outcome
    }
}

/// Says what went wrong, if anything.
fn end(outcome: Result<(), Failure>) -> Exit {
    let Err(failure) = outcome else {
        return Exit::Completed;
    };
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(std::io::stderr(), "{failure}");
    failure.exit()
}

fn print(value: &impl Serialize) -> Result<(), Failure> {
    let mut json =
        serde_json::to_string_pretty(value).map_err(|error| Failure::Other(error.to_string()))?;
    json.push('\n');
    std::io::stdout()
        .write_all(json.as_bytes())
        .map_err(|error| Failure::Other(format!("writing to standard output: {error}")))
}
