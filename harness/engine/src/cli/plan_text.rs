//! What `--dry-run` prints: what would be run, and about what it would take.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use tabled::builder::Builder;
use tabled::settings::Style;

use crate::plan::{Earlier, Estimate, Plan, estimate};
use crate::report::{DEBUG_BUILD, Subject, format, write};

/// Every plan in words. Expected figures come from an earlier result of the same scenario and size
/// below `out`, where there is one.
pub(super) fn plans(plans: &[Arc<Plan>], out: &Path) -> String {
    let mut text = String::new();
    if cfg!(debug_assertions) {
        let _ = writeln!(text, "{DEBUG_BUILD}\n");
    }
    for plan in plans {
        // A search for floors expects of its trials what a whole run took.
        let whole = Subject {
            scenario: &plan.scenario.name,
            size: &plan.size,
            part: None,
        };
        let earlier = write::read(&whole.directory(out))
            .ok()
            .map(|report| Earlier::from_report(&report));
        describe(&mut text, plan, &estimate(plan, earlier.as_ref()));
    }
    text.push_str("nothing was run\n");
    text
}

fn describe(text: &mut String, plan: &Plan, estimate: &Estimate) {
    let _ = writeln!(text, "{} at size {}", plan.scenario.name, plan.size);
    let mut builder = Builder::default();
    builder.push_record([
        "variant",
        "warm-up",
        "clock",
        "A/A",
        "count",
        "profile",
        "dhat",
        "instructions",
        "capped",
        "floor",
        "sweep",
    ]);
    for row in &estimate.rows {
        builder.push_record([
            row.variant.clone(),
            row.warmup.to_string(),
            range(row.clock),
            range(row.control),
            row.count.to_string(),
            row.profile.to_string(),
            row.dhat.to_string(),
            row.instructions.to_string(),
            row.capped.to_string(),
            range(row.floor),
            row.swept.to_string(),
        ]);
    }
    let _ = writeln!(text, "{}", builder.build().with(Style::blank()));
    let _ = writeln!(
        text,
        "trials: {}",
        range((estimate.trials_min, estimate.trials_max))
    );
    match estimate.time_expected {
        Some((least, most)) => {
            let _ = writeln!(
                text,
                "time: about {} to {}, as in the earlier result; never more than {}",
                format::seconds(least),
                format::seconds(most),
                format::seconds(estimate.time_limit.as_secs_f64())
            );
        }
        None => {
            let _ = writeln!(
                text,
                "time: not known before the first run; never more than {}",
                format::seconds(estimate.time_limit.as_secs_f64())
            );
        }
    }
    let cap = estimate.memory_cap.map_or_else(
        || "what is available less a reserve".to_owned(),
        |cap| format::bytes(cap as f64),
    );
    let _ = writeln!(
        text,
        "memory: capped at {cap}{}",
        expected(estimate.memory_expected)
    );
    let output = estimate.output_limit.map_or_else(
        || "no output is kept".to_owned(),
        |limit| {
            format!(
                "at most {} of a trial's standard output",
                format::bytes(limit as f64)
            )
        },
    );
    let scratch = expected(estimate.disk_expected.filter(|bytes| *bytes > 0.0));
    let _ = writeln!(text, "disk: {output}{scratch}");
    let _ = writeln!(text, "targets:");
    for target in &plan.targets {
        let _ = writeln!(text, "  {}", target.label);
    }
    text.push('\n');
}

fn expected(bytes: Option<f64>) -> String {
    bytes.map_or_else(String::new, |bytes| {
        format!("; the earlier result took {}", format::bytes(bytes))
    })
}

fn range((least, most): (u32, u32)) -> String {
    if least == most {
        least.to_string()
    } else {
        format!("{least} to {most}")
    }
}
