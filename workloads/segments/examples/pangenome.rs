//! Writes a pangenome and prints the digests of its files:
//! `cargo run --release -p plimsoll-segments --example pangenome PRESET DIRECTORY [--seed N]`.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::Path;

use plimsoll_segments::{Params, generate};
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (preset, directory, seed) = match arguments[..] {
        [preset, directory] => (preset, directory, Params::default().seed),
        [preset, directory, "--seed", seed] => (preset, directory, seed.parse()?),
        _ => return Err("usage: pangenome PRESET DIRECTORY [--seed N]".into()),
    };
    let directory = Path::new(directory);
    std::fs::create_dir_all(directory)?;
    let preset = serde_json::from_value(preset.into())?;
    for path in generate::write(preset, seed, directory)? {
        let mut hasher = Sha256::new();
        io::copy(&mut File::open(&path)?, &mut hasher)?;
        let name = path.file_name().unwrap_or_default();
        println!("{:x}  {}", hasher.finalize(), name.display());
    }
    Ok(())
}
