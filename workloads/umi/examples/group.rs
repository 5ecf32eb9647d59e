//! Groups a file on its own, and says what that took: for measurements without the harness.
//!
//! `group IMPLEMENTATION THREADS DIRECTORY [PARAMETERS [OUTPUT]]`: the parameters are JSON, and what the input in the
//! directory was made with; it is made where it is missing, and with `prepare` for an implementation that is all. The grouped
//! file is left beside it with its metrics files, or at OUTPUT with these as `OUTPUT.family_sizes.txt` and so on.
#![allow(clippy::print_stdout, reason = "a command")]

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use plimsoll_umi::{Metrics, Params, Umi};
use plimsoll_workload::{Context, Workload};
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "group IMPLEMENTATION|prepare THREADS DIRECTORY [PARAMETERS [OUTPUT]]";
    let [id, threads, directory, rest @ ..] = &arguments[..] else {
        return Err(usage.into());
    };
    let params: Params = serde_json::from_str(rest.first().map_or("{}", String::as_str))?;
    let threads: NonZeroUsize = threads.parse()?;
    let directory = PathBuf::from(directory);
    std::fs::create_dir_all(&directory)?;
    if !directory.join("input.bam").exists() {
        let start = Instant::now();
        Umi::prepare(&params, &directory)?;
        println!("generated in {:.1} s", start.elapsed().as_secs_f64());
    }
    if id == "prepare" {
        return Ok(());
    }
    let mut all = Umi::implementations().iter();
    let implementation = all.find(|other| other.id == id).ok_or(usage)?;
    let mut context = Context::recording(&directory).with_threads(threads);
    if let Some(output) = rest.get(1) {
        context = context.with_output(Path::new(output));
    }
    let start = Instant::now();
    let before = cpu_seconds();
    (implementation.run)(&params, &context)?;
    let cpu = cpu_seconds() - before;
    let wall = start.elapsed().as_secs_f64();
    if let Some(output) = rest.get(1) {
        for (name, _) in Metrics::default().files() {
            std::fs::rename(directory.join(name), format!("{output}.{name}"))?;
        }
    }
    let records = context.recorded_metric("records").unwrap_or(f64::NAN);
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!(
        "{id} on {threads}: {cpu:.2} CPU s, {:.3} CPU s a million records, {wall:.2} s, {}",
        cpu / records * 1e6,
        peak.unwrap_or_default()
    );
    for metric in Umi::metrics() {
        let value = context.recorded_metric(metric.name);
        println!("  {} {}", metric.name, value.unwrap_or(f64::NAN));
    }
    Ok(())
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
