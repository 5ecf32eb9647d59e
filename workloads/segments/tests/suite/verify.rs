//! An archive is held against the inputs that it was made of.

use std::path::{Path, PathBuf};

use plimsoll_segments::archive::{Archive, digest};
use plimsoll_segments::fasta::read_all;
use plimsoll_segments::inputs::Inputs;
use plimsoll_segments::verify::verify;
use plimsoll_segments::{Params, Preset};
use plimsoll_workload::Context;
use tempfile::TempDir;

use crate::compressor::{Sample, compress, settings};

fn prepared(params: &Params) -> (TempDir, Inputs) {
    let directory = tempfile::tempdir().unwrap();
    Inputs::prepare(params, directory.path()).unwrap();
    let inputs = Inputs::open(directory.path()).unwrap();
    (directory, inputs)
}

fn samples(inputs: &Inputs) -> Vec<Sample> {
    inputs
        .samples()
        .iter()
        .map(|sample| (sample.name.clone(), read_all(&sample.path).unwrap()))
        .collect()
}

fn put(directory: &Path, samples: &[Sample]) -> PathBuf {
    let path = directory.join("archive");
    std::fs::write(&path, compress(samples, &settings(21, 1000, 50))).unwrap();
    path
}

#[test]
fn a_right_archive_is_reported_with_its_digests() {
    let (directory, inputs) = prepared(&Params {
        preset: Preset::Tiny,
        ..Params::default()
    });
    let path = put(directory.path(), &samples(&inputs));
    let context = Context::recording(directory.path());
    verify(&path, &inputs, &context).unwrap();
    let reported = |name| context.recorded_digest(name).unwrap();
    assert_eq!(reported("records"), inputs.records_digest());
    let logical = digest::logical(&Archive::open(&path).unwrap()).unwrap();
    assert_eq!(reported("logical"), logical);
    assert_eq!(reported("file"), digest::file(&path).unwrap());
}

#[test]
fn an_archive_of_other_records_is_told_by_the_first_that_differs() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("one.fa");
    std::fs::write(&file, ">first\nACGT\n>second\nGGGG\nTT\n").unwrap();
    let (inputs_in, inputs) = prepared(&Params {
        input: Some(vec![file]),
        ..Params::default()
    });
    let context = Context::recording(inputs_in.path());
    let told = |change: fn(&mut Vec<Sample>)| {
        let mut samples = samples(&inputs);
        change(&mut samples);
        let path = put(inputs_in.path(), &samples);
        verify(&path, &inputs, &context).unwrap_err().to_string()
    };
    let sequence = told(|samples| samples[0].1[1].sequence[0] = b'g');
    assert!(
        sequence.ends_with(
            "does not give its input back: it differs first at sample one, record 2 \"second\""
        ),
        "{sequence}"
    );
    let header = told(|samples| samples[0].1[0].header.push(b' '));
    assert!(
        header.ends_with("sample one, record 1 \"first\""),
        "{header}"
    );
    let fewer = told(|samples| drop(samples[0].1.pop()));
    assert!(
        fewer.ends_with("sample one, record 2 \"second\""),
        "{fewer}"
    );
    let more = told(|samples| samples.push((b"two".to_vec(), Vec::new())));
    assert!(
        more.ends_with("it has more records than the inputs"),
        "{more}"
    );
    let renamed = told(|samples| samples[0].0.push(b'!'));
    assert!(renamed.ends_with("at sample one"), "{renamed}");
    assert!(context.recorded().is_empty());
}
