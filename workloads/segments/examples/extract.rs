//! Writes the samples of an archive as FASTA files:
//! `cargo run --release -p plimsoll-segments --example extract ARCHIVE DIRECTORY`.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::path::Path;

use plimsoll_segments::extract::extract;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [archive, directory] = &arguments[..] else {
        return Err("usage: extract ARCHIVE DIRECTORY".into());
    };
    for file in extract(Path::new(archive), Path::new(directory))? {
        println!("{}", file.display());
    }
    Ok(())
}
