//! Builds, saves, opens and searches an index over generated vectors, and tells what it took:
//! `cargo run --release -p plimsoll-vectors --example index DIRECTORY [N [DIM [PROFILE [THREADS]]]]`.
//!
//! The vectors are generated into the directory, unless they are there, and read from it like anybody's.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use plimsoll_vectors::formats::{FileRows, write_vectors};
use plimsoll_vectors::generate::{Generator, Part, Profile};
use plimsoll_vectors::index::{Index, Params, Verify};
use plimsoll_vectors::rows::Rows;
use plimsoll_vectors::truth::{Near, recall, scan};
use rustix::time::{ClockId, clock_gettime};

const QUERIES: usize = 250;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize, or: &'static str| arguments.get(at).map_or(or, String::as_str);
    let directory = Path::new(
        arguments
            .first()
            .ok_or("usage: index DIRECTORY [N [DIM [PROFILE [THREADS]]]]")?,
    );
    let (len, dim): (usize, usize) = (argument(1, "20000").parse()?, argument(2, "1536").parse()?);
    let profile = match argument(3, "standard") {
        "standard" => Profile::Standard,
        "hard" => Profile::Hard,
        other => return Err(format!("{other} is no profile; name standard or hard").into()),
    };
    let threads = argument(4, "2").parse()?;

    let vectors = |part, len| -> Result<FileRows, Box<dyn Error>> {
        let path = directory.join(format!("{part:?}-{len}x{dim}-{profile:?}.fbin"));
        if !path.exists() {
            write_vectors(&path, &Generator::new(dim, 42, profile)?.rows(part, len), 2)?;
        }
        Ok(FileRows::open(&path)?)
    };
    let (base, queries) = (vectors(Part::Base, len)?, vectors(Part::Queries, QUERIES)?);

    let (before, mut peak) = (rss_anon()?, 0);
    let (cpu, wall) = (cpu(), Instant::now());
    let index = Index::build(&base, Params::default(), threads, &mut |_| {
        peak = peak.max(rss_anon().unwrap_or(0));
    })?;
    let (cpu, wall) = (self::cpu() - cpu, wall.elapsed().as_secs_f64());
    println!(
        "build: {:.0} vectors per CPU-second, {cpu:.2} s CPU, {wall:.2} s wall",
        len as f64 / cpu
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
    index.check()?;

    let path = directory.join("index");
    let start = Instant::now();
    let bytes = index.save(&path)?;
    println!(
        "save: {bytes} bytes in {:.2} s",
        start.elapsed().as_secs_f64()
    );
    let start = Instant::now();
    let index = Index::open(&path, Verify::Bounds)?;
    println!("open: {:.3} s", start.elapsed().as_secs_f64());

    let truth = scan(&base, &queries, 10, 2)?;
    let mut searcher = index.searcher();
    let mut query = vec![0.0; dim];
    for ef in [16, 24, 32, 48, 64, 100, 200] {
        let (mut found, mut times) = (0.0, Vec::new());
        for (at, nearest) in truth.iter().enumerate() {
            queries.read(at, &mut query)?;
            let start = Instant::now();
            let answer = searcher.search(&query, ef, &base, 10)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            let near = |(id, distance)| Near { id, distance };
            let answer: Vec<_> = answer.into_iter().map(near).collect();
            found += recall(&answer, nearest);
        }
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
