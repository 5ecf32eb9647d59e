//! Golden data: files, and what fgumi makes of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use plimsoll_umi::{Params, Strategy};

use crate::runs::{ALL, Prepared};

/// A file of the golden data.
pub(crate) fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "data", name]
        .iter()
        .collect()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap()
}

/// The parameters that fgumi's arguments stand for.
fn params(case: &str, arguments: &str) -> Params {
    let mut params = Params {
        input: Some(file(&format!("{case}.bam"))),
        ..Params::default()
    };
    let arguments: Vec<&str> = arguments.split(' ').collect();
    for argument in arguments.chunks(2) {
        let value = argument[1];
        match argument[0] {
            "-s" => {
                params.strategy = match value {
                    "identity" => Strategy::Identity,
                    "edit" => Strategy::Edit,
                    "adjacency" => Strategy::Adjacency,
                    "paired" => Strategy::Paired,
                    other => panic!("{other}"),
                }
            }
            "-e" => params.edits = value.parse().unwrap(),
            "-m" => params.min_mapq = value.parse().unwrap(),
            "-l" => params.min_umi_length = Some(value.parse().unwrap()),
            "--include-non-pf-reads" => params.include_non_pf = value == "true",
            "--allow-unmapped" => params.allow_unmapped = value == "true",
            other => panic!("{other}"),
        }
    }
    params
}

#[test]
fn every_implementation_makes_what_fgumi_makes_on_any_number_of_threads() {
    let all = text("metrics.txt");
    let metrics: BTreeMap<&str, &str> = all
        .split("== ")
        .filter_map(|section| section.split_once('\n'))
        .collect();
    let mut cases = 0;
    for line in text("cases.tsv").lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [case, label, arguments, records, _, sha256] = fields[..] else {
            panic!("{line}");
        };
        let prepared = Prepared::new(params(case, arguments));
        for id in ALL {
            for threads in [1, 2, 3] {
                let made = prepared.run(id, threads);
                let place = format!("{case} {label} by {id} on {threads}");
                assert_eq!(
                    made.metrics,
                    metrics[format!("{case} {label}").as_str()],
                    "{place}"
                );
                assert_eq!(made.accepted.to_string(), records, "{place}");
                assert_eq!(made.records, format!("sha256:{sha256}"), "{place}");
            }
        }
        cases += 1;
    }
    assert_eq!(cases, 34);
}
