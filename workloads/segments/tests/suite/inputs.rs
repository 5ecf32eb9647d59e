//! Inputs are what was generated or given, in order, under its names; bad ones are refused with what to do.

use std::io::Write;
use std::path::{Path, PathBuf};

use plimsoll_segments::fasta::read_all;
use plimsoll_segments::{Inputs, Params, RecordsDigest};

use crate::golden;

fn given(input: &[PathBuf]) -> Params {
    Params {
        input: Some(input.to_vec()),
        ..Params::default()
    }
}

/// What opening gives after preparing, and the directory that it lies in.
fn prepared(params: &Params) -> (Inputs, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    Inputs::prepare(params, directory.path()).unwrap();
    (Inputs::open(directory.path()).unwrap(), directory)
}

/// The message of a refusal that leaves no manifest, so that nothing can mistake the directory for a made one.
fn refusal(params: &Params) -> String {
    let directory = tempfile::tempdir().unwrap();
    let failure = Inputs::prepare(params, directory.path()).unwrap_err();
    assert!(!directory.path().join("inputs.json").exists());
    assert!(Inputs::open(directory.path()).is_err());
    failure.to_string()
}

fn file(directory: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = directory.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The digest of samples that were read whole.
fn digest<'a>(samples: impl IntoIterator<Item = (&'a [u8], &'a Path)>) -> String {
    let mut digest = RecordsDigest::default();
    for (name, path) in samples {
        digest.sample(name);
        for record in read_all(path).unwrap() {
            digest.record(&record.header);
            digest.sequence(&record.sequence);
        }
    }
    digest.finish()
}

#[test]
fn an_empty_list_of_files_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let failure = Inputs::prepare(&given(&[]), directory.path()).unwrap_err();
    assert!(
        failure.to_string().contains("input lists no files"),
        "{failure}"
    );
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn no_files_given_means_to_generate() {
    let (inputs, _directory) = prepared(&Params::default());
    let golden = golden::samples("synth-tiny");
    assert_eq!(inputs.samples().len(), golden.len());
    for (sample, (name, path)) in inputs.samples().iter().zip(&golden) {
        assert_eq!(sample.name, name.as_bytes());
        assert_eq!(
            std::fs::read(&sample.path).unwrap(),
            std::fs::read(path).unwrap()
        );
    }
    // The same files given are the same samples, and have the same records.
    let paths: Vec<_> = golden.into_iter().map(|(_, path)| path).collect();
    let (same, _directory) = prepared(&given(&paths));
    assert_eq!(same.records_digest(), inputs.records_digest());
}

#[test]
fn given_files_are_copied_in_their_order_under_their_names() {
    for set in golden::SETS {
        let mut golden = golden::samples(set);
        golden.reverse();
        let paths: Vec<_> = golden.iter().map(|(_, path)| path.clone()).collect();
        let (inputs, directory) = prepared(&given(&paths));
        for (sample, (name, path)) in inputs.samples().iter().zip(&golden) {
            assert_eq!(sample.name, name.as_bytes());
            assert_eq!(sample.path.parent(), Some(directory.path()));
            assert_eq!(
                std::fs::read(&sample.path).unwrap(),
                std::fs::read(path).unwrap()
            );
        }
        let sources = golden
            .iter()
            .map(|(name, path)| (name.as_bytes(), path.as_path()));
        assert_eq!(inputs.records_digest(), digest(sources));
    }
}

#[test]
fn the_records_digest_is_of_records_not_of_files() {
    let directory = tempfile::tempdir().unwrap();
    let one = |name: &str, bytes: &[u8]| {
        let path = file(directory.path(), name, bytes);
        prepared(&given(&[path])).0.records_digest().to_owned()
    };
    let plain = one("1/a.fa", b">r\nACGT\n>s\n");
    assert_eq!(one("2/a.fasta.gz", &gzip(b">r\r\nAC\r\nGT\r\n>s")), plain);
    assert_ne!(one("3/b.fa", b">r\nACGT\n>s\n"), plain);
    assert_ne!(one("4/a.fa", b">r\nACGt\n>s\n"), plain);
    assert_ne!(one("5/a.fa", b">s\n>r\nACGT\n"), plain);
}

#[test]
fn a_file_without_records_is_a_sample_without_records() {
    let directory = tempfile::tempdir().unwrap();
    let empty = file(directory.path(), "empty.fa", b"");
    let (inputs, _copies) = prepared(&given(&[empty]));
    assert_eq!(inputs.samples()[0].name, b"empty");
    assert_eq!(read_all(&inputs.samples()[0].path).unwrap(), []);
}

#[cfg(unix)]
#[test]
fn a_name_need_not_be_utf8_nor_differ_from_the_manifests() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let directory = tempfile::tempdir().unwrap();
    let names: [&[u8]; 3] = [b"g\xe9nome.fa", b"inputs.json", b"g\xc3\xa9nome\n.fa"];
    let paths = names.map(|name| {
        let path = directory.path().join(OsStr::from_bytes(name));
        std::fs::write(&path, b">r\nA\n").unwrap();
        path
    });
    let (inputs, _copies) = prepared(&given(&paths));
    let read: Vec<_> = inputs
        .samples()
        .iter()
        .map(|sample| &sample.name[..])
        .collect();
    assert_eq!(
        read,
        [&b"g\xe9nome"[..], b"inputs.json", b"g\xc3\xa9nome\n"]
    );
    for sample in inputs.samples() {
        assert_eq!(read_all(&sample.path).unwrap().len(), 1);
    }
}

#[test]
fn what_is_no_fasta_file_is_refused_by_the_name_that_was_given() {
    let directory = tempfile::tempdir().unwrap();
    let good = file(directory.path(), "good.fa", b">r\nA\n");
    let refused = |bad: &Path| refusal(&given(&[good.clone(), bad.to_owned()]));
    let holds = |message: String, parts: &[&str]| {
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    };

    let missing = directory.path().join("missing.fa");
    holds(refused(&missing), &["missing.fa: No such file"]);
    std::fs::create_dir(directory.path().join("genomes")).unwrap();
    holds(
        refused(&directory.path().join("genomes")),
        &["genomes is a directory; name"],
    );
    holds(refused(Path::new("..")), &[".. is a directory; name"]);
    let headless = file(directory.path(), "headless.fa", b"\nACGT\n>r\n");
    holds(refused(&headless), &["/headless.fa: line 2", "begins with"]);
    let whole = gzip(b">r\nACGT\n");
    let cut = file(directory.path(), "cut.fa.gz", &whole[..whole.len() - 3]);
    holds(refused(&cut), &["/cut.fa.gz is damaged", "fetch it again"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_without_a_wait() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    for path in [&path, Path::new("/dev/zero")] {
        let message = refusal(&given(&[path.to_owned()]));
        assert!(message.contains("is not a regular file; save"), "{message}");
    }
}

#[test]
fn samples_of_one_name_are_refused_with_both_files() {
    let directory = tempfile::tempdir().unwrap();
    let paths = ["1/a.fa", "b.fa", "2/a.fasta.gz"].map(|name| file(directory.path(), name, b""));
    let message = refusal(&given(&paths));
    for part in ["1/a.fa and ", "2/a.fasta.gz are both sample `a`; rename"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn parameters_out_of_range_are_refused_before_anything_is_made() {
    let params = Params {
        k: 2,
        ..Params::default()
    };
    assert!(refusal(&params).starts_with("k is 2"));
}

#[test]
fn a_directory_without_a_manifest_and_a_damaged_manifest_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let opened = || Inputs::open(directory.path()).unwrap_err().to_string();
    assert!(opened().contains("make the inputs first"));
    for damaged in [
        "",
        "{}",
        r#"{"records": "", "samples": []}"#,
        r#"{"records": "", "samples": [{"name": [256], "file": "a"}]}"#,
    ] {
        file(directory.path(), "inputs.json", damaged.as_bytes());
        let message = opened();
        assert!(message.contains("inputs.json is damaged: "), "{message}");
        assert!(message.contains("make the inputs again"), "{message}");
    }
}

#[test]
fn inputs_that_cannot_be_written_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let source = file(directory.path(), "a.fa", b">r\n");
    let nowhere = directory.path().join("nowhere");
    for params in [Params::default(), given(&[source])] {
        let message = Inputs::prepare(&params, &nowhere).unwrap_err().to_string();
        assert!(message.contains("/nowhere/"), "{message}");
    }
}
