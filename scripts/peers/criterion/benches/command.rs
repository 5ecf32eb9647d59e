//! One command as a criterion bench: a process for each iteration, as whoever benches a program with criterion has it.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{Criterion, SamplingMode};

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let script = variable("PEER_SCRIPT");
    let seconds: f64 = variable("PEER_SECONDS").parse().expect("seconds");
    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(Duration::from_secs_f64(0.1 * seconds))
        .measurement_time(Duration::from_secs_f64(0.9 * seconds))
        .noise_threshold(0.02)
        .significance_level(0.05)
        .nresamples(10_000);
    // As many samples as it would take by itself, where the time suffices for one run each.
    let runs = 0.9 * seconds / variable("PEER_TYPICAL").parse::<f64>().expect("seconds");
    criterion = criterion.sample_size((runs as usize).clamp(10, 100));
    let mut group = criterion.benchmark_group("peer");
    // One iteration a sample where they are slow: by growing batches it would take many times what it was given.
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("command", |bencher| {
        bencher.iter(|| {
            let mut command = Command::new("sh");
            command
                .args(["-c", &script])
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            assert!(black_box(command.status()).expect("sh").success());
        });
    });
    group.finish();
    criterion.final_summary();
}
