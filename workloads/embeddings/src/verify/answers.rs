//! The answers of a run: in order, with right scores, and how much of the truth is in them.

use std::collections::HashSet;
use std::convert::Infallible;

use crate::answers::{Answer, Answers};
use crate::job::Job;
use crate::measures::{self, CODE_RECALL, RECALL, RESCORED_IDENTICAL};
use crate::search::{Hit, identical, inner_product, recall, rescored};

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
    let (mut found, mut found_by_code, mut same) = (0.0, 0.0, 0);
    let mut are_searched_by_code = false;
    for (number, (answer, truth)) in answers.0.iter().zip(&truth.0).enumerate() {
        job.generator.query(number as u64, &mut query);
        let told = |what| format!("the answer to query {number} {what}");
        let (nearest, k) = (&truth.nearest, truth.nearest.len());
        check(job, scoring, &query, answer, k).map_err(told)?;
        if scoring == Scoring::Exact && !identical(&answer.nearest, nearest) {
            return Err(told("is not the exact one".to_owned()));
        }
        found += recall(&answer.nearest, nearest);
        are_searched_by_code |= !answer.by_code.is_empty();
        let hit = |index: &u32| Hit {
            index: (*index).into(),
            score: 0.0,
        };
        let by_code: Vec<Hit> = answer.by_code.iter().map(hit).collect();
        found_by_code += recall(&by_code[..k.min(by_code.len())], nearest);
        let mut row = vec![0.0; job.params.dim];
        let Ok(again) = rescored(&by_code, k, |index| {
            job.generator.row(index, &mut row);
            Ok::<_, Infallible>(inner_product(&query, &row))
        });
        if scoring == Scoring::Rescored && !identical(&again, &answer.nearest) {
            return Err(told("is not of the best by their codes".to_owned()));
        }
        same += usize::from(identical(&again, nearest));
    }
    let (context, queries) = (job.context, queries as f64);
    measures::report(context, RECALL, found / queries);
    if are_searched_by_code {
        measures::report(context, CODE_RECALL, found_by_code / queries);
        measures::report(context, RESCORED_IDENTICAL, same as f64 / queries);
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
    let n = job.params.n as u64;
    let codes = by_code.iter().map(|number| u64::from(*number));
    let mut numbers = nearest.iter().map(|hit| hit.index).chain(codes);
    if let Some(unknown) = numbers.find(|number| *number >= n) {
        return Err(format!("has vector {unknown} of {n}"));
    }
    let is_before = |one: &Hit, next: &Hit| {
        one.score > next.score || one.score == next.score && one.index < next.index
    };
    if !nearest.is_sorted_by(is_before) {
        return Err("is not in order, or has a vector twice".to_owned());
    }
    if by_code.iter().collect::<HashSet<_>>().len() != by_code.len() {
        return Err("has a vector twice among the best by their codes".to_owned());
    }
    if scoring == Scoring::Lossy {
        return Ok(());
    }
    let mut row = vec![0.0; job.params.dim];
    for hit in nearest {
        job.generator.row(hit.index, &mut row);
        let score = inner_product(query, &row);
        if score.to_bits() != hit.score.to_bits() {
            let Hit { index, score: told } = hit;
            return Err(format!(
                "tells {told} of vector {index}, whose score is {score}"
            ));
        }
    }
    Ok(())
}
