//! The workload from outside: what its runs report, and what they refuse.

use std::path::Path;

use plimsoll_vectors::answers::Answers;
use plimsoll_vectors::generate::Profile;
use plimsoll_vectors::{Inputs, Params, Rows, Vectors};
use plimsoll_workload::event::Kind;
use plimsoll_workload::{Failure, Workload};

use crate::golden;
use crate::runs::Prepared;

fn small() -> Params {
    Params {
        n: 1500,
        dim: 32,
        queries: 40,
        ef: vec![16, 64],
        chunk: 400,
        m: 16,
        ef_construction: 60,
        ..Params::default()
    }
}

#[test]
fn every_implementation_runs_and_finds_most() {
    for profile in [Profile::Standard, Profile::Hard] {
        let prepared = Prepared::new(Params { profile, ..small() });
        for implementation in Vectors::implementations() {
            let [build, query, proof] = prepared.run(implementation.id, 2);
            let told = |metric| build.recorded_metric(metric).unwrap();
            assert!(told("vectors_per_cpu_s") > 0.0);
            assert!(told("index_bytes") > f64::from(1500 * 32));
            assert!(build.recorded_metric("bytes_per_vector").is_some());
            assert!(query.recorded_metric("p95_ef16").unwrap() > 0.0);
            let latencies = query.recorded().into_iter().filter(|event| {
                matches!(&event.kind, Kind::Histogram { name, count: 40, .. } if name.starts_with("latency_ef"))
            });
            assert_eq!(latencies.count(), 2);
            let recall = |metric| proof.recorded_metric(metric).unwrap();
            assert!(
                recall("recall_ef64") > 0.95,
                "{}: {}",
                implementation.id,
                recall("recall_ef64")
            );
            assert!(recall("recall_ef64") >= recall("recall_ef16"));
            for digest in ["input", "truth"] {
                assert!(
                    proof
                        .recorded_digest(digest)
                        .unwrap()
                        .starts_with("blake3:")
                );
            }
            for context in [&build, &query, &proof] {
                let misused = |event: &plimsoll_workload::event::Event| {
                    matches!(event.kind, Kind::Misuse { .. })
                };
                assert!(!context.recorded().iter().any(misused));
            }
        }
    }
}

#[test]
fn all_that_is_reported_has_been_announced() {
    let prepared = Prepared::new(small());
    for implementation in Vectors::implementations() {
        for context in prepared.run(implementation.id, 1) {
            for event in context.recorded() {
                match event.kind {
                    Kind::Metric {
                        name, unit, better, ..
                    } => {
                        let metric = Vectors::metrics().iter().find(|metric| metric.name == name);
                        let metric = metric.unwrap_or_else(|| panic!("{name}"));
                        assert_eq!((metric.unit, metric.better), (unit, better), "{name}");
                    }
                    Kind::Histogram { name, .. } => {
                        assert!(Vectors::metrics().iter().any(|metric| metric.name == name));
                    }
                    Kind::Digest { name, .. } => assert!(Vectors::digests().contains(&&name[..])),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn vectors_of_files_are_taken_in_any_format() {
    let prepared = Prepared::new(Params {
        base_file: Some(golden::file("digits64_n1697.base.bvecs")),
        query_file: Some(golden::file("digits64_n1697.query.fvecs")),
        n: 1,
        ..small()
    });
    let inputs = Inputs::open(prepared.directory()).unwrap();
    assert_eq!(
        (
            inputs.base().len(),
            inputs.base().dim(),
            inputs.queries().len()
        ),
        (1697, 64, 100)
    );
    let truth = std::fs::read(prepared.directory().join("truth.ivecs")).unwrap();
    assert!(truth == std::fs::read(golden::file("digits64_n1697.gt10.ivecs")).unwrap());
    for implementation in Vectors::implementations() {
        let [_, _, proof] = prepared.run(implementation.id, 1);
        assert!(proof.recorded_metric("recall_ef64").unwrap() > 0.99);
    }
}

#[test]
fn sets_of_one_vector_and_of_fewer_than_are_asked_for_are_answered() {
    for n in [1, 7] {
        let prepared = Prepared::new(Params { n, ..small() });
        for implementation in Vectors::implementations() {
            let [_, _, proof] = prepared.run(implementation.id, 2);
            assert_eq!(
                proof.recorded_metric("recall_ef16"),
                Some(1.0),
                "{} of {n}",
                implementation.id
            );
        }
    }
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let room = tempfile::tempdir().unwrap();
    let refused = |base: &Path, queries: &Path| {
        let params = Params {
            base_file: Some(base.into()),
            query_file: Some(queries.into()),
            ..small()
        };
        let failure = Vectors::prepare(&params, room.path()).unwrap_err();
        assert!(matches!(failure, Failure::Input(_)), "{failure}");
        failure.to_string()
    };
    let digits = golden::file("digits64_n1697.query.fvecs");
    let sentences = golden::file("minilm384_n500.query.fvecs");
    assert!(refused(&digits, &sentences).contains("of dimension 64, and"));
    assert!(refused(&room.path().join("none.fvecs"), &digits).contains("none.fvecs"));
    let nan = room.path().join("nan.fvecs");
    std::fs::write(&nan, [1, 0, 0, 0, 0, 0, 0xc0, 0x7f]).unwrap();
    assert!(refused(&digits, &nan).contains("row 0, column 0 is NaN"));
    let params = Params { dim: 0, ..small() };
    assert!(Vectors::prepare(&params, room.path()).is_err());
}

#[test]
fn inputs_that_were_damaged_are_refused() {
    let prepared = Prepared::new(small());
    let at = |name: &str| prepared.directory().join(name);
    let refused = || {
        let failure = prepared
            .step("hnsw-rs", &prepared.context("build", 1))
            .unwrap_err();
        assert!(matches!(failure, Failure::Input(_)), "{failure}");
        failure.to_string()
    };
    for name in ["base.fbin", "queries.fbin", "truth.ivecs", "inputs.json"] {
        let whole = std::fs::read(at(name)).unwrap();
        std::fs::write(at(name), &whole[..whole.len() - 3]).unwrap();
        refused();
        std::fs::remove_file(at(name)).unwrap();
        refused();
        std::fs::write(at(name), whole).unwrap();
    }
    let truth = std::fs::read(at("truth.ivecs")).unwrap();
    std::fs::write(at("truth.ivecs"), &truth[..truth.len() / 40]).unwrap();
    assert!(refused().contains("not every query"));
    let mut beyond = truth.clone();
    beyond[7] = 0x7f;
    std::fs::write(at("truth.ivecs"), beyond).unwrap();
    assert!(refused().contains("no vectors"));
    std::fs::write(at("truth.ivecs"), truth).unwrap();
    prepared
        .step("hnsw-rs", &prepared.context("build", 1))
        .unwrap();
    prepared
        .step("hnsw-rs", &prepared.context("query", 1))
        .unwrap();
    let mut base = std::fs::read(at("base.fbin")).unwrap();
    *base.last_mut().unwrap() ^= 1;
    std::fs::write(at("base.fbin"), base).unwrap();
    let failure = prepared.verify(&prepared.context("query", 1)).unwrap_err();
    assert!(
        failure.to_string().contains("not those that were prepared"),
        "{failure}"
    );
}

#[test]
fn answers_that_are_not_right_are_refused_with_their_place() {
    let prepared = Prepared::new(small());
    prepared.run("hnsw-rs", 1);
    let right = Answers::read(&prepared.answers()).unwrap();
    type Lists = Vec<(usize, Vec<Vec<plimsoll_vectors::truth::Near>>)>;
    let refused = |change: fn(&mut Lists)| {
        let mut lists: Lists = right
            .iter()
            .map(|(ef, lists)| (ef, lists.to_vec()))
            .collect();
        change(&mut lists);
        let mut changed = Answers::default();
        lists
            .into_iter()
            .for_each(|(ef, lists)| changed.push(ef, lists));
        changed.write(&prepared.answers()).unwrap();
        let failure = prepared.verify(&prepared.context("query", 1)).unwrap_err();
        assert!(matches!(failure, Failure::Other(_)), "{failure}");
        failure.to_string()
    };
    let wrong = "the answers with ef 64 are wrong: query 3 has ";
    assert!(
        refused(|lists| lists[1].1[3][2].id = 1500)
            .starts_with(&format!("{wrong}vector 1500, which"))
    );
    assert!(refused(|lists| lists[1].1[3][2].distance *= 1.0 + 1e-15).starts_with(wrong));
    assert!(refused(|lists| lists[1].1[3].swap(0, 1)).starts_with(wrong));
    assert!(refused(|lists| lists[1].1[3][1] = lists[1].1[3][0]).contains("twice"));
    assert!(
        refused(|lists| {
            let last = lists[1].1[3][9];
            lists[1].1[3].push(last);
        })
        .contains("has 11 vectors where 10")
    );
    assert!(refused(|lists| drop(lists[1].1.pop())).contains("39 to 40 queries"));
    assert!(refused(|lists| drop(lists.pop())).contains("answers for ef [16], not [16, 64]"));
    right.write(&prepared.answers()).unwrap();
    prepared.verify(&prepared.context("query", 1)).unwrap();
    std::fs::remove_file(prepared.answers()).unwrap();
    assert!(prepared.verify(&prepared.context("query", 1)).is_err());
}

#[test]
fn steps_come_in_their_order_and_by_their_names() {
    let prepared = Prepared::new(Params { n: 50, ..small() });
    for implementation in Vectors::implementations() {
        let refused = |step| {
            let failure = prepared
                .step(implementation.id, &prepared.context(step, 1))
                .unwrap_err();
            assert!(matches!(failure, Failure::Input(_)), "{failure}");
            failure.to_string()
        };
        assert!(refused("").contains("build and query"));
        assert!(refused("query").contains("run the step build first"));
    }
}

#[test]
fn an_index_and_its_answers_are_the_same_on_any_number_of_threads() {
    let prepared = Prepared::new(Params {
        profile: Profile::Hard,
        ..small()
    });
    let digests = |implementation, threads| {
        let [_, query, proof] = prepared.run(implementation, threads);
        (
            query.recorded_digest("answers").unwrap(),
            proof.recorded_digest("index").unwrap(),
        )
    };
    for implementation in ["quantized", "bulk"] {
        let one = digests(implementation, 1);
        for threads in [2, 3, 8] {
            let more = digests(implementation, threads);
            assert_eq!(more, one, "{implementation} on {threads} threads");
        }
    }
    assert_ne!(digests("quantized", 1).1, digests("bulk", 1).1);
}

#[test]
fn checkpoints_change_nothing_and_are_gone_when_the_index_is_saved() {
    let plain = Prepared::new(small());
    let [_, query, proof] = plain.run("quantized", 2);
    let kept = Prepared::new(Params {
        checkpoint_every: Some(100),
        ..small()
    });
    let [build, other_query, other_proof] = kept.run("quantized", 2);
    assert_eq!(build.recorded_metric("resumed_vectors"), Some(0.0));
    for (one, other, digest) in [
        (&query, &other_query, "answers"),
        (&proof, &other_proof, "index"),
    ] {
        assert_eq!(one.recorded_digest(digest), other.recorded_digest(digest));
    }
    let names = std::fs::read_dir(kept.directory()).unwrap();
    let left = names.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().contains("checkpoint")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn chunks_do_not_change_the_index() {
    let digests = [1000, 10_000, 7].map(|chunk| {
        let prepared = Prepared::new(Params { chunk, ..small() });
        let [_, _, proof] = prepared.run("quantized", 2);
        proof.recorded_digest("index").unwrap()
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}

#[test]
fn an_index_is_proved_and_one_that_is_not_right_is_refused() {
    let prepared = Prepared::new(small());
    let [build, _, proof] = prepared.run("quantized", 2);
    assert!(build.recorded_metric("save_extra_memory").is_some());
    assert!(proof.recorded_metric("self_recall").unwrap() >= 0.995);
    let refused = || {
        let failure = prepared.verify(&prepared.context("query", 1)).unwrap_err();
        assert!(matches!(failure, Failure::Other(_)), "{failure}");
        failure.to_string()
    };
    let index = prepared.directory().join("quantized.index");
    let whole = std::fs::read(&index).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    std::fs::write(&index, flipped).unwrap();
    assert!(refused().contains("codes: its checksum is another"));
    std::fs::write(&index, whole).unwrap();
    let before = prepared.directory().join("quantized.before");
    let answers = Answers::read(&before).unwrap();
    let mut others = Answers::default();
    for (ef, lists) in answers.iter() {
        let mut lists = lists.to_vec();
        lists[3].swap(0, 1);
        others.push(ef, lists);
    }
    others.write(&before).unwrap();
    assert!(refused().contains("other answers than after it was loaded"));
    std::fs::remove_file(&before).unwrap();
    assert!(refused().contains("quantized.before"));
}

#[test]
fn one_ef_has_metrics_that_can_be_swept() {
    let prepared = Prepared::new(Params {
        only_ef: Some(40),
        ..small()
    });
    for implementation in Vectors::implementations() {
        let [_, query, proof] = prepared.run(implementation.id, 1);
        assert!(query.recorded_metric("query_p95").unwrap() > 0.0);
        assert!(proof.recorded_metric("recall").unwrap() > 0.9);
        assert_eq!(proof.recorded_metric("recall_ef64"), None);
    }
    assert_eq!(
        Answers::read(&prepared.answers()).unwrap().iter().count(),
        1
    );
}
