//! Asking a loaded index everything, one query after another on one thread, for each `ef` in turn.

use std::time::Instant;

use plimsoll_workload::{Failure, Unit};

use super::steps::Job;
use crate::answers::Answers;
use crate::measures;
use crate::rows::Rows;
use crate::truth::Near;

/// An index that can be asked.
pub(crate) trait Loaded {
    /// What a search finds, before it is brought into the form of answers.
    type Found;

    /// The `k` nearest of a query, with `ef` vectors in view. This is timed.
    fn search(&mut self, query: &[f32], ef: usize, k: usize) -> Result<Self::Found, Failure>;

    /// The answer: exact distances, in their order. This is not.
    fn answer(&mut self, query: &[f32], found: Self::Found) -> Result<Vec<Near>, Failure>;
}

/// In the ledger, until the step is over.
pub(super) const ANSWERS: &str = "answers";

/// Asks all queries once for every `ef`, and reports how long each took; before that, all of them once with the largest
/// `ef` and without a clock, so that no time has the first touch of what it looks at in it. Leaves the answers at the output's place, and returns them.
pub(crate) fn ask(job: &Job<'_>, index: &mut impl Loaded) -> Result<Answers, Failure> {
    let Job {
        inputs,
        params,
        context,
    } = *job;
    let queries = read_queries(job)?;
    let held = context.ledger("queries");
    let bytes = queries
        .iter()
        .map(|query| size_of_val(&query[..]) + size_of_val(query));
    held.set(bytes.sum::<usize>() as u64);
    let k = params.k.min(inputs.base().len());
    let answered = context.ledger(ANSWERS);
    context.phase("warm", || {
        let largest = params.asked().last().copied().unwrap_or(k);
        queries
            .iter()
            .try_for_each(|query| index.search(query, largest, k).map(drop))
    })?;
    let mut answers = Answers::default();
    for ef in params.asked() {
        let (found, mut seconds) =
            context.phase("query", || timed(job, index, &queries, *ef, k))?;
        if let Some(names) = measures::of(*ef) {
            let mut latency = context.histogram(names.latency, Unit::Seconds);
            seconds.iter().for_each(|seconds| latency.record(*seconds));
        }
        if let Some(p95) = percentile(&mut seconds, 0.95) {
            measures::report_p95(context, params, *ef, p95);
        }
        let exact = found.into_iter().zip(&queries);
        let exact = exact.map(|(found, query)| index.answer(query, found));
        let exact = exact.collect::<Result<Vec<_>, _>>()?;
        let bytes =
            |answer: &Vec<Near>| answer.capacity() * size_of::<Near>() + size_of_val(answer);
        answered.add(exact.iter().map(bytes).sum::<usize>() as u64);
        answers.push(*ef, exact);
    }
    if let Some(path) = context.output() {
        answers.write(&path)?;
    }
    drop(queries);
    held.set(0);
    Ok(answers)
}

fn read_queries(job: &Job<'_>) -> Result<Vec<Vec<f32>>, Failure> {
    let queries = (0..job.inputs.queries().len()).map(|index| job.inputs.query(index));
    queries
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Other(error.to_string()))
}

/// What each query found, and the seconds it took.
fn timed<L: Loaded>(
    job: &Job<'_>,
    index: &mut L,
    queries: &[Vec<f32>],
    ef: usize,
    k: usize,
) -> Result<(Vec<L::Found>, Vec<f64>), Failure> {
    let progress = job.context.progress("queries", Some(queries.len() as u64));
    let mut all = Vec::with_capacity(queries.len());
    let mut seconds = Vec::with_capacity(queries.len());
    for query in queries {
        let start = Instant::now();
        let found = index.search(query, ef, k)?;
        seconds.push(start.elapsed().as_secs_f64());
        all.push(found);
        progress.add(1);
    }
    Ok((all, seconds))
}

/// The least value that is not below this share of all; nothing of nothing.
fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * share).ceil() as usize;
    values.get(place.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_so_many_are_not_above() {
        let of = |values: &[f64]| percentile(&mut values.to_vec(), 0.95);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[3.0]), Some(3.0));
        assert_eq!(of(&[2.0, 1.0]), Some(2.0));
        let hundred: Vec<_> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(of(&hundred), Some(95.0));
    }
}
