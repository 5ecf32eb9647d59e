//! The sampler on real processes: this test binary, run again in the part of a program.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use super::thread::Looking;
use super::*;
use crate::evidence::Sample;
use crate::observe::clock::monotonic_ns;

const MIB: u64 = 1 << 20;
const HOLD: &str = "PLIMSOLL_TEST_HOLD_MIB";
const CHILDREN: &str = "PLIMSOLL_TEST_CHILDREN";

/// Not a test of its own: holds memory, from a second thread starts children that do the same,
/// says "ready" and waits for its standard input to end.
#[test]
fn program() {
    let Ok(mib) = env::var(HOLD) else { return };
    let block = vec![7u8; mib.parse::<usize>().unwrap() << 20];
    let children: usize = env::var(CHILDREN).map_or(0, |n| n.parse().unwrap());
    std::thread::spawn(move || {
        let held: Vec<_> = (0..children).map(|_| Program::start(20, 0)).collect();
        println!("\nready");
        std::io::stdout().flush().unwrap();
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        drop(held);
    })
    .join()
    .unwrap();
    assert_eq!(block[block.len() / 2], 7);
}

/// A running [`program`], which ends when dropped.
struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Program {
    fn start(mib: u64, children: usize) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "observe::sampler::tests::program", "--nocapture"])
            .env(HOLD, mib.to_string())
            .env(CHILDREN, children.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim() != "ready" {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "the program ended early"
            );
        }
        // Whatever it prints from here on is of no interest, but must not block it.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        let stdin = child.stdin.take();
        Self { child, stdin }
    }

    fn config(&self) -> SamplerConfig {
        let pid = i32::try_from(self.child.id()).unwrap();
        SamplerConfig::new(pid, Duration::from_millis(5), monotonic_ns())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

/// Looks until a sample is as wanted, for as long as a slow machine may need.
fn look_until(looking: &mut Looking, met: impl Fn(&Sample) -> bool) -> Sample {
    let begin = Instant::now();
    loop {
        if let Some(sample) = looking.look().filter(&met) {
            return sample;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "never seen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_process_of_known_size_is_seen_with_it() {
    let program = Program::start(60, 0);
    let mut looking = Looking::new(program.config());
    let last = look_until(&mut looking, |_| true);
    assert!((60 * MIB..90 * MIB).contains(&last.rss), "{last:?}");
    assert_eq!(last.processes, 1);
    assert_eq!(last.rss, last.largest);
    assert_eq!(last.rss, last.anon + last.file + last.shared);
    assert!(last.anon >= 60 * MIB && last.file > 0, "{last:?}");
    let observed = looking.finish();
    assert_eq!(observed.timeline.samples.last(), Some(&last));
    assert_eq!(observed.faults, [""; 0]);
}

#[test]
fn the_sampled_size_is_that_of_the_kernels_status() {
    let program = Program::start(30, 0);
    let mut looking = Looking::new(program.config());
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.child.id())).unwrap();
    let last = look_until(&mut looking, |_| true);
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        1024 * line
            .split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    assert_eq!(last.rss, field("VmRSS:"));
    assert_eq!(last.anon, field("RssAnon:"));
    assert_eq!(last.file, field("RssFile:"));
}

#[test]
fn children_of_any_thread_are_found() {
    let program = Program::start(10, 3);
    let mut looking = Looking::new(program.config());
    let last = look_until(&mut looking, |sample| sample.processes == 4);
    assert!(last.rss > 70 * MIB, "{last:?}");
    assert!(
        last.largest > 20 * MIB && last.largest < 50 * MIB,
        "{last:?}"
    );
}

#[test]
fn the_end_of_the_process_ends_the_line() {
    let program = Program::start(10, 0);
    let mut looking = Looking::new(program.config());
    look_until(&mut looking, |_| true);
    drop(program);
    assert_eq!(looking.look(), None);
    let observed = looking.finish();
    assert!(
        observed
            .timeline
            .samples
            .iter()
            .all(|sample| sample.rss > 0)
    );
    assert!(observed.timeline.samples.is_sorted_by(|a, b| a.t < b.t));
    assert!(observed.timeline.cost > 0.0);
}

#[test]
fn nothing_is_seen_of_a_process_that_was_never_there() {
    let config = SamplerConfig::new(i32::MAX, Duration::from_millis(1), monotonic_ns());
    let sampler = Sampler::start(config).unwrap();
    std::thread::sleep(Duration::from_millis(10));
    assert_eq!(sampler.stop().timeline.samples, []);
}

#[test]
fn scratch_is_measured_to_the_end() {
    let scratch = tempfile::tempdir().unwrap();
    let program = Program::start(1, 0);
    let config = SamplerConfig {
        scratch: Some(scratch.path().to_path_buf()),
        ..program.config()
    };
    let sampler = Sampler::start(config).unwrap();
    std::fs::write(scratch.path().join("spill"), vec![1; 300_000]).unwrap();
    let peak = sampler.stop().scratch_peak.unwrap();
    assert!((300_000..400_000).contains(&peak), "{peak}");
}

#[test]
fn a_gauge_page_that_is_missing_is_said() {
    let program = Program::start(1, 0);
    let config = SamplerConfig {
        gauges: Some("/nonexistent/gauges".into()),
        ..program.config()
    };
    let observed = Sampler::start(config).unwrap().stop();
    assert!(
        observed.faults[0].contains("/nonexistent/gauges"),
        "{:?}",
        observed.faults
    );
}
