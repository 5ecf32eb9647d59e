//! Keeps the documentation's table of metrics equal to the one in code.

use std::path::Path;

use crate::evidence::{Aggregate, METRICS};
use crate::judge::ExitCode;
use crate::report::format::unit_name;
use plimsoll_workload::{Better, Unit};

fn outcomes() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/outcomes.md");
    std::fs::read_to_string(path).unwrap()
}

fn table() -> String {
    let mut table = String::from(
        "| metric | unit | better | source | aggregation | what |\n|---|---|---|---|---|---|\n",
    );
    for metric in METRICS {
        let unit = match metric.unit {
            Unit::Seconds => "seconds",
            unit => unit_name(unit),
        };
        let better = match metric.better {
            Better::Lower => "lower",
            Better::Higher => "higher",
            Better::Neither => "neither",
        };
        let aggregate = match metric.aggregate {
            Aggregate::Worst => "worst",
            Aggregate::Median => "median",
        };
        table.push_str(&format!(
            "| `{}` | {unit} | {better} | {} | {aggregate} | {} |\n",
            metric.name, metric.source, metric.about
        ));
    }
    table
}

#[test]
fn the_documented_metrics_are_those_of_the_code() {
    let table = table();
    assert!(
        outcomes().contains(&table),
        "docs/outcomes.md should contain this table:\n{table}"
    );
}

#[test]
fn the_documented_exit_codes_are_those_of_the_code() {
    let outcomes = outcomes();
    let documented: Vec<u8> = outcomes
        .split("## Exit codes")
        .nth(1)
        .into_iter()
        .flat_map(|rest| rest.split("## Metrics").next())
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    let mut codes = ExitCode::ORDER.map(ExitCode::code);
    codes.sort_unstable();
    assert_eq!(documented, codes);
}
