//! Every mistake of a scenario file, as the user sees it.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use miette::{GraphicalReportHandler, GraphicalTheme};
use proptest::prelude::*;

use super::fake::Fake;
use super::*;

/// What the terminal shows for an error, without colours, 80 columns wide.
fn rendered(error: &ScenarioError) -> String {
    let mut shown = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(80)
        .render_report(&mut shown, error)
        .expect("a string takes all that is written");
    shown
}

fn refused(text: &str) -> String {
    match parse(Path::new("scenarios/bad.yaml"), text, &Fake) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => rendered(&error),
    }
}

/// A scenario that is right, with something added.
fn with(rest: &str) -> String {
    format!(
        "name: x\nworkload: ortho\nvariants:\n  - {{ id: in-memory, baseline: true }}\n  - {{ id: depth-first }}\n{rest}"
    )
}

/// One bad scenario a line: a name for the snapshot, and the text.
macro_rules! bad {
    ($($name:ident: $text:expr;)+) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(refused(&$text));
        })+
    };
}

bad! {
    an_empty_file: "";
    a_file_of_comments: "# name: x\n";
    a_list_instead_of_a_mapping: "- name: x\n";
    not_yaml: "name: x\nvariants: [a, b\n";
    a_tab_as_indentation: "name: x\nlimits:\n\twall: 5 s\n";
    two_documents: "name: x\n---\nname: y\n";
    a_missing_variants_key: "name: x\nworkload: ortho\n";
    no_variants: "name: x\nworkload: ortho\nvariants: []\n";
    an_unknown_key: with("limit: { wall: 5 s }\n");
    an_unknown_key_inside: with("measure: { warm_up: 1, runs: { min: 1, maximum: 2 } }\n");
    a_key_written_twice: with("limits: { wall: 5 s, wall: 6 s }\n");
    an_unknown_workload: "name: x\nworkload: orhto\nvariants: [{ id: a }]\n";
    a_workload_that_cannot_be_asked: "name: x\nworkload: { program: /opt/missing, name: ortho }\nvariants: [{ id: a }]\n";
    an_unknown_implementation: "name: x\nworkload: ortho\nvariants: [{ id: in_memory }, { id: b, implementation: level }]\n";
    an_unknown_parameter: with("params: { sentence: 5 }\nsizes: { smoke: { vocab: 1 } }\n");
    a_parameter_of_another_kind: with("params: { sentences: many, seed: -1, input: book.txt }\n");
    two_baselines: "name: x\nworkload: ortho\nvariants:\n  - { id: in-memory, baseline: true }\n  - { id: depth-first, baseline: true }\n";
    two_variants_of_one_id: "name: x\nworkload: ortho\nvariants:\n  - { id: in-memory }\n  - { id: in-memory, threads: 2 }\n";
    ids_unfit_for_file_names: "name: A/B\nworkload: ortho\nvariants:\n  - { id: ../x, implementation: in-memory }\n  - { id: \"\", implementation: in-memory }\n  - { id: -x, implementation: in-memory }\n";
    a_command_and_a_workload: "name: x\nworkload: ortho\nvariants: [{ id: in-memory, command: [sort] }]\n";
    a_command_and_an_implementation: "name: x\nvariants: [{ id: a, command: [sort], implementation: b }]\n";
    nothing_to_run: "name: x\nvariants: [{ id: a }]\n";
    keys_of_commands_on_a_workload: "name: x\nworkload: ortho\nvariants: [{ id: in-memory, stdin: { text: a }, exit_codes: [0] }]\n";
    a_command_that_cannot_be_split: "name: x\nvariants: [{ id: a, command: \"sort 'x\" }, { id: b, command: [] }, { id: c, command: 5 }]\n";
    an_unknown_placeholder: "name: x\nparams: { lines: 5 }\nvariants: [{ id: a, command: \"seq {params.line} {ouptut} '{print}'\", output: { file: txt } }]\n";
    steps_that_cannot_be: "name: x\nvariants:\n  - { id: a, steps: [] }\n  - { id: b, steps: [{ name: build, command: [a] }, { name: build, command: [b] }, { name: A B, comand: [c] }] }\n  - { id: c, command: [a], exit_codes: [1], stdin: { text: x }, steps: [{ name: build, command: [a], stdin: {}, exit_codes: [] }] }\n  - { id: d, steps: [{ name: one, command: [a, '{ouput}'] }, { name: two, command: [b] }], output: { file: txt } }\n  - { id: e, steps: { name: one } }\n";
    steps_of_a_workload: "name: x\nworkload: ortho\nvariants: [{ id: in-memory, steps: [{ name: a, command: [b] }] }]\n";
    metrics_of_steps_that_are_not_there: "name: x\nvariants: [{ id: a, steps: [{ name: build, command: [a] }, { name: query, command: [b] }] }]\ntargets:\n  - { metric: step.biuld.wall, variant: a, at_most: 5 s }\n  - { metric: step.build.walls, variant: a, at_most: 5 s }\n  - { metric: step.build.cpu, variant: a, at_most: 5 MiB }\n  - { metric: step.query.peak_rss, variant: a, at_most: 5 MiB }\n";
    metrics_of_steps_without_steps: "name: x\nvariants: [{ id: a, command: [a] }]\ntargets: [{ metric: step.a.wall, variant: a, at_most: 5 s }]\n";
    kills_that_cannot_be: "name: x\nvariants:\n  - { id: a, command: [a], kill: { at: sometimes, times: 0 } }\n  - { id: b, command: [a], kill: { seed: 1 } }\n  - { id: c, command: [a], kill: { at: 2 s, seed: 1, within: 0 s, step: build } }\n  - { id: d, command: [a], kill: { at: 100 % } }\n  - { id: e, command: [a], kill: { at: 0 s, when: 5 } }\n  - { id: f, kill: { at: random }, steps: [{ name: a, command: [a], kill: { at: 40 %, step: a } }, { name: b, command: [b], kill: { at: random } }] }\n  - { id: g, command: [a], kill: { at: 200 d } }\n";
    kills_of_workloads: "name: x\nworkload: ortho\nvariants:\n  - { id: a, implementation: level-wise, kill: { at: random } }\n  - { id: b, implementation: level-wise, kill: { at: random, step: biuld } }\n  - { id: c, implementation: in-memory, kill: { at: random, step: build } }\n";
    exit_statuses_out_of_range: "name: x\nvariants: [{ id: a, command: [a], exit_codes: [0, 256, -1] }, { id: b, command: [b], exit_codes: [] }]\n";
    wrong_units: with("limits: { wall: 20, cpu: 5 minutes, stall: -3 s, memory: 5 MBB, address_space: 48, output: [1] }\n");
    limits_of_zero: with("limits: { wall: 0 s, memory: 0 B }\n");
    negative_runs: with("measure: { runs: -3, warmup: -1 }\n");
    a_range_the_wrong_way_round: with("measure: { runs: { min: 20, max: 6 } }\n");
    too_many_runs: with("measure: { runs: 100000 }\n");
    a_profile_of_no_size: with("measure: { dhat: { size: smoke }, sample_every: 1 ns, affinity: [0, 0] }\nsizes: { small: {}, full: {} }\n");
    profiles_that_cannot_be: with("measure: { profile: { every: 0 B, size: full } }\nsizes: { full: {} }\n");
    a_profile_of_another_kind: with("measure: { profile: 512 KiB }\n");
    a_size_of_unknown_variants: with("sizes: { huge: { params: { sentences: 5 }, variants: [depth_first], sentences: 6 } }\n");
    an_unknown_variant_in_targets: with("targets:\n  - { metric: wall, variant: depth_first, at_most: 5 s }\n  - { identical: [in-memory, sqlite] }\n");
    a_target_of_no_variant: with("targets:\n  - { metric: wall, at_most: 5 s }\n  - { outcome: completed }\n");
    a_target_of_an_unknown_size: with("sizes: { full: {} }\ntargets: [{ metric: wall, variant: depth-first, at_most: 5 s, sizes: [ful] }]\n");
    a_target_of_an_unknown_metric: with("targets:\n  - { metric: peak_rs, variant: depth-first, at_most: 5 MiB }\n  - { metric: phase.build, variant: depth-first, at_most: 5 MiB }\n  - { equals: { ortos: 5, orthso: 'sum64:1', orthos: [1] } }\n");
    a_target_in_the_wrong_unit: with("targets:\n  - { metric: wall, variant: depth-first, at_most: 5 MiB }\n  - { metric: peak_rss, variant: depth-first, at_most: 48 }\n  - { metric: peak_rss, variant: depth-first, at_most: 5 MBB }\n  - { metric: orthos_per_cpu_s, variant: depth-first, at_least: 3 s }\n");
    a_ratio_without_a_baseline: "name: x\nworkload: ortho\nvariants: [{ id: in-memory }]\ntargets: [{ metric: wall, variant: in-memory, at_most: 0.5 x baseline }]\n";
    a_ratio_of_the_baseline_itself: with("targets: [{ metric: wall, variant: in-memory, at_most: 0.5 x baseline }]\n");
    a_floor_with_conditions: with("measure: { floor: { repeats: 0, precision: 90 %, attempts: 1, depth: 2 } }\ntargets:\n  - { metric: floor, variant: depth-first, at_most: 5 s }\n  - { metric: floor, variant: depth-first, at_most: 48 MiB, aggregate: median, under: { memory: 5 MiB } }\n");
    bounds_that_cannot_be: with("targets:\n  - { metric: wall, variant: depth-first, at_most: 2 x base }\n  - { metric: orthos, variant: depth-first, at_least: 3,000 }\n  - { metric: orthos, variant: depth-first, at_least: '3,000' }\n  - { metric: orthos, variant: depth-first, at_least: 5, at_most: 4 }\n  - { metric: orthos, variant: depth-first }\n");
    targets_of_several_kinds_or_none: with("targets:\n  - { metric: wall, outcome: completed, variant: depth-first, at_most: 5 s }\n  - { variant: depth-first }\n  - { outcome: complete, variant: depth-first }\n  - { outcome: completed, variant: depth-first, at_most: 5 s }\n");
    identity_of_one: with("targets:\n  - { identical: [in-memory] }\n  - { identical: [in-memory, in-memory] }\n  - { identical: [in-memory, depth-first], digest: ortho, variant: in-memory }\n");
    a_matrix_of_nothing: with("matrix: { alocator: [system], allocator: [tcmalloc], threads: [0], clone: [], budget: [5] }\n");
    a_matrix_too_large: with("matrix: { seed: [1,2,3,4,5,6,7,8,9,10,11,12], vocabulary: [1,2,3,4,5,6,7,8,9,10,11,12] }\n");
    a_sweep_of_no_parameter: with("sweep: { parameter: sentenses, values: [1, 2] }\n");
    sweeps_of_bad_values: with("sweep:\n  - { parameter: sentences, values: [1.5, 2, x] }\n  - { parameter: sentences, values: [0, 300, 300], runs: 0 }\n  - { parameter: sentences, values: { from: 1, to: 5, points: 8 } }\n  - { parameter: sentences, values: { from: 9, to: 5, points: 8 } }\n  - { parameter: sentences, values: [5], sizes: [hueg] }\n  - { parameter: sentences, values: [5, 6], variants: [depth_first], quality: orthoz }\n");
    a_sweep_twice: with("sweep: [{ parameter: sentences, values: [1, 2] }, { parameter: sentences, values: [3, 4] }]\n");
    a_sweep_that_changes_nothing: "name: x\nparams: { n: 5 }\nvariants: [{ id: a, command: 'seq {params.n}' }, { id: b, command: seq 5 }]\nsweep: { parameter: n, values: [1, 2] }\n";
    targets_on_sweeps_that_are_not_there: with("sweep:\n  - { parameter: sentences, values: [100, 200, 400, 800], variants: [depth-first] }\n  - { parameter: vocabulary, values: [1, 2, 3], quality: orthos }\ntargets:\n  - { metric: wall, variant: depth-first, at: { sentence: 800 }, at_most: 5 s }\n  - { metric: wall, variant: depth-first, at: { vocabulary: 800 }, at_most: 5 s }\n  - { metric: wall, variant: depth-first, at: { sentences: 8001 }, at_most: 5 s }\n  - { metric: wall, variant: depth-first, at: { sentences: 9 }, at_most: 5 s }\n  - { metric: wall, variant: in-memory, at: { sentences: 8000 }, at_most: 5 s }\n  - { metric: wall, variant: depth-first, at: { sentences: 5 s, orthos: 3 }, at_most: 5 s, aggregate: worst, under: { memory: 1 MiB } }\n  - { metric: wall, variant: depth-first, at: { sentences: 8000 }, at_most: 2 x baseline }\n  - { growth: wal, variant: depth-first, exponent: { at_most: 1 s } }\n  - { growth: wall, variant: depth-first }\n  - { growth: wall, variant: depth-first, exponent: { at_most: 2 }, over: vocabulary }\n  - { growth: wall, exponent: { at_most: 2 }, at_most: 5 s }\n");
    a_growth_over_several_sizes_or_too_few: with("sweep:\n  - { parameter: sentences, values: [100, 200, 400] }\n  - { parameter: vocabulary, values: [1, 2, 3] }\ntargets:\n  - { growth: wall, variant: depth-first, exponent: { at_most: 2 } }\n  - { growth: wall, variant: depth-first, exponent: { at_most: 2 }, over: sentences }\n");
    a_place_that_may_be_two: with("sweep:\n  - { parameter: sentences, values: [100, 200, 400, 800] }\n  - { parameter: vocabulary, values: [1, 2, 3], quality: orthos }\n  - { parameter: seed, values: [1, 2, 3], quality: orthos }\ntargets: [{ metric: wall, variant: depth-first, at: { orthos: 5 }, at_most: 5 s }]\n");
    names_of_ten_thousand_characters: format!("name: {}\nworkload: ortho\nvariants: [{{ id: {}, implementation: in-memory }}]\nabout: {}\n", "n".repeat(10_000), "é".repeat(10_000), "a b ".repeat(2_500));
    escapes_and_markup: "name: \"\\e[31m<script>\"\nworkload: ortho\nabout: \"a\\ab\"\nvariants: [{ id: in-memory, env: { \"A=B\": c, PLIMSOLL_X: y } }]\n\"x\\e[2Jy\": 1\n\u{202e}z: 2\n";
    escapes_in_the_file_itself: "name: x\u{1b}[2J\u{85}\n";
    numbers_too_large_to_be: with("params: { seed: 18446744073709551616 }\nmeasure: { warmup: 1e999 }\n");
    a_number_that_is_none: with("measure: { warmup: .nan }\n");
    values_of_another_kind: with("limits: [5 s]\nmeasure: { count: yes, sample_every: true, seed: 1.5, affinity: 3, inputs: cold, runs: many }\ntargets: { metric: wall }\nparams: 5\nabout: [x]\n");
    a_bomb: format!("name: x\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{}", (1..9).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))).collect::<String>());
    a_deep_nest: format!("name: {}x{}\n", "[".repeat(200), "]".repeat(200));
    a_very_deep_nest: format!("name: {}\n", "[".repeat(100_000));
}

#[test]
fn more_mistakes_than_fit_are_counted() {
    let keys: String = (0..100).map(|n| format!("zz{n}: 1\n")).collect();
    let shown = refused(&with(&keys));
    assert!(
        shown.contains("100 mistakes, the first 25 of them shown"),
        "{shown}"
    );
}

#[test]
fn everything_that_is_right_is_accepted() {
    let text = "\
name: everything
about: |
  Two lines
  of text.
workload: { program: mine, args: [--quiet], name: ortho }
params: { seed: 1 }
sizes:
  smoke:
  default: { sentences: 10 }
  huge: { params: { sentences: 30 }, variants: [b], runs: 2 }
variants:
  - id: in-memory
    baseline: true
    about: As it was.
    env: { LC_ALL: C, N: 1.50 }
    allocator: system
    runs: { min: 2, max: 4 }
  - { id: b, implementation: depth-first, threads: 2, budget: 16 MiB, params: { clone: true } }
limits: { wall: 20 min, cpu: 30 min, stall: 60 s, memory: 20 GiB, address_space: 40 GB, grace: 100 ms, total: 1 h, output: 1 MiB }
measure: { warmup: 0, runs: 4, sample_every: false, count: false, profile: { every: 64 KiB }, dhat: { size: smoke }, phase_peaks: true, inputs: dropped, affinity: [0, 1], seed: 7, floor: { repeats: 2, precision: 1 %, attempts: 20 } }
targets:
  - { metric: peak_rss, variants: [in-memory, b], at_most: 48 MiB, aggregate: median }
  - { metric: phase.build.peak_rss, variant: b, at_most: 48 MiB }
  - { metric: unaccounted_share, variant: b, at_most: 10 % }
  - { metric: wall, variants: [in-memory, b], at_most: 1.20 x baseline, at_least: 0.5x baseline }
  - { metric: orthos_per_cpu_s, variant: b, at_least: 3M/s }
  - { identical: [in-memory, b] }
  - { equals: { orthos: 13314 }, variants: [b] }
  - { equals: { orthos: 'sum64:ded2f17f456edeaf' }, sizes: [smoke] }
  - { outcome: completed, variant: b, under: { memory: 100 MiB } }
  - { metric: peak_rss, variants: [in-memory, b], at_most: 205 MB, gate: false }
  - { growth: peak_rss, variant: b, exponent: { at_most: 1.1 }, sizes: [default] }
  - { metric: wall, variant: b, at: { sentences: 10_000 }, at_most: 60 s }
  - { metric: wall, variant: b, at: { orthos: 3M }, at_most: 0.5 x baseline }
sweep:
  - { parameter: sentences, values: { from: 10, to: 1000, points: 5 } }
  - { parameter: vocabulary, values: [3, 1, 2], quality: orthos, runs: 9, sizes: [smoke, huge], variants: [in-memory, b] }
";
    let scenario = match parse(Path::new("dir/x.yaml"), text, &Fake) {
        Ok(scenario) => scenario,
        Err(error) => panic!("{}", rendered(&error)),
    };
    insta::assert_debug_snapshot!(Scenario {
        text: String::new(),
        ..scenario
    });
}

#[test]
fn variants_tell_which_of_two_sweeps_a_quality_is_of() {
    let text = "\
name: x
workload: ortho
variants: [{ id: in-memory }, { id: depth-first }]
targets:
  - { metric: wall, variant: in-memory, at: { orthos: 3 }, at_most: 1 s }
  - { metric: wall, variant: depth-first, at: { orthos: 3 }, at_most: 1 s }
sweep:
  - { parameter: vocabulary, values: [1, 2], quality: orthos, variants: [in-memory] }
  - { parameter: seed, values: [1, 2], quality: orthos, variants: [depth-first] }
";
    let scenario = match parse(Path::new("x.yaml"), text, &Fake) {
        Ok(scenario) => scenario,
        Err(error) => panic!("{}", rendered(&error)),
    };
    let swept = scenario
        .targets
        .iter()
        .map(|target| match &target.expectation {
            Expectation::At { place, .. } => place.parameter(),
            _ => "",
        });
    assert_eq!(swept.collect::<Vec<_>>(), ["vocabulary", "seed"]);
}

#[test]
fn a_program_with_a_path_is_found_from_the_scenario() {
    let text =
        "name: x\nworkload: { program: ./mine, name: ortho }\nvariants: [{ id: in-memory }]\n";
    let scenario = parse(Path::new("dir/x.yaml"), text, &Fake).expect("accepted");
    let Some(WorkloadRef::Program { program, .. }) = scenario.workload else {
        panic!("a program")
    };
    assert!(
        program.is_absolute() && program.ends_with("dir/mine"),
        "{program:?}"
    );
}

#[test]
fn commands_are_accepted() {
    let text = "\
name: commands
params: { lines: 100 }
variants:
  - id: sort
    baseline: true
    command: sort -k 1,1 '{input} x'
    prepare: [seq, '{params.lines}']
    conclude: rm -f x
    stdin: { file: words.txt }
    output: none
    directory: sub
  - id: awk
    command: [awk, '{print $1}', '{output}', 1.50]
    output: { file: .txt }
    canonicalise: sort {}
    exit_codes: [0, 3]
    stdin: { text: hello }
matrix: { threads: [1, 2], params.lines: [10, 20] }
targets:
  - { metric: wall, variant: sort, at_most: 2 x baseline }
  - { identical: [sort, awk+threads=2+lines=20] }
";
    let scenario = match parse(Path::new("dir/x.yaml"), text, &Fake) {
        Ok(scenario) => scenario,
        Err(error) => panic!("{}", rendered(&error)),
    };
    let ids: Vec<(&str, bool)> = scenario
        .variants
        .iter()
        .map(|v| (v.id.as_str(), v.baseline))
        .collect();
    insta::assert_debug_snapshot!((
        ids,
        &scenario.variants[3],
        &scenario.variants[4].command,
        &scenario.targets
    ));
}

#[test]
fn steps_are_accepted_and_have_metrics_of_their_own() {
    let text = "\
name: steps
variants:
  - id: index
    steps:
      - { name: build, command: [build, '{input}', '{scratch}/index'], exit_codes: [0, 3] }
      - { name: query, command: 'query {scratch}/index --out {output}', stdin: { text: a } }
    output: { file: txt }
targets:
  - { metric: step.build.peak_rss, variant: index, at_most: 5 MiB }
  - { metric: step.query.cpu, variant: index, at_most: 5 s }
";
    let scenario = match parse(Path::new("x.yaml"), text, &Fake) {
        Ok(scenario) => scenario,
        Err(error) => panic!("{}", rendered(&error)),
    };
    let steps = &scenario.variants[0].command.as_ref().unwrap().steps;
    assert_eq!(steps[0].argv, ["build", "{input}", "{scratch}/index"]);
    assert_eq!(
        (steps[0].exit_codes.as_slice(), &steps[0].stdin),
        (&[0, 3][..], &Stdin::Null)
    );
    assert_eq!(
        steps[1].argv,
        ["query", "{scratch}/index", "--out", "{output}"]
    );
    assert_eq!(
        (steps[1].exit_codes.as_slice(), &steps[1].stdin),
        (&[0][..], &Stdin::Text("a".into()))
    );
    assert_eq!(scenario.variants[0].steps(None), ["build", "query"]);
    assert_eq!(scenario.targets.len(), 2);
}

#[test]
fn kills_are_accepted() {
    let kill = |step: &str, at, seed, times, then| Kill {
        step: step.to_owned(),
        at,
        seed,
        times,
        then,
    };
    let kills = |text: &str| match parse(Path::new("x.yaml"), text, &Fake) {
        Ok(scenario) => scenario
            .variants
            .into_iter()
            .map(|v| v.kills)
            .collect::<Vec<_>>(),
        Err(error) => panic!("{}", rendered(&error)),
    };
    let random = KillMoment::Random { within: None };
    let of_commands = kills(
        "name: x\nvariants:\n  - { id: a, command: [a], kill: { at: random, seed: 7, times: 3 } }\n  - id: b\n    steps:\n      - { name: build, command: [b], kill: { at: 40 % } }\n      - { name: merge, command: [c], kill: { at: random, within: 2 s } }\n      - { name: query, command: [d] }\n  - { id: c, command: [a] }\n",
    );
    let within = Some(Duration::from_secs(2));
    assert_eq!(
        of_commands,
        [
            vec![kill("", random, 7, 3, AfterKill::Again)],
            vec![
                kill("build", KillMoment::Share(0.4), 1, 1, AfterKill::Next),
                kill(
                    "merge",
                    KillMoment::Random { within },
                    1,
                    1,
                    AfterKill::Next
                ),
            ],
            vec![],
        ]
    );
    let of_workloads = kills(
        "name: x\nworkload: ortho\nvariants:\n  - { id: in-memory, kill: { at: 1.5 s } }\n  - { id: level-wise, kill: { at: random, step: build } }\n",
    );
    let after = KillMoment::After(Duration::from_millis(1_500));
    assert_eq!(
        of_workloads,
        [
            vec![kill("", after, 1, 1, AfterKill::Again)],
            vec![kill("build", random, 1, 1, AfterKill::Again)],
        ]
    );
}

#[test]
fn a_matrix_crosses_every_variant() {
    let text = with(
        "matrix: { allocator: [system, mimalloc], clone: [false, true], budget: [16 MiB] }\n\
         targets: [{ metric: wall, variant: in-memory+mimalloc+clone=true+budget=16MiB, at_most: 2 x baseline }]\n",
    );
    let scenario = match parse(Path::new("x.yaml"), &text, &Fake) {
        Ok(scenario) => scenario,
        Err(error) => panic!("{}", rendered(&error)),
    };
    let ids: Vec<&str> = scenario.variants.iter().map(|v| v.id.as_str()).collect();
    assert_eq!(
        ids[..4],
        [
            "in-memory+system+clone=false+budget=16MiB",
            "in-memory+system+clone=true+budget=16MiB",
            "in-memory+mimalloc+clone=false+budget=16MiB",
            "in-memory+mimalloc+clone=true+budget=16MiB",
        ]
    );
    assert_eq!(ids.len(), 8);
    let baselines: Vec<&str> = scenario
        .variants
        .iter()
        .filter(|v| v.baseline)
        .map(|v| v.id.as_str())
        .collect();
    assert_eq!(baselines, ids[..1]);
    let crossed = &scenario.variants[3];
    assert_eq!(crossed.implementation, "in-memory");
    assert_eq!(crossed.allocator, Some(Allocator::Mimalloc));
    assert_eq!(crossed.budget, Some(16 << 20));
    assert_eq!(crossed.params["clone"], true);
    assert_eq!(scenario.targets[0].variants, ids[3..4]);
}

#[test]
fn a_file_that_is_none_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| directory.path().join(name);
    let told = |name: &str| {
        let error = load(&at(name), &Fake).expect_err("refused");
        rendered(&error).replace(&directory.path().display().to_string(), "DIR")
    };
    fs::write(at("ortho.yaml"), "name: x").expect("written");
    fs::write(at("bytes.yaml"), b"name: x\nabout: \xff\xfe").expect("written");
    fs::create_dir(at("sub")).expect("made");
    let huge = File::create(at("huge.yaml")).expect("created");
    huge.set_len(1 << 30).expect("a sparse file");
    insta::assert_snapshot!(
        [
            told("orhto.yaml"),
            told("nowhere/ortho.yaml"),
            told("bytes.yaml"),
            told("sub"),
            told("huge.yaml"),
        ]
        .join("\n")
    );
}

#[test]
fn the_committed_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/scenario.schema.json");
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let current = serde_json::to_string_pretty(&schema()).expect("JSON") + "\n";
    assert!(
        committed == current,
        "scenarios/scenario.schema.json is not current; refresh it with\n    \
         plimsoll schema scenario > scenarios/scenario.schema.json"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = parse(Path::new("x.yaml"), &text, &Fake) {
            rendered(&error);
        }
    }

    #[test]
    fn no_mutation_of_a_scenario_makes_it_panic(
        at in 0usize..1_500,
        length in 0usize..40,
        with in "[a-z:{}\\[\\],&*!|> \n\t\"'0-9é\u{1b}-]{0,12}",
    ) {
        let text = include_str!("examples/ortho.yaml");
        let start = text.floor_char_boundary(at.min(text.len()));
        let end = text.floor_char_boundary((at + length).min(text.len()));
        let mutated = format!("{}{with}{}", &text[..start], &text[end..]);
        if let Err(error) = parse(Path::new("x.yaml"), &mutated, &Fake) {
            rendered(&error);
        }
    }
}
