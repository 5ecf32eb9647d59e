//! What encodes and decodes the records of a store: trained on vectors of the run, or made of the parameters that a store has.

use std::sync::Arc;

use plimsoll_workload::Failure;
use rayon::prelude::*;

use crate::codec::{
    Binary, BinaryQuery, Codec, CodecError, Full, Half, Product, Ranges, Sq8PerDimension,
    Sq8PerVector, codec_of,
};
use crate::encoding::Encoding;
use crate::job::Job;
use crate::measures;
use crate::simd::Simd;
use crate::store::Store;

/// Bytes of the vectors that ranges are widened by at a time.
const BLOCK: usize = 1 << 20;

/// The codec of a store's records.
pub(crate) fn of_store(store: &Store) -> Result<Arc<dyn Codec>, Failure> {
    let (dimension, payload) = (store.dimension(), store.payload());
    let codec = codec_of(store.encoding(), dimension, payload, store.parameters());
    Ok(codec.map_err(|error| damaged(store, error))?.into())
}

/// The same by plain loops, which all others are held against.
pub(crate) fn plain_of_store(store: &Store) -> Result<Arc<dyn Codec>, Failure> {
    let (dimension, parameters) = (store.dimension(), store.parameters());
    let codec = || -> Result<Arc<dyn Codec>, CodecError> {
        let plain = Simd::PLAIN;
        Ok(match store.encoding() {
            Encoding::F32 => Arc::new(Full::new(dimension)?.with_simd(plain)),
            Encoding::F16 => Arc::new(Half::new(dimension)?.with_simd(plain)),
            Encoding::Sq8PerVector => Arc::new(Sq8PerVector::new(dimension)?.with_simd(plain)),
            Encoding::Sq8PerDimension => {
                let codec = Sq8PerDimension::from_parameters(dimension, parameters)?;
                Arc::new(codec.with_simd(plain))
            }
            Encoding::Product => {
                let codec = Product::from_parameters(dimension, store.payload(), parameters)?;
                Arc::new(codec.with_simd(plain))
            }
            Encoding::Binary => {
                let codec = Binary::new(dimension, BinaryQuery::default())?;
                Arc::new(codec.with_simd(plain))
            }
        })
    };
    codec().map_err(|error| damaged(store, error))
}

fn damaged(store: &Store, error: CodecError) -> Failure {
    Failure::Other(format!("{}: {error}", store.path().display()))
}

/// A codec of this encoding for the vectors of a run, and the processor time that its training took.
pub(crate) fn trained(job: &Job<'_>, encoding: Encoding) -> Result<(Arc<dyn Codec>, f64), Failure> {
    let dim = job.params.dim;
    let mut seconds = 0.0;
    let mut codec = || -> Result<Arc<dyn Codec>, CodecError> {
        Ok(match encoding {
            Encoding::F32 => Arc::new(Full::new(dim)?),
            Encoding::F16 => Arc::new(Half::new(dim)?),
            Encoding::Sq8PerVector => Arc::new(Sq8PerVector::new(dim)?),
            Encoding::Binary => Arc::new(Binary::new(dim, BinaryQuery::default())?),
            Encoding::Sq8PerDimension => {
                let mut ranges = Ranges::new(dim)?;
                let per_block = (BLOCK / (4 * dim)).max(1);
                sample(job, job.params.train_rows, per_block, |rows| {
                    let begun = measures::cpu_seconds();
                    let added = ranges.add(rows);
                    seconds += measures::cpu_seconds() - begun;
                    added
                })?;
                Arc::new(ranges.codec()?)
            }
            Encoding::Product => {
                let most = job.params.train_rows.min(Product::MOST_ROWS);
                let mut codec = None;
                sample(job, most, most, |rows| {
                    let begun = measures::cpu_seconds();
                    let codes = job.params.code_bytes();
                    codec = Some(Product::train(dim, codes, rows, job.params.seed)?);
                    seconds += measures::cpu_seconds() - begun;
                    Ok(())
                })?;
                Arc::new(codec.ok_or(CodecError::TooFewRows { rows: 0, needed: 1 })?)
            }
        })
    };
    let codec = codec().map_err(|error| Failure::Input(format!("the training: {error}")))?;
    Ok((codec, seconds))
}

/// Makes at most so many vectors, at equal distances over all, and hands them on in blocks.
fn sample(
    job: &Job<'_>,
    most: usize,
    per_block: usize,
    mut take: impl FnMut(&[f32]) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    let (n, dim) = (job.params.n, job.params.dim);
    let count = most.min(n);
    let mut rows = vec![0.0_f32; per_block.min(count) * dim];
    for first in (0..count).step_by(per_block) {
        let rows = &mut rows[..per_block.min(count - first) * dim];
        let made = rows.par_chunks_exact_mut(dim).with_min_len(16).enumerate();
        made.for_each(|(at, row)| {
            let number = (first + at) as u64 * n as u64 / count as u64;
            job.generator.row(number, row);
        });
        take(rows)?;
    }
    Ok(())
}
