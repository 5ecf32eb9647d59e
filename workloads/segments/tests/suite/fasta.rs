//! Reading FASTA files: golden records, gzip, and files that cannot be read.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use plimsoll_segments::fasta::{Record, ScanError, Sink, read_all, scan};
use plimsoll_workload::Failure;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::golden::{SETS, directory, samples};

#[test]
fn golden_records_are_read_as_published() {
    for set in SETS {
        let mut table = String::new();
        for (sample, path) in samples(set) {
            for (index, record) in read_all(&path).unwrap().iter().enumerate() {
                let mut digest = Sha256::new();
                for part in [&record.header, &record.sequence] {
                    digest.update(part);
                    digest.update(b"\n");
                }
                let (header, sequence) = (record.header.len(), record.sequence.len());
                table += &format!(
                    "{sample}\t{index}\t{header}\t{sequence}\t{:x}\n",
                    digest.finalize()
                );
            }
        }
        let published = std::fs::read_to_string(directory(set).join("RECORDS.tsv")).unwrap();
        assert_eq!(table, published, "{set}");
    }
}

/// A directory with one file.
struct OneFile {
    _directory: TempDir,
    path: PathBuf,
}

fn file(name: &str, bytes: &[u8]) -> OneFile {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    OneFile {
        _directory: directory,
        path,
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn record(header: &[u8], sequence: &[u8]) -> Record {
    Record {
        header: header.to_vec(),
        sequence: sequence.to_vec(),
    }
}

/// What reading the file ends with.
fn refusal(path: &Path) -> String {
    let error = read_all(path).unwrap_err();
    let text = error.to_string();
    let name = path.display().to_string();
    assert!(text.contains(&name), "{text} does not name {name}");
    let failure = Failure::from(error);
    assert!(matches!(failure, Failure::Input(_)), "{failure:?}");
    text
}

#[test]
fn a_file_without_bytes_has_no_records() {
    assert_eq!(read_all(&file("a.fa", b"").path).unwrap(), []);
    assert_eq!(read_all(&file("a.fa", &gzip(b"")).path).unwrap(), []);
    assert_eq!(
        read_all(&file("a.fa", b">").path).unwrap(),
        [record(b"", b"")]
    );
}

#[test]
fn gzip_is_known_by_its_first_bytes_whatever_the_name() {
    let expected = [record(b"a", b"AC")];
    assert_eq!(
        read_all(&file("a.fa", &gzip(b">a\nAC\n")).path).unwrap(),
        expected
    );
    assert_eq!(
        read_all(&file("a.fa.gz", b">a\nAC\n").path).unwrap(),
        expected
    );
}

#[test]
fn gzip_members_are_one_stream() {
    let text = b">a\r\nACGT\r\nACC\r\n>b\r\nTT";
    for first in 0..text.len() {
        for second in first..text.len() {
            let members = [
                gzip(&text[..first]),
                gzip(&text[first..second]),
                gzip(&text[second..]),
            ];
            assert_eq!(
                read_all(&file("a.gz", &members.concat()).path).unwrap(),
                [record(b"a", b"ACGTACC"), record(b"b", b"TT")]
            );
        }
    }
}

#[test]
fn gzip_cut_anywhere_or_followed_by_anything_is_refused() {
    let whole = [gzip(b">a\nACGTACGT\n"), gzip(b">b\nTT\n")].concat();
    let member = gzip(b">a\nACGTACGT\n").len();
    // Two bytes tell that it is gzip; a cut between members leaves a whole stream.
    for end in (2..whole.len()).filter(|end| *end != member) {
        let text = refusal(&file("a.fa.gz", &whole[..end]).path);
        assert!(text.contains("damaged as a gzip file"), "{end}: {text}");
    }
    for garbage in [b"x".as_slice(), b"\0", b">c\nA\n", &[0x1f, 0x8b]] {
        let text = refusal(&file("a.fa.gz", &[&whole, garbage].concat()).path);
        assert!(text.contains("damaged as a gzip file"), "{text}");
    }
    let mut flipped = whole;
    flipped[member - 8] ^= 1;
    let text = refusal(&file("a.fa.gz", &flipped).path);
    assert!(text.contains("damaged as a gzip file"), "{text}");
}

#[test]
fn lines_of_any_length_cross_buffers() {
    let bases: Vec<u8> = (0..1_000_003).map(|at| b"ACGTN"[at % 7 % 5]).collect();
    let header = vec![b'h'; 700_001];
    let mut text = b">".to_vec();
    text.extend_from_slice(&header);
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(&bases);
    // One CR on every place around the buffer's end, in a line and at its end.
    for extra in (0..4).map(|length| vec![b'A'; length]) {
        let mut text = text.clone();
        let buffer_end = (256 << 10) * 8 - 2;
        let filler = buffer_end - text.len();
        text.extend(std::iter::repeat_n(b'C', filler));
        text.extend_from_slice(&extra);
        let mut expected = text[header.len() + 3..].to_vec();
        text.extend_from_slice(b"\rT\r\nG\r");
        expected.extend_from_slice(b"\rTG");
        for bytes in [gzip(&text), text] {
            let records = read_all(&file("a.fa", &bytes).path).unwrap();
            assert!(
                records == [record(&header, &expected)],
                "{} more bytes",
                extra.len()
            );
        }
    }
}

#[test]
fn a_missing_file_and_a_directory_are_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    assert!(refusal(directory.path()).contains("is a directory"));
    assert!(refusal(&directory.path().join("no.fa")).contains("reading"));
}

#[test]
fn sequence_before_a_header_is_refused_with_its_line() {
    let text = refusal(&file("a.fa", b"\n\nACGT\n>a\n").path);
    assert!(text.contains("line 3 is sequence before the first header"));
}

/// Does something to the file when the second record comes.
struct Meddler<F: FnMut()>(u32, F);

impl<F: FnMut()> Sink for Meddler<F> {
    type Error = Failure;

    fn record(&mut self, _: &[u8]) -> Result<(), Failure> {
        self.0 += 1;
        if self.0 == 2 {
            self.1();
        }
        Ok(())
    }

    fn sequence(&mut self, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let text = b">a\nACGT\n>b\nACGT\n";
    let meddled = |bytes: &[u8], change: fn(&Path)| {
        let file = file("a.fa", bytes);
        let path = file.path.clone();
        scan(&path, &mut Meddler(0, || change(&path)))
            .unwrap_err()
            .to_string()
    };
    let append = |path: &Path| {
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"ACGT\n").unwrap();
    };
    let touch = |path: &Path| {
        let later = SystemTime::now() + Duration::from_secs(5);
        File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(later)
            .unwrap();
    };
    let truncate = |path: &Path| {
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_len(3)
            .unwrap();
    };
    for bytes in [text.to_vec(), gzip(text)] {
        for change in [append, touch, truncate] {
            let error = meddled(&bytes, change);
            assert!(error.contains("a.fa changed while it was read"), "{error}");
        }
    }
}

#[test]
fn a_sink_that_takes_no_more_ends_the_scan_with_its_own_error() {
    struct Full;
    impl Sink for Full {
        type Error = &'static str;
        fn record(&mut self, _: &[u8]) -> Result<(), &'static str> {
            Ok(())
        }
        fn sequence(&mut self, _: &[u8]) -> Result<(), &'static str> {
            Err("full")
        }
    }
    let file = file("a.fa", b">a\nAC\n");
    let error = scan(&file.path, &mut Full).unwrap_err();
    assert!(matches!(error, ScanError::Sink("full")), "{error}");
}

#[test]
fn a_header_that_does_not_end_is_refused_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("binary.fa");
    let mut text = b">fine\nACGT\n>".to_vec();
    text.resize(3 << 20, b'x');
    std::fs::write(&path, &text).unwrap();
    let told = read_all(&path).unwrap_err().to_string();
    assert!(told.contains("binary.fa: line 3 is a header"), "{told}");
    // One of half a mebibyte is odd, but one.
    text.truncate(1 << 19);
    std::fs::write(&path, &text).unwrap();
    assert_eq!(read_all(&path).unwrap()[1].header.len(), (1 << 19) - 12);
}
