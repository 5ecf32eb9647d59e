//! The baseline on the C library's allocator, without the harness or its malloc layer, for other tools to look at:
//! `cargo run --release -p plimsoll-ortho --example in_memory -- VOCABULARY SENTENCES`. Prints the orthos found.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for the terminal, whose failure is a panic"
)]

use plimsoll_ortho::{Options, Params, Texts, fifo};
use plimsoll_workload::Context;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse().unwrap());
    let params = Params {
        vocabulary: arguments.next().unwrap(),
        sentences: arguments.next().unwrap(),
        ..Params::default()
    };
    let directory = tempfile::tempdir().unwrap();
    params.prepare(directory.path()).unwrap();
    let texts = Texts::in_directory(directory.path()).unwrap();
    let context = Context::detached(directory.path());
    let summaries = fifo::in_memory(&texts, &Options::from(&params), &context).unwrap();
    println!("{}", summaries.last().unwrap().orthos);
}
