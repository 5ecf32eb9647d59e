//! A workload behind a common face, so that a program can offer several of different types.

use std::marker::PhantomData;
use std::path::Path;

use crate::describe::{ImplementationDescription, Key, MetricDescription, WorkloadDescription};
use crate::nearest::nearest;
use crate::{Context, Failure, Implementation, Workload};

use super::params;

/// What the verbs need of a workload.
pub(super) trait Offer {
    fn name(&self) -> &'static str;
    fn describe(&self) -> WorkloadDescription;
    fn key(&self, params: Option<&str>) -> Result<Key, Failure>;
    fn prepare(&self, params: Option<&str>, dir: &Path) -> Result<(), Failure>;
    /// Checks everything, then gives back the run itself.
    fn job(
        &self,
        params: Option<&str>,
        implementation: Option<&str>,
        step: &str,
    ) -> Result<Job, Failure>;
    /// The same for the proof of what the run left.
    fn verification(
        &self,
        params: Option<&str>,
        implementation: Option<&str>,
        step: &str,
    ) -> Result<Job, Failure>;
}

/// A run, or the proof of one, that only lacks its context.
pub(super) type Job = Box<dyn FnOnce(&Context) -> Result<(), Failure>>;

/// The workload `W`.
pub(super) struct Of<W>(pub(super) PhantomData<W>);

impl<W: Workload> Offer for Of<W> {
    fn name(&self) -> &'static str {
        W::NAME
    }

    fn describe(&self) -> WorkloadDescription {
        let implementation = |i: &Implementation<W>| ImplementationDescription {
            id: i.id.to_owned(),
            about: i.about.to_owned(),
            steps: i.steps.iter().map(|&step| step.to_owned()).collect(),
        };
        let metric = |m: &crate::Metric| MetricDescription {
            name: m.name.to_owned(),
            unit: m.unit,
            better: m.better,
            about: m.about.to_owned(),
        };
        WorkloadDescription {
            name: W::NAME.to_owned(),
            generator: W::GENERATOR,
            implementations: W::implementations().iter().map(implementation).collect(),
            schema: params::schema::<W>(),
            defaults: params::defaults::<W>(),
            metrics: W::metrics().iter().map(metric).collect(),
            digests: W::digests()
                .iter()
                .map(|&digest| digest.to_owned())
                .collect(),
            output: W::OUTPUT.to_owned(),
            verifies: W::VERIFIES,
        }
    }

    fn key(&self, params: Option<&str>) -> Result<Key, Failure> {
        let (params, complete) = params::complete::<W>(params)?;
        Ok(Key {
            params: complete,
            input_key: W::input_key(&params),
        })
    }

    fn prepare(&self, params: Option<&str>, dir: &Path) -> Result<(), Failure> {
        let (params, _) = params::complete::<W>(params)?;
        W::prepare(&params, dir)
    }

    fn job(
        &self,
        params: Option<&str>,
        implementation: Option<&str>,
        step: &str,
    ) -> Result<Job, Failure> {
        let run = chosen::<W>(implementation, step)?.run;
        let (params, _) = params::complete::<W>(params)?;
        Ok(Box::new(move |context| run(&params, context)))
    }

    fn verification(
        &self,
        params: Option<&str>,
        implementation: Option<&str>,
        step: &str,
    ) -> Result<Job, Failure> {
        if !W::VERIFIES {
            let message = format!("workload `{}` does not verify its output", W::NAME);
            return Err(Failure::Input(message));
        }
        chosen::<W>(implementation, step)?;
        let (params, _) = params::complete::<W>(params)?;
        Ok(Box::new(move |context| W::verify(&params, context)))
    }
}

/// The implementation of that id, or the first; and a step of it.
fn chosen<W: Workload>(
    implementation: Option<&str>,
    step: &str,
) -> Result<&'static Implementation<W>, Failure> {
    let all = W::implementations();
    let chosen = match implementation {
        Some(id) => all.iter().find(|i| i.id == id).ok_or_else(|| {
            none_such(
                &format!("workload `{}` has no implementation", W::NAME),
                id,
                all.iter().map(|i| i.id),
            )
        })?,
        None => all.first().ok_or_else(|| {
            Failure::Input(format!("workload `{}` has no implementation", W::NAME))
        })?,
    };
    if !step.is_empty() && !chosen.steps.contains(&step) {
        let what = format!("implementation `{}` has no step", chosen.id);
        return Err(none_such(&what, step, chosen.steps.iter().copied()));
    }
    if step.is_empty() && !chosen.steps.is_empty() {
        let message = format!(
            "implementation `{}` runs in steps: set {} to one of {}",
            chosen.id,
            crate::env::STEP,
            chosen.steps.join(", ")
        );
        return Err(Failure::Input(message));
    }
    Ok(chosen)
}

/// "WHAT `name`; did you mean ...?"
pub(super) fn none_such<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Failure {
    let hint = match nearest(name, known.clone()) {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => {
            let known: Vec<_> = known.collect();
            if known.is_empty() {
                String::new()
            } else {
                format!("; there are {}", known.join(", "))
            }
        }
    };
    Failure::Input(format!("{what} `{name}`{hint}"))
}
