//! One command as a criterion bench: a process for each iteration, as whoever benches a program with criterion has it.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::Criterion;

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let script = variable("PEER_SCRIPT");
    let seconds: f64 = variable("PEER_SECONDS").parse().expect("seconds");
    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(10)
        .warm_up_time(Duration::from_secs_f64(0.1 * seconds))
        .measurement_time(Duration::from_secs_f64(0.9 * seconds))
        .noise_threshold(0.02)
        .significance_level(0.05);
    // As many samples as it would take by itself, where the time suffices for one run each.
    let runs = 0.9 * seconds / variable("PEER_TYPICAL").parse::<f64>().expect("seconds");
    criterion = criterion.sample_size((runs as usize).clamp(10, 100));
    criterion.bench_function("command", |bencher| {
        bencher.iter(|| {
            let mut command = Command::new("sh");
            command
                .args(["-c", &script])
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            assert!(black_box(command.status()).expect("sh").success());
        });
    });
    criterion.final_summary();
}
