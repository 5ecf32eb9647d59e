//! Proof that a run's answers are what they claim: about the vectors that were prepared, with exact distances, in order. Says
//! how much of the truth is in them.

use plimsoll_workload::{Context, Failure};

use crate::answers::Answers;
use crate::digest;
use crate::inputs::Inputs;
use crate::measures;
use crate::params::Params;
use crate::proof;
use crate::quantized;
use crate::rows::Rows;
use crate::truth::{Near, recall};

/// Holds the answers at the output's place against the vectors, and reports the digests `input` and `truth`, and the recall
/// with each `ef`. An index that is the same in every run is held against all that it should be, and has the digest
/// `index`.
///
/// # Errors
/// There are no such answers, or not to all queries; one names a vector twice, or one that is not there, or with a
/// distance that is not exact, or out of order; or the index is not what it should be. The message says which.
pub fn verify(params: &Params, context: &Context) -> Result<(), Failure> {
    let inputs = Inputs::open(context.inputs())?;
    let path = context.output().ok_or_else(|| {
        Failure::Input(
            "there is no output to verify; set PLIMSOLL_OUTPUT to the file of answers".into(),
        )
    })?;
    let answers = Answers::read(&path)?;
    context.digest("input").finish_with(&inputs.digest()?);
    let index = quantized::path(context);
    if index.is_file() {
        context
            .digest("index")
            .finish_with(&digest::of_files([&index])?);
        proof::prove(context, &inputs, &index, &answers)?;
    }
    let failed = |error: crate::RowsError| Failure::Other(error.to_string());
    let truth = inputs.truth().map_err(failed)?;
    let mut digest = context.digest("truth");
    for near in truth.iter().flatten() {
        digest.update(&near.id.to_le_bytes());
        digest.update(&near.distance.to_le_bytes());
    }
    digest.finish();
    let asked: Vec<_> = answers.iter().map(|(ef, _)| ef).collect();
    if asked != params.asked() {
        return Err(Failure::Other(format!(
            "{} has answers for ef {asked:?}, not {:?}; run the step query again",
            path.display(),
            params.asked()
        )));
    }
    for (ef, answers) in answers.iter() {
        let share = checked(&inputs, &truth, answers).map_err(|what| {
            Failure::Other(format!("the answers with ef {ef} are wrong: {what}"))
        })?;
        measures::report_recall(context, params, ef, share);
    }
    Ok(())
}

/// The mean recall of answers, if each is right in form.
fn checked(inputs: &Inputs, truth: &[Vec<Near>], answers: &[Vec<Near>]) -> Result<f64, String> {
    if answers.len() != truth.len() {
        return Err(format!(
            "there are {} to {} queries",
            answers.len(),
            truth.len()
        ));
    }
    let mut sum = 0.0;
    for (query, (answer, truth)) in answers.iter().zip(truth).enumerate() {
        let told = |what: String| format!("query {query} {what}");
        let (given, wanted) = (answer.len(), truth.len());
        if given > wanted {
            return Err(told(format!(
                "has {given} vectors where {wanted} were asked for"
            )));
        }
        if let Some(near) = answer
            .iter()
            .find(|near| near.id as usize >= inputs.base().len())
        {
            return Err(told(format!("has vector {}, which is not there", near.id)));
        }
        let ids = answer.iter().map(|near| near.id);
        let vector = inputs.query(query).map_err(|error| error.to_string())?;
        let exact = inputs
            .exactly(&vector, ids)
            .map_err(|error| error.to_string())?;
        let differs = answer.iter().zip(&exact).find(|(given, exact)| {
            given.id != exact.id || given.distance.to_bits() != exact.distance.to_bits()
        });
        if let Some((given, exact)) = differs {
            return Err(told(format!("has {given:?} in the place of {exact:?}")));
        }
        // In the order of answers a repeated vector is next to itself.
        if let Some(twice) = answer.windows(2).find(|two| two[0].id == two[1].id) {
            return Err(told(format!("has vector {} twice", twice[0].id)));
        }
        sum += recall(answer, truth);
    }
    Ok(sum / truth.len() as f64)
}
