//! What part of the time of ingesting and reading is the pool's.

use plimsoll_workload::Failure;
use plimsoll_workload::clock::thread_cpu_ns;
use xxhash_rust::xxh3::xxh3_64;

use super::kinds::Cached;
use super::params::Params;
use super::values::{Chunks, dry};
use crate::cache::Policy;
use crate::codec::Sq8PerVector;
use crate::data::{Access, DataSet, Generator};
use crate::pool::{Pool, PoolOptions, SharedChunk};
use crate::{Codec, CodecError};

/// How often the pool is called for each chunk in one of two turns.
const REPEATS: u32 = 10;
/// Turns of either kind.
const TURNS: usize = 15;
/// Reads for each vector that is ingested: a trace as long as thirty times the store.
const READS: usize = 30;

/// Ingests vectors (made, then encoded, each in a chunk of the pool) and reads values through the cache, in turns with one call of
/// the pool for each chunk and with ten: nine calls more cost nine times what the pool's part is. The median of that part.
pub(super) fn pool_share<P: Policy<SharedChunk>>(
    params: &Params,
    reader: &Cached<SharedChunk, P, Chunks>,
    accesses: &[Access],
) -> Result<f64, Failure> {
    let dimension = params.value_bytes;
    let clusters = Generator::usual_clusters(params.universe.into());
    let generator = Generator::new(DataSet::Default, dimension, clusters, params.seed);
    let generator = generator.map_err(|error| Failure::Input(error.to_string()))?;
    let not_encoded = |error: CodecError| Failure::Input(error.to_string());
    let codec = Sq8PerVector::new(dimension).map_err(not_encoded)?;
    let rows = Pool::new(PoolOptions::of(size_of::<f32>() * dimension)).map_err(dry)?;
    let mut payload = vec![0; codec.payload()];
    let repeated = reader.source.repeated(REPEATS);
    let mut read = 0_u64;
    let mut parts = accesses
        .chunks((accesses.len() / (2 * TURNS)).max(1))
        .enumerate();
    let mut turn = |repeats: u32| -> Result<f64, Failure> {
        let Some((number, part)) = parts.next() else {
            return Ok(0.0);
        };
        let source = if repeats == 1 {
            &reader.source
        } else {
            &repeated
        };
        let begin = thread_cpu_ns();
        for row in 0..part.len() / READS {
            let mut chunk = rows.try_alloc().map_err(dry)?;
            for _ in 1..repeats {
                drop(chunk);
                chunk = rows.try_alloc().map_err(dry)?;
            }
            if let Some(values) = chunk.floats_mut() {
                generator.row((number * part.len() + row) as u64, values);
                let encoded = codec.encode(values, &mut payload);
                encoded.map_err(|problem| Failure::Other(problem.to_string()))?;
            }
            read = read.wrapping_add(payload[0].into());
        }
        for access in part {
            let (value, _) = reader.value(access.key, source)?;
            read = read.wrapping_add(xxh3_64(&value));
        }
        Ok((thread_cpu_ns() - begin) as f64 / part.len() as f64)
    };
    let mut shares = Vec::new();
    for number in 0..TURNS {
        // Whoever comes second finds warmer tables: they take turns in that, too.
        let (once, often) = if number % 2 == 0 {
            let once = turn(1)?;
            (once, turn(REPEATS)?)
        } else {
            let often = turn(REPEATS)?;
            (turn(1)?, often)
        };
        shares.push((often - once) / f64::from(REPEATS - 1) / once.max(1.0));
    }
    std::hint::black_box(read);
    shares.sort_unstable_by(f64::total_cmp);
    Ok(shares[TURNS / 2].max(0.0))
}
