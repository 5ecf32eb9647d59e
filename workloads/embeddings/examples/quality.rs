//! Prints what each encoding takes, finds and costs, and which of its gates it meets.
//!
//! `quality [ROWS [QUERIES [SET...]]]`: of 768 dimensions, by default 100000 rows, 500 queries and the sets `default` and
//! `isotropic`. Searches run on one thread, encodings in turns; their CPU times are medians of five turns.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::convert::Infallible;
use std::error::Error;
use std::time::Instant;

use plimsoll_embeddings::Codec;
use plimsoll_embeddings::codec::{Binary, BinaryQuery, Full, Half, Product, Ranges, Sq8PerVector};
use plimsoll_embeddings::data::{DataSet, Generator};
use plimsoll_embeddings::search::{
    Differences, Hit, Top, identical, inner_product, recall, rescored, scan,
};
use rustix::time::{ClockId, clock_gettime};

const DIMENSION: usize = 768;
const FOUND: usize = 10;
const TURNS: usize = 5;

/// What an encoding has to reach: recall, how many are rescored, and the share of queries with the same ten then.
#[derive(Clone, Copy)]
struct Gate {
    recall: f64,
    rescored: usize,
    identical: f64,
    cosine: f64,
}

struct Column {
    name: &'static str,
    gate: Gate,
    codec: Box<dyn Codec>,
    payloads: Vec<u8>,
    training: f64,
    encoding: f64,
    decoding: f64,
    differences: Differences,
    recall: f64,
    identical: f64,
    search: Vec<f64>,
    rescoring: Vec<f64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default| {
        arguments
            .get(at)
            .map_or(Ok(default), |n| n.parse::<usize>())
    };
    let (rows, queries) = (number(0, 100_000)?, number(1, 500)?);
    let sets = arguments.get(2..).unwrap_or_default();
    let sets = sets
        .iter()
        .map(|set| serde_json::from_value(set.as_str().into()));
    let mut sets: Vec<DataSet> = sets.collect::<Result<_, _>>()?;
    if sets.is_empty() {
        sets = vec![DataSet::Default, DataSet::Isotropic];
    }
    for set in sets {
        judge(set, rows, queries)?;
    }
    Ok(())
}

fn judge(set: DataSet, count: usize, queries: usize) -> Result<(), Box<dyn Error>> {
    let clusters = Generator::usual_clusters(count as u64);
    let generator = Generator::new(set, DIMENSION, clusters, 42)?;
    let mut rows = vec![0.0; count * DIMENSION];
    let start = Instant::now();
    generator.rows_in_parallel(0, &mut rows);
    println!(
        "{set:?}: {count} x {DIMENSION}, {clusters} clusters, {queries} queries, made in {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let mut columns = Vec::new();
    for (name, gate, make) in encodings(set) {
        let (codec, training) = timed(|| make(&rows));
        columns.push(Column::new(name, gate, codec?, training, &rows));
    }
    let exact = Full::new(DIMENSION)?;
    let row = |index: u64| &rows[index as usize * DIMENSION..][..DIMENSION];
    let mut exact_search = Vec::new();
    let mut query = vec![0.0; DIMENSION];
    for turn in 0..TURNS {
        let numbers = (turn * queries / TURNS) as u64..((turn + 1) * queries / TURNS) as u64;
        let asked = (numbers.end - numbers.start).max(1) as f64;
        let mut truths = Vec::new();
        let mut all = 0.0;
        for number in numbers.clone() {
            generator.query(number, &mut query);
            let (truth, time) =
                timed(|| search(&exact, bytemuck::cast_slice(&rows), &query, FOUND));
            truths.push(truth);
            all += time;
        }
        exact_search.push(all / asked);
        for column in &mut columns {
            let (mut searching, mut rescoring) = (0.0, 0.0);
            for (number, truth) in numbers.clone().zip(&truths) {
                generator.query(number, &mut query);
                let (found, time) = timed(|| {
                    search(
                        &*column.codec,
                        &column.payloads,
                        &query,
                        column.gate.rescored,
                    )
                });
                searching += time;
                column.recall += recall(&found[..FOUND.min(found.len())], truth) / queries as f64;
                let (found, time) = timed(|| {
                    rescored(&found, FOUND, |at| {
                        Ok::<_, Infallible>(inner_product(&query, row(at)))
                    })
                });
                rescoring += time;
                let same = found.is_ok_and(|found| identical(&found, truth));
                column.identical += f64::from(u8::from(same)) / queries as f64;
            }
            column.search.push(searching / asked);
            column.rescoring.push(rescoring / asked);
        }
    }
    let exact = median(&mut exact_search);
    println!(
        "{:<15} {:>5} {:>8} {:>6} {:>6} {:>9} {:>9} {:>8} {:>16} {:>7} {:>6} {:>8}  gates",
        "encoding",
        "bytes",
        "train s",
        "enc ns",
        "dec ns",
        "mse",
        "1 - cos",
        "recall",
        "same, rescored",
        "ms",
        "+ ms",
        "of exact"
    );
    println!("{:<15} {:>5} {:>94.3}", "f32", 4 * DIMENSION, exact * 1e3);
    for mut column in columns {
        column.print(exact);
    }
    Ok(())
}

/// A way to make a codec from rows to train it on.
type Make = fn(&[f32]) -> Result<Box<dyn Codec>, Box<dyn Error>>;

fn encodings(set: DataSet) -> Vec<(&'static str, Gate, Make)> {
    let usual = set == DataSet::Default;
    let gate = |recall: [f64; 2], rescored: [usize; 2], identical: [f64; 2], cosine: f64| Gate {
        recall: recall[usize::from(!usual)],
        rescored: rescored[usize::from(!usual)],
        identical: identical[usize::from(!usual)],
        cosine: if usual { cosine } else { 1.0 },
    };
    let sq8: Make = |rows| {
        let mut ranges = Ranges::new(DIMENSION)?;
        ranges.add(rows)?;
        Ok(Box::new(ranges.codec()?))
    };
    let product = |codes: usize| -> Make {
        match codes {
            192 => |rows| Ok(Box::new(Product::train(DIMENSION, 192, rows, 42)?)),
            _ => |rows| Ok(Box::new(Product::train(DIMENSION, 96, rows, 42)?)),
        }
    };
    vec![
        (
            "f16",
            gate([0.99, 0.99], [20, 20], [1.0, 1.0], 1e-6),
            |_| Ok(Box::new(Half::new(DIMENSION)?)),
        ),
        (
            "sq8 dimension",
            gate([0.99, 0.97], [20, 20], [0.999, 0.995], 5e-5),
            sq8,
        ),
        (
            "sq8 vector",
            gate([0.99, 0.97], [20, 20], [0.999, 0.995], 7e-5),
            |_| Ok(Box::new(Sq8PerVector::new(DIMENSION)?)),
        ),
        (
            "pq 192",
            gate([0.88, 0.0], [100, 200], [0.998, 0.99], 1.0),
            product(192),
        ),
        (
            "pq 96",
            gate([0.81, 0.0], [100, 200], [0.99, 0.99], 1.0),
            product(96),
        ),
        (
            "binary signs",
            gate([0.78, 0.0], [100, 200], [0.99, 0.97], 1.0),
            |_| Ok(Box::new(Binary::new(DIMENSION, BinaryQuery::Signs)?)),
        ),
        (
            "binary values",
            gate([0.84, 0.0], [100, 200], [0.995, 0.99], 1.0),
            |_| Ok(Box::new(Binary::new(DIMENSION, BinaryQuery::Values)?)),
        ),
    ]
}

impl Column {
    fn new(
        name: &'static str,
        gate: Gate,
        codec: Box<dyn Codec>,
        training: f64,
        rows: &[f32],
    ) -> Self {
        let count = rows.len() / DIMENSION;
        let payload = codec.payload();
        let mut payloads = vec![0; count * payload];
        let pairs = || rows.chunks_exact(DIMENSION);
        let (_, encoding) = timed(|| {
            for (row, payload) in pairs().zip(payloads.chunks_exact_mut(payload)) {
                codec
                    .encode(row, payload)
                    .expect("finite rows of the dimension");
            }
        });
        let mut back = vec![0.0; DIMENSION];
        let (_, decoding) = timed(|| {
            for payload in payloads.chunks_exact(payload) {
                codec.decode(payload, &mut back);
                std::hint::black_box(&mut back);
            }
        });
        let mut differences = Differences::default();
        for (row, payload) in pairs().zip(payloads.chunks_exact(payload)) {
            codec.decode(payload, &mut back);
            differences.add(row, &back);
        }
        Self {
            name,
            gate,
            codec,
            training,
            encoding: encoding / count as f64,
            decoding: decoding / count as f64,
            payloads,
            differences,
            recall: 0.0,
            identical: 0.0,
            search: Vec::new(),
            rescoring: Vec::new(),
        }
    }

    fn print(&mut self, exact: f64) {
        let (search, rescoring) = (median(&mut self.search), median(&mut self.rescoring));
        let cosine = self.differences.mean_cosine_error();
        let gates = [
            ("recall", self.recall >= self.gate.recall),
            ("same", self.identical >= self.gate.identical),
            ("1 - cos", cosine <= self.gate.cosine),
        ];
        let missed: Vec<&str> = gates
            .iter()
            .filter(|(_, met)| !met)
            .map(|&(name, _)| name)
            .collect();
        println!(
            "{:<15} {:>5} {:>8.1} {:>6.0} {:>6.0} {:>9.2e} {:>9.2e} {:>8.4} {:>10.4} of {:>3} {:>6.3} {:>6.3} {:>8.3}  {}",
            self.name,
            self.codec.payload(),
            self.training,
            self.encoding * 1e9,
            self.decoding * 1e9,
            self.differences.mean_square(),
            cosine,
            self.recall,
            self.identical,
            self.gate.rescored,
            search * 1e3,
            rescoring * 1e3,
            (search + rescoring) / exact,
            if missed.is_empty() {
                "met".to_owned()
            } else {
                format!("missed: {}", missed.join(", "))
            },
        );
    }
}

fn search(codec: &dyn Codec, payloads: &[u8], query: &[f32], k: usize) -> Vec<Hit> {
    let mut top = Top::new(k);
    let count = payloads.len() / codec.payload();
    scan(
        &*codec.scorer(query),
        payloads,
        codec.payload(),
        count,
        0,
        &mut top,
    );
    top.into_hits()
}

/// What came of it, and its CPU seconds on all threads.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let seconds = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let before = seconds();
    let result = work();
    (result, seconds() - before)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}
