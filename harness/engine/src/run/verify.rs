//! The proof of a completed trial's output by the workload itself: the verb `verify`, in a process
//! of its own, after all that is measured.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use plimsoll_workload::Exit as ProtocolExit;
use plimsoll_workload::env::{AllocatorChoice, Environment as Protocol, Instrument as Asked};

use super::beside::{Beside, Ran};
use super::diagnose::last_line;
use super::error::RunError;
use super::session::Core;
use super::supervise::Ended;
use super::tail::{EventTail, Events};
use super::told::Told;
use super::trial::{Running, discarded, stdin};
use crate::evidence::{Identity, Outcome, Trial, Verification};
use crate::scenario::Stdin;

impl Core {
    /// Runs `verify` with what the trial's last step was told, and takes in what it reports.
    pub(super) async fn verify(
        &mut self,
        running: &mut Running<'_>,
        argv: Vec<OsString>,
        protocol: Protocol,
        scratch: &Path,
    ) -> Result<(), RunError> {
        let path = running.directory.file("events-verify.jsonl")?;
        let events = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|source| RunError::File {
                doing: "making the event file",
                path: path.clone(),
                source,
            })?;
        // No instrument, and no page: its gauges are nobody's. The budget was the run's.
        let protocol = Protocol {
            events: Some(path),
            gauges: None,
            instrument: Asked::Clock,
            dhat_output: None,
            profile_output: None,
            memory_budget: None,
            phase_peaks: false,
            allocator: AllocatorChoice::System,
            ..protocol
        };
        let ready = &self.ready[running.spec.variant];
        let beside = Beside {
            what: "verify",
            argv,
            environment: ready.environment_of(&protocol, scratch),
            stdin: stdin(&Stdin::Null, &ready.directory)?,
            stdout: discarded()?,
        };
        let ran = self.run_beside(running, beside).await?;
        let verified = match in_words(&ran) {
            None => running.join(&ran.ended, events),
            Some((Outcome::Interrupted, said)) => {
                // Which says nothing about the output.
                running.fail(Outcome::Interrupted, said);
                return Ok(());
            }
            Some((outcome, said)) => {
                running.fail(outcome, said);
                running.last_words(&ran.ended.stderr);
                false
            }
        };
        running.trial.head.verification = Some(verification(verified, &ran.ended));
        Ok(())
    }
}

impl Running<'_> {
    /// Takes in what a `verify` that went well has reported. False where that contradicts the run.
    fn join(&mut self, ended: &Ended, events: File) -> bool {
        let mut told = Told::default();
        let begun = ended.begun.map_or(0, |begun| begun.at);
        match EventTail::new(Events::File(events)).finish(&mut told, begun) {
            Ok(true) => {}
            Ok(false) => self.note("its event file is too long to be read whole"),
            Err(error) => self.note(&format!("reading its event file: {error}")),
        }
        for notice in std::mem::take(&mut told.notices) {
            self.note(&notice);
        }
        if told.left_out > 0 {
            let left_out = told.left_out;
            self.note(&format!("{left_out} entries were too many to be kept"));
        }
        match join(&mut self.trial, told) {
            Ok(()) => true,
            Err(contradiction) => {
                let said = format!("the output did not verify: {contradiction}");
                self.fail(Outcome::Failed, format!("{}: {said}", Outcome::Failed));
                false
            }
        }
    }

    /// Puts what it wrote to standard error behind the step's own.
    fn last_words(&mut self, stderr: &str) {
        if let Some(step) = self.trial.steps.last_mut() {
            if !step.stderr_tail.is_empty() && !step.stderr_tail.ends_with('\n') {
                step.stderr_tail.push('\n');
            }
            step.stderr_tail += stderr;
        }
    }

    fn note(&mut self, text: &str) {
        self.trial.head.notes.push(format!("verify: {text}"));
    }
}

/// What it took.
fn verification(verified: bool, ended: &Ended) -> Verification {
    let processes = || std::iter::once(&ended.main).chain(&ended.orphans);
    let begun = ended.begun.map_or(ended.main.at, |begun| begun.at);
    let micros = processes().map(|process| process.user + process.sys).sum();
    Verification {
        verified,
        wall: ended.main.at.saturating_sub(begun) as f64 / 1e9,
        cpu: Duration::from_micros(micros).as_secs_f64(),
        peak_rss: processes()
            .map(|process| process.max_rss)
            .max()
            .unwrap_or(0),
    }
}

/// The diagnosis where it did not go well: what is wrong with the output, where `verify` says so, or
/// else why it came to no verdict.
fn in_words(ran: &Ran) -> Option<(Outcome, String)> {
    let (outcome, how) = ran.failure()?;
    if outcome == Outcome::Interrupted {
        let said = format!("{outcome} by the user while its output was being verified");
        return Some((outcome, said));
    }
    let own_status = ran.failed.as_ref().and_then(|failure| failure.status);
    let said_so = own_status == Some(i32::from(ProtocolExit::Failed.code()));
    let said = match last_line(&ran.ended.stderr).filter(|_| said_so) {
        Some(line) => format!("the output did not verify: {line}"),
        None if said_so => "the output did not verify: `verify` did not say why".to_owned(),
        None => format!("the output could not be verified: `verify` {how}"),
    };
    Some((outcome, format!("{outcome}: {said}")))
}

/// Joins what `verify` reported to what the run did. A digest that both have must be the same: the
/// error says where it is not. Of a metric that both have, the run's stays.
fn join(trial: &mut Trial, told: Told) -> Result<(), String> {
    for (name, value) in told.digests {
        match trial.digests.get(&name) {
            Some(own) if own.value != value => {
                let own = &own.value;
                return Err(format!(
                    "the run reported `{name}` as {own}, and it is {value}"
                ));
            }
            Some(_) => {}
            None => {
                trial.digests.insert(name, Identity { value, kept: None });
            }
        }
    }
    let of_run: BTreeSet<String> = trial
        .steps
        .iter()
        .flat_map(|step| {
            let metrics = step.metrics.iter().map(|metric| &metric.name);
            metrics.chain(step.histograms.iter().map(|histogram| &histogram.name))
        })
        .cloned()
        .collect();
    let Some(step) = trial.steps.last_mut() else {
        return Ok(());
    };
    let mut misuse = told.misuse;
    let mut new = |what: &str, name: &String| {
        let new = !of_run.contains(name);
        if !new {
            misuse.push(format!(
                "{what} `{name}` was reported by the run already; this one is left out"
            ));
        }
        new
    };
    let metrics = told.metrics.into_iter();
    step.metrics
        .extend(metrics.filter(|metric| new("metric", &metric.name)));
    let histograms = told.histograms.into_iter();
    step.histograms
        .extend(histograms.filter(|histogram| new("histogram", &histogram.name)));
    step.misuse
        .extend(misuse.into_iter().map(|misuse| format!("verify: {misuse}")));
    step.malformed_events += told.malformed;
    Ok(())
}

#[cfg(test)]
mod tests {
    use plimsoll_workload::{Better, Unit};

    use super::*;
    use crate::evidence::{ReportedMetric, testing};

    fn size(value: f64) -> ReportedMetric {
        ReportedMetric {
            name: "size".to_owned(),
            unit: Unit::Bytes,
            better: Better::Lower,
            value,
        }
    }

    fn digest(value: &str) -> Told {
        Told {
            digests: [("file".to_owned(), value.to_owned())].into(),
            ..Told::default()
        }
    }

    #[test]
    fn what_is_new_joins_the_trial() {
        let mut trial = testing::trial("a", 0).build();
        let told = Told {
            metrics: vec![size(7.0)],
            malformed: 2,
            ..digest("sum64:1")
        };
        assert_eq!(join(&mut trial, told), Ok(()));
        assert_eq!(trial.digests["file"].value, "sum64:1");
        assert_eq!(trial.steps[0].metrics, [size(7.0)]);
        assert_eq!(trial.steps[0].malformed_events, 2);
    }

    #[test]
    fn a_digest_of_both_must_be_the_same() {
        let mut trial = testing::trial("a", 0).build();
        assert_eq!(join(&mut trial, digest("sum64:1")), Ok(()));
        assert_eq!(join(&mut trial, digest("sum64:1")), Ok(()));
        let contradiction = join(&mut trial, digest("sum64:2")).unwrap_err();
        assert_eq!(
            contradiction,
            "the run reported `file` as sum64:1, and it is sum64:2"
        );
    }

    #[test]
    fn the_runs_own_metric_is_not_displaced() {
        let mut trial = testing::trial("a", 0).build();
        trial.steps[0].metrics.push(size(1.0));
        let told = Told {
            metrics: vec![size(2.0)],
            ..Told::default()
        };
        assert_eq!(join(&mut trial, told), Ok(()));
        assert_eq!(trial.steps[0].metrics, [size(1.0)]);
        assert_eq!(
            trial.steps[0].misuse,
            ["verify: metric `size` was reported by the run already; this one is left out"]
        );
    }
}
