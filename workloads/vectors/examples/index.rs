//! Builds, saves, opens and searches an index over generated vectors, and tells what it took:
//! `cargo run --release -p plimsoll-vectors --example index DIRECTORY [N [DIM [PROFILE [THREADS [QUERIES]]]]]`; with
//! `--bulk` it is built from leaves, with `--lean` codes have 4 bits.
//!
//! The vectors are generated into the directory, unless they are there, and read from it like anybody's.
//!
//! For programs that compare, `scripts/peers/vectors.py` among them, there are objects of JSON, one a line: with `--prepare` the
//! files and each query's tenth nearest distance, and no index; with `--json` one as the build begins, one as it
//! ends, and then for each `ef` the ids found and the milliseconds of each query.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use plimsoll_vectors::formats::{FileRows, write_vectors};
use plimsoll_vectors::generate::{Generator, Part, Profile};
use plimsoll_vectors::index::{Builder, Index, Params, Resources, Verify, Width};
use plimsoll_vectors::rows::Rows;
use plimsoll_vectors::truth::{Near, recall, scan};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

const USAGE: &str = "usage: index DIRECTORY [N [DIM [PROFILE [THREADS [QUERIES]]]]] [--prepare | --json] [--bulk | --lean]";
const K: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let (flags, arguments): (Vec<String>, Vec<String>) =
        (std::env::args().skip(1)).partition(|argument| argument.starts_with("--"));
    let flag = |name: &str| flags.iter().any(|flag| flag == name);
    let (prepare, json) = (flag("--prepare"), flag("--json"));
    let (bulk, lean) = (flag("--bulk"), flag("--lean"));
    let known = [prepare, json, bulk, lean].map(usize::from);
    if flags.len() != known.into_iter().sum::<usize>() || bulk && lean {
        return Err(USAGE.into());
    }
    let width = if lean { Width::Four } else { Width::Eight };
    let builder = if bulk {
        Builder::Leaves
    } else {
        Builder::Batches
    };
    let argument = |at: usize, or: &'static str| arguments.get(at).map_or(or, String::as_str);
    let directory = Path::new(arguments.first().ok_or(USAGE)?);
    let (len, dim): (usize, usize) = (argument(1, "20000").parse()?, argument(2, "1536").parse()?);
    let profile = match argument(3, "standard") {
        "standard" => Profile::Standard,
        "hard" => Profile::Hard,
        other => return Err(format!("{other} is no profile; name standard or hard").into()),
    };
    let threads = argument(4, "2").parse()?;

    let vectors = |part, len| -> Result<(PathBuf, FileRows), Box<dyn Error>> {
        let path = directory.join(format!("{part:?}-{len}x{dim}-{profile:?}.fbin"));
        if !path.exists() {
            write_vectors(&path, &Generator::new(dim, 42, profile)?.rows(part, len), 2)?;
        }
        let rows = FileRows::open(&path)?;
        Ok((path, rows))
    };
    let (base_path, base) = vectors(Part::Base, len)?;
    let (queries_path, queries) = vectors(Part::Queries, argument(5, "250").parse()?)?;
    if prepare {
        let truth = scan(&base, &queries, K, 2)?;
        let tenth: Vec<_> = (truth.iter())
            .map(|nearest| nearest.last().map(|near| near.distance))
            .collect();
        println!(
            "{}",
            json!({ "base": base_path, "queries": queries_path, "tenth": tenth })
        );
        return Ok(());
    }

    let index = build(&base, builder, width, threads, json)?;
    index.check()?;
    let path = directory.join("index");
    let start = Instant::now();
    let bytes = index.save(&path)?;
    let saved = start.elapsed().as_secs_f64();
    drop(index);
    let start = Instant::now();
    let index = Index::open(&path, Verify::Bounds)?;
    let opened = start.elapsed().as_secs_f64();
    if !json {
        println!("save: {bytes} bytes in {saved:.2} s");
        println!("open: {opened:.3} s");
    }
    ask(&index, &base, &queries, json)
}

fn build(
    base: &FileRows,
    builder: Builder,
    width: Width,
    threads: usize,
    json: bool,
) -> Result<Index, Box<dyn Error>> {
    let (before, mut peak) = (rss_anon()?, 0);
    if json {
        println!("{}", json!({ "at": "building", "anon_kb": before }));
    }
    let (cpu, wall) = (cpu(), Instant::now());
    let params = Params {
        width,
        ..Params::default()
    };
    let resources = Resources::new(threads);
    let tell = &mut |_| peak = peak.max(rss_anon().unwrap_or(0));
    let index = match builder {
        Builder::Batches => Index::build_with(base, params, resources, None, tell),
        Builder::Leaves => Index::build_in_bulk(base, params, resources, tell),
    }?;
    let (cpu, wall) = (self::cpu() - cpu, wall.elapsed().as_secs_f64());
    if json {
        println!("{}", json!({ "at": "built", "cpu_s": cpu, "wall_s": wall }));
        return Ok(index);
    }
    println!(
        "build: {:.0} vectors per CPU-second, {cpu:.2} s CPU, {wall:.2} s wall",
        base.len() as f64 / cpu
    );
    println!(
        "anonymous memory: {peak} kB at most, {before} kB before; {:?}",
        index.memory()
    );
    let counters = index.counters();
    println!(
        "per insert: {:.0} evaluations in walks, {:.0} in choices, {:.0} hops; degree {:.1}",
        counters.evaluations_per_insert(),
        counters.selections_per_insert(),
        counters.hops_per_insert(),
        counters.mean_degree()
    );
    Ok(index)
}

fn ask(
    index: &Index,
    base: &FileRows,
    queries: &FileRows,
    json: bool,
) -> Result<(), Box<dyn Error>> {
    let mut searcher = index.searcher()?;
    let mut query = vec![0.0; queries.dim()];
    let mut all = |ef| -> Result<_, Box<dyn Error>> {
        let (mut answers, mut times) = (Vec::<Vec<Near>>::new(), Vec::new());
        for at in 0..queries.len() {
            queries.read(at, &mut query)?;
            let start = Instant::now();
            let answer = searcher.search(&query, ef, base, K)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            let near = |(id, distance)| Near { id, distance };
            answers.push(answer.into_iter().map(near).collect());
        }
        Ok((answers, times))
    };
    let truth = if json {
        Vec::new()
    } else {
        scan(base, queries, K, 2)?
    };
    // Once without a look at the clock: nobody's first touch is timed.
    all(16)?;
    for ef in [16, 24, 32, 48, 64, 100, 200] {
        let (answers, mut times) = all(ef)?;
        if json {
            let ids = |answer: &Vec<Near>| answer.iter().map(|near| near.id).collect();
            let ids: Vec<Vec<u32>> = answers.iter().map(ids).collect();
            println!("{}", json!({ "ef": ef, "ids": ids, "ms": times }));
            continue;
        }
        let found: f64 = (answers.iter().zip(&truth))
            .map(|(answer, nearest)| recall(answer, nearest))
            .sum();
        times.sort_by(f64::total_cmp);
        println!(
            "ef {ef:>3}: recall {:.4}, p50 {:.3} ms, p95 {:.3} ms",
            found / truth.len() as f64,
            times[times.len() / 2],
            times[times.len() * 95 / 100]
        );
    }
    Ok(())
}

fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Anonymous memory that is resident, in kB.
fn rss_anon() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.ok_or("no RssAnon")?.parse()?)
}
