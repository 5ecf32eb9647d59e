//! Generated pangenomes are those that were published, byte for byte.

use std::path::{Path, PathBuf};

use plimsoll_segments::{Preset, generate};
use sha2::{Digest, Sha256};

/// Lines of `SHA256  NAME`.
fn digests(paths: &[PathBuf]) -> String {
    let line = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        format!("{:x}  {name}\n", Sha256::digest(bytes))
    };
    paths.iter().map(line).collect()
}

fn generated(preset: Preset, seed: u64) -> String {
    let directory = tempfile::tempdir().unwrap();
    let paths = generate::write(preset, seed, directory.path()).unwrap();
    let files = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files, paths.len(), "nothing else is left");
    digests(&paths)
}

#[test]
fn files_have_the_published_digests() {
    let tiny = include_str!("../golden/digests/tiny.sha256");
    assert_eq!(generated(Preset::Tiny, 20_251_023), tiny);
    let small = include_str!("../golden/digests/small.sha256");
    assert_eq!(generated(Preset::Small, 20_251_023), small);
}

#[test]
#[ignore = "writes 233 MB"]
fn the_yeasts_have_the_published_digests() {
    let yeast = include_str!("../golden/digests/yeast10.sha256");
    assert_eq!(generated(Preset::Yeast10, 20_251_023), yeast);
}

#[test]
fn another_seed_gives_other_files() {
    let [first, second] = [1, 2].map(|seed| generated(Preset::Tiny, seed));
    assert_eq!(generated(Preset::Tiny, 1), first);
    assert!(first.lines().zip(second.lines()).all(|(a, b)| a != b));
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let failure = generate::write(Preset::Tiny, 1, Path::new("/nowhere")).unwrap_err();
    assert!(failure.to_string().starts_with("writing /nowhere/S00.fa: "));
}
