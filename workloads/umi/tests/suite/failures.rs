//! Files that cannot be grouped: every implementation says why and where, and leaves the output that was there.

use std::path::Path;
use std::process::Command;

use plimsoll_umi::{Params, Shape, Strategy, Umi};
use plimsoll_workload::{Bytes, Failure, Workload};

use crate::bam::{Wanted, header, write};
use crate::golden;
use crate::runs::{ALL, Prepared};

/// A file of a header and these records.
fn file(records: &[Vec<u8>]) -> Prepared {
    let file = tempfile::NamedTempFile::new().unwrap();
    write(file.path(), &[header(), records.concat()].concat(), 60_000);
    Prepared::of(file.path())
}

/// What all implementations refuse a file with, on one thread and on several.
fn refused(prepared: &Prepared) -> String {
    let mut told = Vec::new();
    for id in ALL {
        for threads in [1, 3] {
            let failure = prepared.failure(id, threads);
            assert!(matches!(failure, Failure::Input(_)), "{failure:?}");
            told.push(failure.to_string());
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    told.remove(0)
}

#[track_caller]
fn says(prepared: &Prepared, parts: &[&str]) {
    let told = refused(prepared);
    for part in parts.iter().chain(&["input.bam"]) {
        assert!(told.contains(part), "{told}");
    }
}

fn pair(name: &str, umi: &str) -> Vec<Vec<u8>> {
    Wanted::pair(name, 1000, true, umi)
        .map(|read| read.bytes())
        .to_vec()
}

#[test]
fn every_beginning_of_a_file_is_refused() {
    let whole = file(&[pair("a", "ACGT"), pair("b", "ACGA"), pair("c", "ACGA")].concat());
    let bytes = std::fs::read(whole.input()).unwrap();
    for end in 0..bytes.len() {
        whole.replace_input(&bytes[..end]);
        for id in ALL {
            let failure = whole.failure(id, 1 + end % 2);
            assert!(matches!(failure, Failure::Input(_)), "{end}: {failure:?}");
            assert!(failure.to_string().contains("input.bam"), "{failure}");
        }
    }
}

#[test]
fn every_flipped_bit_is_refused_or_makes_no_difference() {
    let whole = file(&[pair("a", "ACGT"), pair("b", "ACGA")].concat());
    let bytes = std::fs::read(whole.input()).unwrap();
    let right = whole.run("compact", 1);
    let mut kept = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            whole.replace_input(&flipped);
            match whole.begin("compact", &whole.context(1)) {
                Err(failure) => assert!(matches!(failure, Failure::Input(_)), "{failure:?}"),
                Ok(()) => {
                    kept += 1;
                    assert_eq!(whole.run("compact", 1), right, "byte {at}, bit {bit}");
                }
            }
        }
    }
    // Times, flags and systems in the headers of blocks say nothing of the records.
    assert!(kept < 8 * 8 * 4, "{kept}");
}

#[test]
fn what_is_no_grouped_file_is_refused_before_it_is_copied() {
    let room = tempfile::tempdir().unwrap();
    let refused = |path: &Path| {
        let params = Params {
            input: Some(path.into()),
            ..Params::default()
        };
        let failure = Umi::prepare(&params, room.path()).unwrap_err();
        assert!(matches!(failure, Failure::Input(_)), "{failure:?}");
        assert!(!room.path().join("input.bam").exists());
        failure.to_string()
    };
    let path = room.path().join("a.bam");
    assert!(refused(&path).contains("a.bam"));
    std::fs::write(&path, "no BAM at all").unwrap();
    assert!(refused(&path).contains("no block of BGZF"));
    write(&path, b"@HD\tVN:1.6\n", 100);
    assert!(refused(&path).contains("not a BAM file"));
    let mut sorted = header();
    let order = sorted
        .windows(8)
        .position(|text| text == b"template")
        .unwrap();
    sorted[order] = b'T';
    write(&path, &sorted, 100);
    assert!(refused(&path).contains("samtools sort --template-coordinate"));
    std::fs::write(
        &path,
        std::fs::read(golden::file("basic.bam"))
            .unwrap()
            .split_at(500)
            .0,
    )
    .unwrap();
    assert!(refused(&path).contains("the file ends inside"));
}

#[test]
fn damaged_records_are_told_by_number_and_name() {
    let good = || pair("first", "ACGT");
    let with = |change: fn(&mut Vec<u8>)| {
        let mut records = [good(), pair("second", "ACGT")].concat();
        change(&mut records[2]);
        file(&records)
    };
    // The length takes the first four bytes.
    says(
        &with(|record| record[4..8].copy_from_slice(&2_i32.to_le_bytes())),
        &["record 3 (read second)", "reference 2"],
    );
    says(
        &with(|record| record[24..28].copy_from_slice(&(-2_i32).to_le_bytes())),
        &["record 3", "reference -2"],
    );
    says(&with(|record| record[12] = 0), &["record 3", "NUL"]);
    says(&with(|record| record[12] += 1), &["record 3", "NUL"]);
    says(
        &with(|record| record[16..18].copy_from_slice(&60_000_u16.to_le_bytes())),
        &["record 3", "longer than the record"],
    );
    says(
        &with(|record| record[20..24].copy_from_slice(&u32::MAX.to_le_bytes())),
        &["record 3", "longer than the record"],
    );
    says(
        &with(|record| record[..4].copy_from_slice(&31_u32.to_le_bytes())),
        &["record 3", "31 bytes"],
    );
    says(
        &with(|record| record[..4].copy_from_slice(&u32::MAX.to_le_bytes())),
        &["record 3", "4294967295 bytes"],
    );
    says(
        &with(|record| record[..4].copy_from_slice(&100_000_u32.to_le_bytes())),
        &["record 3", "ends inside"],
    );
    says(
        &with(|record| *record.last_mut().unwrap() = b'A'),
        &["record 3 (read second)", "tags"],
    );
    says(
        &with(|record| {
            let tag = record.windows(3).position(|tag| tag == b"MCZ").unwrap();
            record[tag] = b'X';
        }),
        &["record 3 (read second)", "no tag MC"],
    );
    says(
        &with(|record| {
            let tag = record.windows(6).position(|tag| tag == b"MCZ10M").unwrap();
            record[tag + 5] = b'Q';
        }),
        &["record 3 (read second)", "not a CIGAR"],
    );
}

#[test]
fn templates_that_cannot_be_grouped_are_told_by_name() {
    let twice = [pair("a", "ACGT"), pair("a", "ACGT")].concat();
    says(&file(&twice), &["record 3 (read a)", "two primary records"]);
    let lengths = || [pair("a", "ACGT"), pair("b", "ACG"), pair("c", "ACGT")].concat();
    let with = |records: Vec<Vec<u8>>, strategy| {
        let mut prepared = file(&records);
        prepared.params.strategy = strategy;
        prepared
    };
    for strategy in [Strategy::Edit, Strategy::Adjacency] {
        says(
            &with(lengths(), strategy),
            &["record 1 (read b)", "differ in length"],
        );
    }
    with(lengths(), Strategy::Identity).run("compact", 1);
    let halves = [pair("a", "AC-GT"), pair("b", "ACGT")].concat();
    says(
        &with(halves, Strategy::Paired),
        &["record 1 (read b)", "exactly one dash"],
    );
    let uneven = [pair("a", "AC-GT"), pair("b", "AC-G")].concat();
    says(
        &with(uneven, Strategy::Paired),
        &["record 1 (read b)", "differ in length"],
    );
}

#[test]
fn a_record_longer_than_a_run_is_grouped() {
    let mut long = Wanted::pair("b", 1000, true, "ACGT");
    long[0].tags.extend(b"XXZ");
    long[0].tags.extend(vec![b'x'; 3_000_000]);
    long[0].tags.push(0);
    let records = [
        pair("a", "ACGT"),
        long.map(|read| read.bytes()).to_vec(),
        pair("c", "ACGT"),
    ];
    let prepared = file(&records.concat());
    let first = prepared.run("per-group", 1);
    assert_eq!((first.accepted, first.molecules), (6, 1));
    for threads in [1, 3] {
        assert_eq!(prepared.run("compact", threads), first);
    }
}

#[test]
fn a_file_without_records_is_grouped() {
    let prepared = file(&[]);
    for id in ALL {
        let made = prepared.run(id, 2);
        assert_eq!((made.accepted, made.molecules, made.families), (0, 0, 0));
    }
}

#[test]
fn a_budget_that_is_too_small_is_refused_with_what_would_do() {
    let prepared = file(&pair("a", "ACGT"));
    let context = prepared.context(1).with_budget(Bytes(30 << 20));
    let failure = prepared.begin("bounded", &context).unwrap_err();
    assert!(matches!(failure, Failure::Refused { .. }), "{failure:?}");
    assert!(
        failure.to_string().contains("raise the memory budget"),
        "{failure}"
    );
}

/// Tells the test, started again in a process whose files may be but small, what was prepared for it.
const PREPARED: &str = "UMI_FAILURES_PREPARED";

#[test]
fn a_full_disk_ends_the_run() {
    let params = Params {
        shape: Shape::Deep,
        records: 40_000,
        ..Params::default()
    };
    let expect = |prepared: &Prepared| {
        for id in ALL {
            for threads in [1, 3] {
                let failure = prepared.failure(id, threads);
                let told = failure.to_string();
                assert!(matches!(failure, Failure::Other(_)), "{failure:?}");
                let place = if id == "bounded" {
                    "keeping a group"
                } else {
                    "made.bam"
                };
                assert!(told.contains(place), "{told}");
            }
        }
    };
    if let Some(directory) = std::env::var_os(PREPARED) {
        expect(&Prepared::elsewhere(directory.into(), params));
        return;
    }
    let prepared = Prepared::new(params);
    // 512 KiB at most: less than half of the grouped file, and of the group that goes to a file. The signal that tells
    // of the limit is ignored, so that writes fail as on a disk that is full.
    let limit = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\"";
    let again = Command::new("sh")
        .args(["-c", limit])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "failures::a_full_disk_ends_the_run"])
        .env(PREPARED, prepared.directory())
        .output()
        .unwrap();
    assert!(again.status.success(), "{again:?}");
}
