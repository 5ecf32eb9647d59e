//! A report whose every text is an attack on whatever shows it.

use super::super::{FrontierReport, GrowthReport, Metric, Report};
use super::report;

/// A report whose every text is an attack on whatever shows it.
pub(crate) fn hostile() -> Report {
    let mut report = report();
    let attack = attack();
    report.scenario = attack.clone();
    report.about = attack.clone();
    report.size = attack.clone();
    report.scenario_text = attack.clone();
    report.command = attack.clone();
    report.method = attack.clone();
    report.started = attack.clone();
    report.warnings = vec![attack.clone()];
    report.machine.cpu = attack.clone();
    report.machine.os = attack.clone();
    for variant in &mut report.variants {
        variant.id = format!("{}{attack}", variant.id);
        variant.about = attack.clone();
        variant.implementation = attack.clone();
        variant.allocator = attack.clone();
        variant.diagnosis = attack.clone();
        variant.stderr_tail = Some(attack.clone());
        variant.params.insert(attack.clone(), attack.clone().into());
        variant.digests.insert(attack.clone(), attack.clone());
        variant.metrics.insert(
            attack.clone(),
            Metric::Absent {
                absent: attack.clone(),
            },
        );
        for histogram in &mut variant.histograms {
            histogram.name = attack.clone();
        }
        if let Some(timeline) = &mut variant.timeline {
            timeline
                .phases
                .iter_mut()
                .for_each(|phase| phase.name = attack.clone());
        }
        if let Some(reconciliation) = &mut variant.reconciliation {
            reconciliation
                .lines
                .iter_mut()
                .for_each(|line| line.what = attack.clone());
            reconciliation.refused = Some(attack.clone());
        }
        if let Some(profile) = &mut variant.profile {
            profile.file = Some(attack.clone());
            profile
                .sites
                .iter_mut()
                .for_each(|site| site.frames = vec![attack.clone(); 3]);
        }
    }
    for sweep in &mut report.sweeps {
        sweep.parameter = attack.clone();
        sweep.quality = sweep.quality.as_ref().map(|_| attack.clone());
        for variant in &mut sweep.variants {
            variant.id = format!("{}{attack}", variant.id);
            for growth in variant.growth.values_mut() {
                match growth {
                    GrowthReport::Absent { absent } => *absent = attack.clone(),
                    GrowthReport::Fitted(fit) => {
                        fit.words = attack.clone();
                        fit.models.iter_mut().for_each(|model| {
                            model.model = attack.clone();
                            model.formula = attack.clone();
                        });
                    }
                }
            }
            let growth = variant.growth.values().next().cloned();
            variant.growth.extend(growth.map(|g| (attack.clone(), g)));
            for frontier in variant.frontiers.values_mut() {
                if let FrontierReport::Known { at, .. } = frontier {
                    at.iter_mut().for_each(|at| at.told = attack.clone());
                }
            }
            for point in &mut variant.points {
                let recall = point.metrics.get("recall").cloned();
                point.metrics.extend(recall.map(|r| (attack.clone(), r)));
            }
        }
    }
    for verdict in &mut report.verdicts {
        verdict.target = attack.clone();
        verdict.evidence = attack.clone();
        verdict.reason = Some(attack.clone());
        verdict.metric = Some(attack.clone());
    }
    for trial in &mut report.trials {
        trial.head.variant = format!("{}{attack}", trial.head.variant);
        trial.head.diagnosis = attack.clone();
        trial.head.notes = vec![attack.clone()];
    }
    report
}

/// Script, quotes, table and code syntax, escapes, control characters, reordering, and length.
pub(crate) fn attack() -> String {
    format!(
        "</title></style></svg></textarea><script>alert(1)</script><img src=x onerror=alert(1)>\
         \"'`|*_[x](javascript:alert(1))\n\n# head\n```\n<!-- --> ]]> &lt; </details>\
         \u{1b}[2J\u{1b}[31m\u{1b}]0;title\u{7}\u{0}\u{8}\u{9b}1m\u{202e}reversed\u{202c}=cmd()\r\n@everyone #1 {}",
        "A".repeat(10_000)
    )
}
