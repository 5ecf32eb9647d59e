//! Archives back into files.

use plimsoll_segments::Params;
use plimsoll_segments::extract::extract;
use plimsoll_segments::fasta::read_all;
use tempfile::tempdir;

use crate::golden::samples;
use crate::runs::{CROSS_REFERENCED, ONE_SHOT, Prepared};

#[test]
fn every_sample_comes_back_as_a_file_of_its_records() {
    for way in [ONE_SHOT[5], CROSS_REFERENCED] {
        for set in ["toy", "drb1", "synth-tiny"] {
            let prepared = Prepared::golden(set);
            prepared.run(way, 2);
            let directory = tempdir().unwrap();
            let files = extract(&prepared.archive(), directory.path()).unwrap();
            let samples = samples(set);
            assert_eq!(files.len(), samples.len());
            for (file, (name, source)) in files.iter().zip(&samples) {
                assert_eq!(*file, directory.path().join(format!("{name}.fa")));
                assert_eq!(read_all(file).unwrap(), read_all(source).unwrap());
                let text = std::fs::read_to_string(file).unwrap();
                assert!(
                    text.lines()
                        .all(|line| line.starts_with('>') || line.len() <= 80)
                );
            }
            let left = std::fs::read_dir(directory.path()).unwrap().count();
            assert_eq!(left, files.len(), "nothing else is left behind");
        }
    }
}

#[test]
fn bytes_that_mean_something_to_a_reader_survive() {
    // A CR or a `>` at each place of a line, and at both ends of headers and sequences.
    let mut text = b">head\r\r\n".to_vec();
    for place in 0..170 {
        let mut sequence = vec![b'A'; 200];
        sequence[place] = if place > 0 && place % 2 == 0 {
            b'>'
        } else {
            b'\r'
        };
        text.extend(format!(">{place}\n").bytes());
        text.extend(sequence);
        text.extend(b"\r\r\n");
    }
    let prepared = Prepared::files([("odd.fa", text)], Params::default());
    prepared.run(ONE_SHOT[5], 1);
    let directory = tempdir().unwrap();
    let files = extract(&prepared.archive(), directory.path()).unwrap();
    let expected = read_all(&prepared.sample(0)).unwrap();
    assert_eq!(expected[0].header, b"head\r");
    assert_eq!(read_all(&files[0]).unwrap(), expected);
}

#[test]
fn an_archive_that_is_none_is_named() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("none.segw");
    std::fs::write(&path, "not an archive").unwrap();
    let failure = extract(&path, &directory.path().join("out")).unwrap_err();
    assert!(failure.to_string().contains("none.segw"), "{failure}");
}
