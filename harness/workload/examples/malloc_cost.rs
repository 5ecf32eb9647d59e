//! What the malloc layer costs: nanoseconds of CPU time for a `malloc` and its `free`, by instrument and threads,
//! against glibc's own in the same process. Medians over interleaved processes.
//!
//!     cargo run --release -p plimsoll-workload --example malloc_cost
#![allow(clippy::print_stdout, reason = "printing is its purpose")]

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod cost {
    use std::error::Error;
    use std::ffi::c_void;
    use std::fs::File;
    use std::hint::black_box;
    use std::process::Command;

    use plimsoll_workload::clock::thread_cpu_ns;
    use plimsoll_workload::env::{self, Instrument};
    use plimsoll_workload::gauges;

    /// Allocates and frees so many bytes.
    type Pair = fn(usize);

    const PAIRS: usize = 1_000_000;
    const ROUNDS: usize = 15;
    const WAYS: [(&str, Pair); 3] = [
        ("glibc", of_glibc),
        ("C through the layer", of_c),
        ("Rust through the allocator", of_rust),
    ];

    unsafe extern "C" {
        fn __libc_malloc(size: usize) -> *mut c_void;
        fn __libc_free(memory: *mut c_void);
    }

    #[allow(unsafe_code)]
    fn of_glibc(size: usize) {
        // SAFETY: freed at once, by the function's own counterpart.
        unsafe { __libc_free(black_box(__libc_malloc(size))) }
    }

    #[allow(unsafe_code)]
    fn of_c(size: usize) {
        // SAFETY: freed at once.
        unsafe { libc::free(black_box(libc::malloc(size))) }
    }

    fn of_rust(size: usize) {
        drop(black_box(Vec::<u8>::with_capacity(size)));
    }

    /// Nanoseconds a pair.
    fn measure(threads: usize, pair: Pair) -> f64 {
        let spent: u64 = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(move || {
                        let from = thread_cpu_ns();
                        (0..PAIRS).for_each(|i| pair(black_box(16 + i % 512)));
                        thread_cpu_ns() - from
                    })
                })
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap_or(0))
                .sum()
        });
        spent as f64 / (PAIRS * threads) as f64
    }

    pub(crate) fn run() -> Result<(), Box<dyn Error>> {
        if let Some(threads) = std::env::args().nth(1) {
            let threads = threads.parse()?;
            let figures: Vec<_> = WAYS
                .iter()
                .map(|(_, pair)| measure(threads, *pair).to_string())
                .collect();
            println!("{}", figures.join(" "));
            return Ok(());
        }
        let directory = tempfile::tempdir()?;
        let page = directory.path().join("gauges");
        let profile = directory.path().join("profile");
        let settings = [
            (Instrument::Clock, 1),
            (Instrument::Count, 1),
            (Instrument::Clock, 2),
            (Instrument::Count, 2),
            (Instrument::Profile, 1),
            (Instrument::Profile, 2),
        ];
        let mut figures = vec![[const { Vec::new() }; WAYS.len()]; settings.len()];
        for _ in 0..ROUNDS {
            for (setting, (instrument, threads)) in settings.iter().enumerate() {
                File::create(&page)?.set_len(gauges::SIZE as u64)?;
                File::create(&profile)?;
                let output = Command::new(std::env::current_exe()?)
                    .arg(threads.to_string())
                    .env(env::INSTRUMENT, instrument.name())
                    .env(env::GAUGES, &page)
                    .env(env::PROFILE_OUTPUT, &profile)
                    .output()?;
                for (way, figure) in String::from_utf8(output.stdout)?
                    .split_whitespace()
                    .enumerate()
                {
                    figures[setting][way].push(figure.parse::<f64>()?);
                }
            }
        }
        for ((instrument, threads), figures) in settings.iter().zip(&mut figures) {
            println!(
                "{}, {threads} thread(s), median of {ROUNDS}:",
                instrument.name()
            );
            for ((way, _), figures) in WAYS.iter().zip(figures) {
                figures.sort_by(f64::total_cmp);
                println!("  {way:<28}{:6.1} ns a pair", figures[figures.len() / 2]);
            }
        }
        Ok(())
    }
}

plimsoll_workload::install!();

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    cost::run()
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn main() {
    println!("there is no malloc layer over this C library");
}
