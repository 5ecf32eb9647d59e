//! What sampling itself costs: watches a sleeping process and prints the share of a core taken.
//!
//! `cargo run --release -p plimsoll --example sampler_cost -- [MILLISECONDS [SECONDS]]`
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use plimsoll::observe::{Sampler, SamplerConfig};
use plimsoll_workload::clock::monotonic_ns;
use plimsoll_workload::gauges;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (interval, seconds) = (number(10)?, number(10)?);
    let page = tempfile::NamedTempFile::new()?;
    page.as_file().set_len(gauges::SIZE as u64)?;
    let mut child = Command::new("sleep")
        .arg((seconds + 60).to_string())
        .stdin(Stdio::null())
        .spawn()?;
    let pid = i32::try_from(child.id())?;
    let begin = monotonic_ns();
    let sampler = Sampler::start(SamplerConfig {
        gauges: Some(page.path().to_path_buf()),
        ..SamplerConfig::new(pid, Duration::from_millis(interval), begin)
    })?;
    thread::sleep(Duration::from_secs(seconds));
    let observed = sampler.stop();
    let elapsed = (monotonic_ns() - begin) as f64 / 1e9;
    child.kill()?;
    child.wait()?;
    let timeline = observed.timeline;
    let looks = timeline.samples.len();
    println!(
        "{looks} looks in {elapsed:.1} s at {interval} ms: {:.3} % of a core, {:.1} us a look",
        100.0 * timeline.cost / elapsed,
        1e6 * timeline.cost / looks.max(1) as f64
    );
    Ok(())
}
