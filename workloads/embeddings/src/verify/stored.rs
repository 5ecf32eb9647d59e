//! The stores of a run: whole, with every id in its place, and every code the one that the plain encoder makes.

use std::path::Path;

use plimsoll_workload::Failure;

use super::answers::Scoring;
use super::digest;
use super::rows::Rows;
use crate::data::Trace;
use crate::encoding::Encoding;
use crate::job::{Job, id_of};
use crate::measures::{self, COSINE_ERROR, MSE};
use crate::store::{Checks, OpenOptions, Store};
use crate::stored::{Kind, of_store, trained};

/// Proves the stores, and says how answers are scored that come of them.
pub(super) fn verify(job: &Job<'_>, trace: &Trace) -> Result<Scoring, Failure> {
    let records = open(job, &Kind::records_path(job))?;
    let codes_path = Kind::codes_path(job);
    let codes = if codes_path.exists() {
        Some(open(job, &codes_path)?)
    } else {
        None
    };
    ids(job, &records)?;
    let codec = of_store(&records)?;
    if records.encoding() == Encoding::F32 {
        // What was read is what was made.
        digest(job, trace, |number, row| {
            job.generator.row(number.into(), row);
            Ok(())
        })?;
    } else {
        digest(job, trace, |number, row| {
            codec.decode(records.get(number as usize)?, row);
            Ok(())
        })?;
    }
    if codes.is_some() {
        Rows::new(job, &records)?.verify()?;
    }
    parameters(job, &records)?;
    let searched = Rows::new(job, codes.as_ref().unwrap_or(&records))?;
    let error = searched.verify()?;
    searched.report_digest();
    measures::report(job.context, MSE, error.square);
    measures::report(job.context, COSINE_ERROR, error.cosine);
    let rescores = codes.is_some() && job.params.rescore != Some(0);
    Ok(match (records.encoding(), codes.is_some()) {
        (Encoding::F32, false) => Scoring::Exact,
        (Encoding::F32, true) if rescores => Scoring::Rescored,
        _ => Scoring::Lossy,
    })
}

/// Ranges are those of the vectors that they were to be found on. Centroids, which take long to find, are taken as they are.
fn parameters(job: &Job<'_>, store: &Store) -> Result<(), Failure> {
    if store.encoding() != Encoding::Sq8PerDimension {
        return Ok(());
    }
    let (codec, _) = trained(job, store.encoding())?;
    if codec.parameters() != store.parameters() {
        return Err(Failure::Other(format!(
            "the parameters of {} are not those of its vectors",
            store.path().display()
        )));
    }
    Ok(())
}

/// Opens a store and holds it against its checksums.
fn open(job: &Job<'_>, path: &Path) -> Result<Store, Failure> {
    let options = OpenOptions {
        checks: Checks::Never,
        dimension: Some(job.params.dim),
        ..OpenOptions::default()
    };
    let store = Store::open(path, &options)?;
    let wrong = |what: String| Err(Failure::Other(format!("{} {what}", path.display())));
    if store.len() != job.params.n {
        return wrong(format!("has {} records, not {}", store.len(), job.params.n));
    }
    let verified = store.verify()?;
    if let Some(first) = verified.damaged.first() {
        let damaged = verified.damaged.len();
        return wrong(format!(
            "has {damaged} damaged records, the first is {first}"
        ));
    }
    if let Some(first) = verified.damaged_ids.first() {
        return wrong(format!("has damaged ids, the first is {}", first.start));
    }
    Ok(store)
}

/// Every record has the id it should have, and is found by it.
fn ids(job: &Job<'_>, store: &Store) -> Result<(), Failure> {
    for record in 0..store.len() {
        let id = id_of(job, record as u64);
        if store.id(record)? != id || store.find(id)? != Some(record) {
            return Err(Failure::Other(format!(
                "record {record} of {} is not found by its id",
                store.path().display()
            )));
        }
    }
    Ok(())
}
