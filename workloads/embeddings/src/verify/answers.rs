//! The answers of a run: in order, with right scores, and how much of the truth is in them.

use std::collections::HashSet;

use crate::answers::{Answer, Answers, Near};
use crate::best::Best;
use crate::job::Job;
use crate::measures::{self, CODE_RECALL, RECALL, RESCORED_IDENTICAL};
use crate::search::inner_product;

/// What answers can be held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scoring {
    /// They are the exact ones.
    Exact,
    /// Scores are exact; a vector whose code is far off may be missing.
    Rescored,
    /// Scores are those of codes.
    Lossy,
}

/// Holds answers against the vectors and the truth; reports what share of it they have.
pub(super) fn verify(
    job: &Job<'_>,
    scoring: Scoring,
    truth: &Answers,
    answers: &Answers,
) -> Result<(), String> {
    let queries = truth.0.len();
    if answers.0.len() != queries {
        return Err(format!(
            "there are answers to {} of {queries} queries",
            answers.0.len()
        ));
    }
    if scoring == Scoring::Exact {
        truth.report_digest(job.context);
    }
    let mut query = vec![0.0; job.params.dim];
    let (mut found, mut found_by_code, mut identical) = (0, 0, 0);
    let mut wanted = 0;
    let mut are_searched_by_code = false;
    for (number, (answer, truth)) in answers.0.iter().zip(&truth.0).enumerate() {
        job.generator.query(number as u64, &mut query);
        let told = |what| format!("the answer to query {number} {what}");
        check(job, scoring, &query, answer, truth.nearest.len()).map_err(told)?;
        if scoring == Scoring::Exact && answer.nearest != truth.nearest {
            return Err(told("is not the exact one".to_owned()));
        }
        let true_ones: HashSet<u32> = truth.nearest.iter().map(|near| near.what).collect();
        let right = |number: &u32| true_ones.contains(number);
        wanted += true_ones.len();
        found += answer
            .nearest
            .iter()
            .filter(|near| right(&near.what))
            .count();
        let first = answer.by_code.iter().take(truth.nearest.len());
        found_by_code += first.filter(|number| right(number)).count();
        are_searched_by_code |= !answer.by_code.is_empty();
        let again = rescored(job, &query, &answer.by_code, truth.nearest.len());
        if scoring == Scoring::Rescored && again != answer.nearest {
            return Err(told("is not of the best by their codes".to_owned()));
        }
        identical += usize::from(again == truth.nearest);
    }
    let context = job.context;
    measures::report(context, RECALL, found as f64 / wanted as f64);
    if are_searched_by_code {
        measures::report(context, CODE_RECALL, found_by_code as f64 / wanted as f64);
        measures::report(
            context,
            RESCORED_IDENTICAL,
            identical as f64 / queries as f64,
        );
    }
    Ok(())
}

/// The form of an answer, and its scores where they are exact.
fn check(
    job: &Job<'_>,
    scoring: Scoring,
    query: &[f32],
    answer: &Answer,
    wanted: usize,
) -> Result<(), String> {
    let Answer { nearest, by_code } = answer;
    if nearest.len() != wanted {
        return Err(format!(
            "has {} vectors where {wanted} were asked for",
            nearest.len()
        ));
    }
    let n = job.params.n;
    let numbers = nearest.iter().map(|near| &near.what).chain(by_code);
    if let Some(unknown) = numbers.clone().find(|number| **number as usize >= n) {
        return Err(format!("has vector {unknown} of {n}"));
    }
    if !nearest.is_sorted_by(|one, next| one.order(next).is_lt()) {
        return Err("is not in order, or has a vector twice".to_owned());
    }
    if by_code.iter().collect::<HashSet<_>>().len() != by_code.len() {
        return Err("has a vector twice among the best by their codes".to_owned());
    }
    if scoring == Scoring::Lossy {
        return Ok(());
    }
    let mut row = vec![0.0; job.params.dim];
    for near in nearest {
        job.generator.row(near.what.into(), &mut row);
        let score = inner_product(query, &row);
        if score.to_bits() != near.score.to_bits() {
            let Near { score: told, what } = near;
            return Err(format!(
                "tells {told} of vector {what}, whose score is {score}"
            ));
        }
    }
    Ok(())
}

/// The nearest of these vectors by their exact scores.
fn rescored(job: &Job<'_>, query: &[f32], numbers: &[u32], wanted: usize) -> Vec<Near> {
    let mut row = vec![0.0; job.params.dim];
    let mut best = Best::new(wanted);
    for number in numbers {
        job.generator.row((*number).into(), &mut row);
        best.offer(inner_product(query, &row), *number);
    }
    best.into_sorted()
}
