//! What a run tells the harness, through the same door as the harness's own.

use plimsoll_ortho::{Ortho, Params, Summary};
use plimsoll_workload::{Context, Workload};

#[test]
fn every_implementation_reports_the_same_result_and_writes_it_out() {
    let params = Params {
        vocabulary: 200,
        sentences: 300,
        ..Params::default()
    };
    let implementations = Ortho::implementations();
    assert_eq!(implementations[0].id, "in-memory");
    for implementation in implementations {
        let directory = tempfile::tempdir().unwrap();
        Ortho::prepare(&params, directory.path()).unwrap();
        let output = directory.path().join("result.json");
        let context = Context::recording(directory.path()).with_output(&output);
        (implementation.run)(&params, &context).unwrap();
        let digest = |name| context.recorded_digest(name).unwrap();
        let metric = |name| context.recorded_metric(name).unwrap();
        assert_eq!(
            digest("orthos"),
            "sum64:ded2f17f456edeaf",
            "{}",
            implementation.id
        );
        assert_eq!(metric("orthos"), 13_314.0);
        assert_eq!(metric("candidates"), 18_504.0);
        assert_eq!(metric("leaves"), 7_395.0);
        assert!(metric("orthos_per_cpu_s") > 0.0);
        let written = std::fs::read_to_string(output).unwrap();
        let summaries: Vec<Summary> = serde_json::from_str(&written).unwrap();
        assert_eq!(summaries[0].digest_sum, 0xded2_f17f_456e_deaf);
        assert_eq!(
            digest("orthos_xor"),
            format!("xor64:{:016x}", summaries[0].digest_xor)
        );
    }
}

#[test]
fn a_run_without_inputs_says_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let context = Context::recording(directory.path());
    for implementation in Ortho::implementations() {
        let failure = (implementation.run)(&Params::default(), &context).unwrap_err();
        assert!(failure.to_string().contains("text.1.txt"), "{failure}");
    }
    assert_eq!(context.recorded_digest("orthos"), None);
}
