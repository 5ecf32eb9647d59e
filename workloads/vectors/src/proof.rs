//! Proof that a saved index is what it should be: whole, its graph in order and all of it within reach, the same when it is
//! saved again, and asked before it was saved, it gave the answers that it gives now.

use std::path::{Path, PathBuf};

use plimsoll_workload::{Context, Failure};

use crate::answers::Answers;
use crate::index::{Index, IndexError, Verify};
use crate::inputs::Inputs;
use crate::measures::{self, SELF_RECALL};
use crate::rows::Rows;

/// Vectors that are looked for in their own index.
const SELF_QUERIES: usize = 1000;
/// With so many in view.
const SELF_EF: usize = 64;
/// Queries that are asked before an index is saved.
pub(crate) const ASKED_BEFORE: usize = 100;

/// Where the answers are kept that the index at `path` gave before it was saved.
pub(crate) fn before(path: &Path) -> PathBuf {
    path.with_extension("before")
}

/// Holds the index at `path` against all of that, and reports how many vectors find themselves.
///
/// # Errors
/// Something does not hold, or cannot be read; the message says what.
pub(crate) fn prove(
    context: &Context,
    inputs: &Inputs,
    path: &Path,
    answers: &Answers,
) -> Result<(), Failure> {
    let failed = |error: IndexError| Failure::Other(error.to_string());
    let wrong = |what: &dyn std::fmt::Display| {
        Failure::Other(format!("the index {} is wrong: {what}", path.display()))
    };
    let index = Index::open(path, Verify::Full).map_err(failed)?;
    index.check().map_err(|broken| wrong(&broken))?;
    if !index.is_saved_at(path).map_err(failed)? {
        return Err(wrong(&"saved again it has other bytes"));
    }
    let found = self_recall(&index, inputs).map_err(failed)?;
    measures::report(context, SELF_RECALL, found);
    let before = Answers::read(&before(path))?;
    if !begins_with(answers, &before) {
        return Err(wrong(
            &"before it was saved it gave other answers than after it was loaded",
        ));
    }
    Ok(())
}

/// The share of vectors, of so many spread over all, that are found first when they are asked for: they, or one that is
/// equal.
fn self_recall(index: &Index, inputs: &Inputs) -> Result<f64, IndexError> {
    let base = inputs.base();
    let count = base.len().min(SELF_QUERIES);
    let mut searcher = index.searcher()?;
    let mut vector = vec![0.0; base.dim()];
    let mut found = 0;
    for at in 0..count {
        base.read(at * (base.len() / count), &mut vector)?;
        let nearest = searcher.search(&vector, SELF_EF, base, 1)?;
        found += usize::from(
            nearest
                .first()
                .is_some_and(|(_, distance)| *distance == 0.0),
        );
    }
    Ok(found as f64 / count as f64)
}

/// Whether the first answers with every `ef` of `before` are its own, to the last bit.
fn begins_with(answers: &Answers, before: &Answers) -> bool {
    before.iter().all(|(ef, first)| {
        let same = |(at, all): (usize, &[_])| at == ef && all.starts_with(first);
        answers.iter().any(same)
    })
}
