//! Proof of a run, in a process of its own: the files are opened again, and all that is in them and in the answers is held against
//! what is made anew from the seed.

mod answers;
mod bound;
mod rows;
mod stored;

use plimsoll_workload::{Context, Failure};
use xxhash_rust::xxh3::Xxh3;

use crate::answers::Answers;
use crate::data::Trace;
use crate::inputs;
use crate::job::{Job, trace};
use crate::measures::VECTORS_DIGEST;
use crate::params::Params;
use crate::stored::Kind;
use answers::Scoring;

/// Proves what the run has left.
///
/// # Errors
/// A file is damaged or not there; a record, an id or an answer is not what it should be. The message says which.
pub(crate) fn verify(params: &Params, context: &Context) -> Result<(), Failure> {
    params.check()?;
    let generator = params.generator()?;
    let job = Job {
        params,
        generator: &generator,
        context,
    };
    let truth = inputs::open(params, context.inputs())?;
    let trace = trace(&job)?;
    let scoring = if Kind::records_path(&job).exists() {
        stored::verify(&job, &trace)?
    } else {
        // Nothing is encoded: what was read is what was made.
        digest(&job, &trace, |number, row| {
            generator.row(number.into(), row);
            Ok(())
        })?;
        Scoring::Exact
    };
    if params.queries == 0 {
        return Ok(());
    }
    let path = context.output().ok_or_else(|| {
        Failure::Input(
            "there is no output to verify; set PLIMSOLL_OUTPUT to the file of answers".into(),
        )
    })?;
    answers::verify(&job, scoring, &truth, &Answers::read(&path)?)
        .map_err(|what| Failure::Other(format!("{}: {what}", path.display())))
}

/// The digest that reading along the trace must have.
fn digest(
    job: &Job<'_>,
    trace: &Trace,
    mut read: impl FnMut(u32, &mut [f32]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if trace.is_empty() {
        return Ok(());
    }
    let mut row = vec![0.0_f32; job.params.dim];
    let mut hasher = Xxh3::new();
    for access in trace.iter() {
        read(access.key, &mut row)?;
        hasher.update(bytemuck::cast_slice(&row));
    }
    let digest = job.context.digest(VECTORS_DIGEST);
    digest.finish_with(&format!("xxh3-128:{:032x}", hasher.digest128()));
    Ok(())
}
