//! A store, asked.

use std::path::Path;
use std::sync::Arc;

use plimsoll_workload::Failure;

use super::caches::Front;
use super::codecs::of_store;
use super::kind::Kind;
use super::records::Source;
use crate::account::Held;
use crate::answers::{Answer, Answers};
use crate::codec::Codec;
use crate::encoding::Encoding;
use crate::job::{Job, Serving};
use crate::lazy::Loader;
use crate::search::{Top, inner_product, rescored, scan};
use crate::store::{Access, OpenOptions, Store, StoreError};

/// Records, what stands before them, and codes where there are any.
pub(super) struct Opened {
    records: Source,
    front: Front,
    codes: Option<(Store, Arc<dyn Codec>)>,
    /// How many of the best by their codes are wanted, for the answers or for the proof.
    by_code: usize,
    /// How the system was told that records will be read.
    access: Access,
    found: Vec<Answer>,
    table: Held,
    cache: Held,
    pool: Held,
}

/// Opens what was ingested, to be read.
pub(super) fn open(kind: &Kind, job: &Job<'_>) -> Result<Opened, Failure> {
    let (store, codec) = open_store(job, &Kind::records_path(job), kind.records(job.params))?;
    let codes = kind
        .codes
        .map(|codes| open_store(job, &Kind::codes_path(job), codes));
    let records = Source {
        store,
        codec,
        reading: kind.reading,
    };
    let context = job.context;
    Ok(Opened {
        front: Front::new(kind.caching, job.params, &records)?,
        records,
        codes: codes.transpose()?,
        by_code: kind.rescored(job.params),
        access: Access::Normal,
        found: Vec::new(),
        table: Held::new(context, "table", 0),
        cache: Held::new(context, "cache", 0),
        pool: Held::new(context, "pool", 0),
    })
}

fn open_store(
    job: &Job<'_>,
    path: &Path,
    encoding: Encoding,
) -> Result<(Store, Arc<dyn Codec>), Failure> {
    let options = OpenOptions {
        dimension: Some(job.params.dim),
        encoding: Some(encoding),
        ..OpenOptions::default()
    };
    let store = Store::open(path, &options)?;
    if store.len() != job.params.n {
        return Err(Failure::Other(format!(
            "{} has {} records where {} were stored; run the step ingest again",
            path.display(),
            store.len(),
            job.params.n
        )));
    }
    let codec = of_store(&store)?;
    Ok((store, codec))
}

impl Opened {
    /// Tells the system how records are read from now on. Where they do not fit memory, a read of one would else fetch those
    /// about it as well, and a pass over all of them one page at a time.
    fn expect(&mut self, access: Access) {
        if self.access != access {
            self.records.store.advise(access);
            self.access = access;
        }
    }
}

impl Serving for Opened {
    fn read(&mut self, id: u128, row: &mut [f32]) -> Result<(), Failure> {
        self.expect(Access::Random);
        let record = self.records.find(id)?;
        self.front.read(&self.records, record, row)
    }

    fn search(&mut self, query: &[f32], k: usize) -> Result<(), Failure> {
        if self.codes.is_none() {
            self.expect(Access::Sequential);
        }
        let (store, codec) = match &self.codes {
            Some((store, codec)) => (store, codec),
            None => (&self.records.store, &self.records.codec),
        };
        let is_exact = codec.encoding() == Encoding::F32;
        let most = if is_exact { k } else { k.max(self.by_code) };
        let records = store.records();
        let mut top = Top::new(most);
        let scorer = codec.scorer(query);
        scan(
            &*scorer,
            records.bytes,
            records.stride,
            records.len(),
            0,
            &mut top,
        );
        let mut nearest = top.into_hits();
        let by_code = if is_exact {
            Vec::new()
        } else {
            nearest.iter().map(|hit| hit.index as u32).collect()
        };
        if self.codes.is_some() && self.by_code > 0 {
            let mut row = vec![0.0; query.len()];
            nearest = rescored(&nearest, k, |index| {
                self.records.row(index as usize, &mut row)?;
                Ok::<_, StoreError>(inner_product(query, &row))
            })?;
        }
        nearest.truncate(k);
        self.found.push(Answer { nearest, by_code });
        Ok(())
    }

    fn answers(&mut self) -> Result<Answers, Failure> {
        Ok(Answers(std::mem::take(&mut self.found)))
    }

    fn hits(&self) -> Option<(u64, u64)> {
        self.front.stats().map(|stats| (stats.hits, stats.misses))
    }

    fn loader(&self) -> Option<Arc<dyn Loader>> {
        self.front.loader()
    }

    fn take_more_chunks(&mut self, more: u32) -> bool {
        self.front.take_more_chunks(more)
    }

    fn account(&mut self) {
        let codes = self.codes.iter().map(|(store, _)| store);
        let stores = codes.chain([&self.records.store]);
        self.table
            .set(stores.map(|store| store.stats().heap_bytes()).sum());
        let (cache, pool) = self.front.bytes();
        self.cache.set(cache);
        self.pool.set(pool);
    }
}
