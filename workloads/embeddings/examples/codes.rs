//! Searches codes of generated vectors, one query after the other on one thread; what `scripts/peers/embeddings.py` holds against other
//! libraries.
//!
//! usage: codes DIRECTORY VECTORS DIMENSION QUERIES vectors|sq8|sq8-vector|pqBYTES|binary|signs
//!
//! `vectors` writes `base.f32` and `queries.f32`, row by row, and `truth.u32`, the ten nearest of each query. The others read the
//! files and print an object of JSON: bytes of a code, seconds of processor time to train, to encode and for a query, and what was
//! found.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

use plimsoll_embeddings::Codec;
use plimsoll_embeddings::codec::{Binary, BinaryQuery, Full, Product, Ranges, Sq8PerVector};
use plimsoll_embeddings::data::{DataSet, Generator};
use plimsoll_embeddings::search::{Top, scan, scan_in_parallel};
use rayon::prelude::*;
use rustix::time::{ClockId, clock_gettime};

const SEED: u64 = 42;
const K: usize = 10;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, n, dimension, queries, what] = &arguments[..] else {
        return Err("usage: codes DIRECTORY VECTORS DIMENSION QUERIES vectors|sq8|sq8-vector|pqBYTES|binary|signs".into());
    };
    let directory = Path::new(directory);
    let (n, dimension, queries) = (n.parse()?, dimension.parse()?, queries.parse()?);
    if what == "vectors" {
        return write(directory, n, dimension, queries);
    }
    let base = read(&directory.join("base.f32"))?;
    let began = cpu_seconds();
    let codec: Box<dyn Codec> = match what.as_str() {
        "sq8" => {
            let mut ranges = Ranges::new(dimension)?;
            ranges.add(&base)?;
            Box::new(ranges.codec()?)
        }
        "sq8-vector" => Box::new(Sq8PerVector::new(dimension)?),
        "binary" => Box::new(Binary::new(dimension, BinaryQuery::Values)?),
        "signs" => Box::new(Binary::new(dimension, BinaryQuery::Signs)?),
        other => {
            let bytes = other.strip_prefix("pq").ok_or("no such code")?;
            let rows = base.len() / dimension;
            let sampled = rows.min(Product::MOST_ROWS);
            let row = |at: usize| {
                let row = at * rows / sampled;
                &base[row * dimension..][..dimension]
            };
            let sample: Vec<f32> = (0..sampled).flat_map(row).copied().collect();
            Box::new(Product::train(dimension, bytes.parse()?, &sample, SEED)?)
        }
    };
    let trained = cpu_seconds();
    let payload = codec.payload();
    let mut codes = vec![0; base.len() / dimension * payload];
    let rows = base.par_chunks_exact(dimension);
    let encoded = rows.zip(codes.par_chunks_exact_mut(payload));
    encoded.try_for_each(|(row, code)| codec.encode(row, code).map(drop))?;
    let encoded = cpu_seconds();
    drop(base);
    let queries = read(&directory.join("queries.f32"))?;
    let search = |query| {
        let mut top = Top::new(K);
        scan(
            &*codec.scorer(query),
            &codes,
            payload,
            codes.len() / payload,
            0,
            &mut top,
        );
        let hits = top.into_hits();
        hits.iter().map(|hit| hit.index).collect::<Vec<_>>()
    };
    // Once for what it touches first.
    search(&queries[..dimension]);
    let began_search = cpu_seconds();
    let found: Vec<Vec<u64>> = queries.chunks_exact(dimension).map(search).collect();
    let per_query = (cpu_seconds() - began_search) / found.len() as f64;
    let told = serde_json::json!({
        "bytes": payload, "train": trained - began, "encode": encoded - trained, "query": per_query, "ids": found,
    });
    writeln!(std::io::stdout(), "{told}")?;
    Ok(())
}

fn write(directory: &Path, n: usize, dimension: usize, queries: usize) -> Result<()> {
    let clusters = Generator::usual_clusters(n as u64);
    let generator = Generator::new(DataSet::Default, dimension, clusters, SEED)?;
    let mut base = vec![0.0_f32; n * dimension];
    generator.rows_in_parallel(0, &mut base);
    let mut asked = vec![0.0_f32; queries * dimension];
    for (number, query) in (0..).zip(asked.chunks_exact_mut(dimension)) {
        generator.query(number, query);
    }
    let exact = Full::new(dimension)?;
    let mut truth: Vec<u32> = Vec::new();
    for query in asked.chunks_exact(dimension) {
        let scorer = exact.scorer(query);
        let top = scan_in_parallel(
            &*scorer,
            bytemuck::cast_slice(&base),
            4 * dimension,
            n,
            0,
            K,
        );
        truth.extend(top.into_hits().iter().map(|hit| hit.index as u32));
    }
    fs::create_dir_all(directory)?;
    fs::write(directory.join("base.f32"), bytemuck::cast_slice(&base))?;
    fs::write(directory.join("queries.f32"), bytemuck::cast_slice(&asked))?;
    fs::write(directory.join("truth.u32"), bytemuck::cast_slice(&truth))?;
    Ok(())
}

fn read(path: &Path) -> Result<Vec<f32>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(bytes
        .as_chunks()
        .0
        .iter()
        .copied()
        .map(f32::from_le_bytes)
        .collect())
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
