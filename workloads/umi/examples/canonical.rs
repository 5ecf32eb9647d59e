//! Prints what grouped files of one input must have in common, whoever grouped them.
//!
//! `canonical FILE`: the header's text without lines of programs (`@PG`), the digest of the list of references, that of all
//! records once they are inflated, and the metrics files that stand beside it as `FILE.family_sizes.txt` and so on. How the
//! blocks of the file are cut and compressed is anybody's own.
#![allow(clippy::print_stdout, reason = "a command")]

use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use plimsoll_umi::{Metrics, digest_of_records, header_of};
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let file: PathBuf = std::env::args_os().nth(1).ok_or("canonical FILE")?.into();
    let header = header_of(&file)?;
    for line in header.text().lines() {
        if line.split('\t').next() != Some("@PG") {
            println!("{line}");
        }
    }
    println!(
        "references sha256:{:x}",
        Sha256::digest(header.reference_list())
    );
    println!("records {}", digest_of_records(&file)?);
    for (name, _) in Metrics::default().files() {
        let mut beside = file.clone().into_os_string();
        beside.push(".");
        beside.push(name);
        match fs::read_to_string(&beside) {
            Ok(text) => print!("{name}\n{text}"),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(format!("reading {}: {error}", beside.display()).into()),
        }
    }
    Ok(())
}
