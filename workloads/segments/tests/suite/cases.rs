//! Inputs at the edges of the specification: every implementation makes one archive of them that gives them back.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use plimsoll_segments::Params;

use crate::runs::{Made, Prepared, agreed};

/// Small splitters, segments and packs.
fn small() -> Params {
    Params {
        k: 7,
        segment_size: 40,
        min_match: 16,
        pack: 50,
        ..Params::default()
    }
}

/// The metrics `segments`, `groups`, `deltas`, `packs` of what all agree on.
fn counts<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>, params: Params) -> [u64; 4] {
    let made = agreed(&Prepared::files(files, params), &[1, 3]);
    ["segments", "groups", "deltas", "packs"].map(|name| made.count(name))
}

/// Bases without a pattern, the same each time.
fn bases(count: usize, seed: u8) -> Vec<u8> {
    let mut random = vec![0; count];
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[seed]);
    hasher.finalize_xof().fill(&mut random);
    random
        .iter()
        .map(|byte| b"ACGT"[*byte as usize % 4])
        .collect()
}

fn fasta<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut text = Vec::new();
    for record in records {
        text.extend_from_slice(b">r\n");
        text.extend_from_slice(record);
        text.push(b'\n');
    }
    text
}

/// The reverse complement, of what has one; the rest stays.
pub(crate) fn turned(bases: &[u8]) -> Vec<u8> {
    let turn = |base: &u8| match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        b'T' => b'A',
        other => *other,
    };
    bases.iter().rev().map(turn).collect()
}

#[test]
fn files_and_records_may_be_empty() {
    let one = |text: &[u8]| vec![("a.fa", text.to_vec())];
    assert_eq!(counts(one(b""), small()), [0; 4]);
    assert_eq!(counts(one(b">\n>\n>"), small()), [0; 4]);
    let empty_reference = [("a.fa", Vec::new()), ("b.fa", fasta([&bases(99, 0)[..]]))];
    assert_eq!(counts(empty_reference, small()), [1, 0, 0, 0]);
    let empty_others = [
        ("a.fa", fasta([&bases(99, 0)[..], b""])),
        ("b.fa", Vec::new()),
        ("c.fa", b">\n\n>x".to_vec()),
    ];
    assert_eq!(counts(empty_others, small())[2..], [0, 0]);
}

#[test]
fn records_and_references_may_be_shorter_than_a_splitter() {
    let files = [
        ("a.fa", fasta([&b"ACGTAC"[..], b"A", b"NNNNNNNNNN"])),
        ("b.fa", fasta([&b"ACGTAC"[..], &bases(300, 1)])),
    ];
    assert_eq!(counts(files, small()), [5, 0, 0, 0]);
}

#[test]
fn a_reference_of_repeats_has_no_splitter() {
    let repeat = b"ACGTTGCA".repeat(40);
    let files = [
        ("a.fa", fasta([&repeat[..]])),
        ("b.fa", fasta([&repeat[..], &bases(200, 2)])),
    ];
    assert_eq!(counts(files, small()), [3, 0, 0, 0]);
}

#[test]
fn raw_packs_close_by_their_codes_and_by_their_members() {
    let params = Params {
        k: 21,
        pack: 3,
        ..small()
    };
    let long: Vec<Vec<u8>> = (0..4).map(|seed| bases(600_000, seed)).collect();
    let short: Vec<Vec<u8>> = (0..5).map(|seed| bases(30, seed)).collect();
    let records = long.iter().chain(&short).map(Vec::as_slice);
    let files = [("a.fa", Vec::new()), ("b.fa", fasta(records))];
    assert_eq!(counts(files, params), [9, 0, 0, 0]);
}

#[test]
fn a_group_may_fill_several_packs() {
    // Splitters near both ends alone, so that the copies are of one group.
    let params = Params {
        k: 15,
        segment_size: 1000,
        ..small()
    };
    let reference = bases(400, 3);
    let mut records = Vec::new();
    for copy in 0..120 {
        let mut changed = reference.clone();
        // Each change comes twice.
        let at = 100 + copy / 2;
        changed[at] = if changed[at] == b'A' { b'C' } else { b'A' };
        if copy % 4 == 0 {
            changed = turned(&changed);
        }
        records.extend([changed, reference.clone()]);
    }
    // A change that has been stored is found again only while its pack is open: that which fills one is stored twice.
    for (pack, deltas, packs) in [
        (1, 120, 120),
        (7, 69, 10),
        (50, 61, 2),
        (60, 61, 2),
        (61, 60, 1),
    ] {
        let files = [
            ("a.fa", fasta([&reference[..]])),
            ("b.fa", fasta(records.iter().map(Vec::as_slice))),
        ];
        let made = counts(
            files,
            Params {
                pack,
                ..params.clone()
            },
        );
        assert_eq!(made[2..], [deltas, packs], "packs of {pack}");
    }
}

#[test]
fn a_segment_may_end_with_the_splitter_it_starts_with() {
    let splitter = b"ACCGTAA";
    // The first k-mer of the reference is always one, if it occurs once.
    let mut reference = splitter.to_vec();
    reference.extend(bases(90, 4));
    let looped = [
        &bases(50, 6)[..],
        splitter,
        &bases(60, 7),
        splitter,
        &bases(50, 8),
    ]
    .concat();
    let mixed = [splitter, &bases(30, 9)[..], &turned(splitter), &bases(9, 1)].concat();
    let files = [
        ("a.fa", fasta([&reference[..]])),
        (
            "b.fa",
            fasta([&looped[..], &turned(&looped), &mixed, &turned(&mixed)]),
        ),
        (
            "c.fa",
            fasta([&splitter[..], &turned(splitter), &splitter.repeat(3)]),
        ),
    ];
    let [segments, ..] = counts(files, small());
    // Of the reference 4; of the loop 3 either way; of the mixed 3 and 2; of the splitters alone 1, 1 and 3.
    assert_eq!(segments, 20);
}

#[test]
fn runs_of_n_may_lie_anywhere() {
    let reference = bases(500, 10);
    let mut holes = reference.clone();
    for (start, length) in [(0, 30), (120, 3), (200, 100), (470, 30)] {
        holes[start..start + length].fill(b'N');
    }
    let files = [
        ("a.fa", fasta([&reference[..], &holes])),
        ("b.fa", fasta([&holes[..], &turned(&holes), &[b'n'; 100]])),
    ];
    counts(files, small());
}

#[test]
fn case_letters_line_ends_and_headers_survive() {
    let text = b">same\r\nACGTacgtNNnnRYSWkm-*\r\nAC\rGT\r\n>same\r\n>\xc3\xa9 \t|x\nacgu\xff\x00\x80\n\n\n>\n>last"
        .to_vec();
    let reference = fasta([&bases(300, 11)[..]]);
    let lower = reference.to_ascii_lowercase();
    let files = [("a.fa", reference), ("b.fa", text), ("c.fa", lower)];
    let [_, _, deltas, _] = counts(files, small());
    assert_eq!(deltas, 0);
}

#[test]
fn gzip_of_several_members_is_as_good_as_plain() {
    let member = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let plain = fasta([&bases(500, 12)[..], &bases(400, 13)]);
    let zipped = [member(&plain[..333]), member(b""), member(&plain[333..])].concat();
    let made = |second: Vec<u8>| -> Made {
        let files = [("a.fa", plain.clone()), ("b.fa", second)];
        agreed(&Prepared::files(files, small()), &[2])
    };
    assert_eq!(made(zipped), made(plain.clone()));
}
