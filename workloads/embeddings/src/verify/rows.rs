//! Every record of a store against its vector, made anew and encoded by the plain encoder.

use std::sync::Arc;

use plimsoll_workload::Failure;
use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use super::bound::Bounds;
use crate::codec::Codec;
use crate::encoding::Encoding;
use crate::job::Job;
use crate::measures::CODES_DIGEST;
use crate::store::Store;
use crate::stored::plain_of_store;

/// Records that a thread takes at a time.
const AT_A_TIME: usize = 64;

/// The plain encoder of product quantisation takes a while: of its records so many are looked at, spread over all.
const SLOW: usize = 4000;

/// The records of a store and what makes them.
pub(super) struct Rows<'a> {
    job: Job<'a>,
    store: &'a Store,
    codec: Arc<dyn Codec>,
    bounds: Bounds,
}

/// How far what is decoded is from what was encoded, on the mean.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Differences {
    /// Of squares of differences, over all values.
    pub(super) square: f64,
    /// Of 1 less the cosine, over all vectors.
    pub(super) cosine: f64,
}

impl<'a> Rows<'a> {
    pub(super) fn new(job: &Job<'a>, store: &'a Store) -> Result<Self, Failure> {
        Ok(Self {
            job: *job,
            store,
            codec: plain_of_store(store)?,
            bounds: Bounds::of(store),
        })
    }

    /// Holds the records against their vectors, by all threads; the last one is always among them.
    pub(super) fn verify(&self) -> Result<Differences, Failure> {
        let n = self.store.len();
        let is_slow = self.store.encoding() == Encoding::Product;
        let looked_at = if is_slow { n.min(SLOW) } else { n };
        let tasks = (0..looked_at.div_ceil(AT_A_TIME))
            .into_par_iter()
            .map(|task| {
                let first = task * AT_A_TIME;
                let places = first..(first + AT_A_TIME).min(looked_at);
                // From the first to the last, at equal distances.
                self.some(places.map(|place| (place + 1) * n / looked_at - 1))
            });
        // Added in their order, whoever has computed them.
        let sums = tasks.collect::<Result<Vec<Differences>, _>>()?;
        let all = sums
            .iter()
            .fold(Differences::default(), |all, some| Differences {
                square: all.square + some.square,
                cosine: all.cosine + some.cosine,
            });
        Ok(Differences {
            square: all.square / (looked_at * self.job.params.dim) as f64,
            cosine: all.cosine / looked_at as f64,
        })
    }

    /// The sums over some records.
    fn some(&self, records: impl Iterator<Item = usize>) -> Result<Differences, Failure> {
        let dim = self.job.params.dim;
        let (mut row, mut decoded) = (vec![0.0; dim], vec![0.0; dim]);
        let mut payload = vec![0; self.codec.payload()];
        let mut sum = Differences::default();
        for record in records {
            let wrong = |what: &str| {
                let path = self.store.path().display();
                Failure::Other(format!("record {record} of {path} {what}"))
            };
            self.job.generator.row(record as u64, &mut row);
            let encoded = self.codec.encode(&row, &mut payload);
            encoded.map_err(|problem| wrong(&format!("has no code: {problem}")))?;
            if self.store.get(record)? != payload {
                return Err(wrong("is not what the plain encoder makes of its vector"));
            }
            self.codec.decode(&payload, &mut decoded);
            if let Some(value) = self.bounds.exceeded(&payload, &row, &decoded) {
                return Err(wrong(&format!(
                    "decodes value {value} to {}, too far from {}",
                    decoded[value], row[value]
                )));
            }
            let more = differences(&row, &decoded);
            sum.square += more.square;
            sum.cosine += more.cosine;
        }
        Ok(sum)
    }

    /// Reports the digest of all payloads, one after the other.
    pub(super) fn report_digest(&self) {
        let mut hasher = Xxh3::new();
        let records = self.store.records();
        for record in records.bytes.chunks_exact(records.stride) {
            hasher.update(&record[..self.store.payload()]);
        }
        let digest = self.job.context.digest(CODES_DIGEST);
        digest.finish_with(&format!("xxh3-128:{:032x}", hasher.digest128()));
    }
}

/// Those of one vector, its squares not divided by anything.
fn differences(row: &[f32], decoded: &[f32]) -> Differences {
    let pairs = || {
        row.iter()
            .zip(decoded)
            .map(|(x, y)| (f64::from(*x), f64::from(*y)))
    };
    let product: f64 = pairs().map(|(x, y)| x * y).sum();
    let lengths: f64 =
        pairs().map(|(x, _)| x * x).sum::<f64>() * pairs().map(|(_, y)| y * y).sum::<f64>();
    Differences {
        square: pairs().map(|(x, y)| (x - y) * (x - y)).sum(),
        // Two vectors of which one has no length have no angle: what is decoded of nothing is nothing.
        cosine: if lengths > 0.0 {
            1.0 - product / lengths.sqrt()
        } else {
            0.0
        },
    }
}
