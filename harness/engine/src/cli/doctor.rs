//! `plimsoll doctor`: what this machine can measure, how far its verdicts can be trusted, and what would help.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::args::DoctorArgs;
use super::entry::print;
use super::failure::CliFailure;
use crate::judge::ExitCode;
use crate::observe::doctor::{DoctorFinding, State, examine};
use crate::rehearse::{Rates, Rehearsal, RehearsalError, Tally, rehearse};
use crate::report::{Live, format};
use crate::run::inputs::InputCache;
use crate::run::{Interruptions, RunError, caps};

/// Where reports and scratch directories go unless another place is named.
const HERE: &str = ".";
/// Seconds of a quick rehearsal.
const QUICK: u64 = 8;
/// A machine that sees no smaller regression than this, in percent, has advice coming.
const COARSE: u32 = 10;

/// Tries out what measuring needs, rehearses gates, and prints how both went. Changes nothing.
pub(super) fn doctor(args: &DoctorArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    let detected = caps::detect(Path::new("/"));
    let cache =
        InputCache::of_user().map_or_else(|_| PathBuf::from(HERE), |cache| cache.root().to_owned());
    let findings = examine(detected.kind(), &detected.reasons, Path::new(HERE), &cache);
    let time = Duration::from_secs(if args.quick { QUICK } else { args.time });
    let interruptions = Interruptions::listen()
        .map_err(|error| CliFailure::unmeasured(format!("cannot listen for Ctrl-C: {error}")))?;
    let rehearsal = match time.is_zero() {
        true => None,
        false => Some(rehearse(
            time,
            PathBuf::from(HERE),
            &interruptions,
            &mut Live::detect(),
        )),
    };
    let code = match interruptions.count() {
        0 => ExitCode::Held,
        _ => ExitCode::Interrupted,
    };
    let text = match args.json {
        true => in_json(&findings, rehearsal.as_ref())?,
        false => format!(
            "{}{}",
            in_words(&findings),
            rehearsal.as_ref().map_or_else(String::new, told)
        ),
    };
    print(out, &text).map(|_| code)
}

type Rehearsed = Result<Rehearsal, RehearsalError>;

fn in_json(
    findings: &[DoctorFinding],
    rehearsal: Option<&Rehearsed>,
) -> Result<String, CliFailure> {
    let rehearsal = match rehearsal {
        None => json!({ "absent": "not asked for" }),
        Some(Err(error)) => json!({ "absent": error.to_string() }),
        Some(Ok(rehearsal)) => json!(rehearsal),
    };
    let all = json!({ "findings": findings, "rehearsal": rehearsal });
    serde_json::to_string_pretty(&all)
        .map(|text| text + "\n")
        .map_err(|error| CliFailure::unmeasured(format!("cannot write JSON: {error}")))
}

fn in_words(findings: &[DoctorFinding]) -> String {
    let width = findings
        .iter()
        .map(|finding| finding.what.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Good => "good",
            State::Limited => "limited",
            State::Missing => "missing",
        };
        let _ = writeln!(
            text,
            "{mark:<8}{:<width$}  {}",
            finding.what, finding.detail
        );
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "{:<8}{:<width$}  -> {advice}", "", "");
        }
    }
    let good = findings
        .iter()
        .filter(|finding| finding.state == State::Good)
        .count();
    let _ = writeln!(text, "\n{good} of {} as they should be", findings.len());
    text
}

/// The rehearsal in words.
fn told(rehearsed: &Rehearsed) -> String {
    let rehearsal = match rehearsed {
        Ok(rehearsal) => rehearsal,
        Err(RehearsalError::Run(RunError::Interrupted)) => {
            return "\ngates were not rehearsed: interrupted\n".to_owned();
        }
        Err(error) => return format!("\ngates could not be rehearsed: {error}\n"),
    };
    let mut text = format!(
        "\ngates of wall <= 1.02 x baseline, rehearsed with {} real runs of {}; one run differs from the next by {}\n",
        rehearsal.runs,
        format::seconds(rehearsal.typical),
        format::percent(rehearsal.differ)
    );
    let mut line = |what: &str, said: String| {
        let _ = writeln!(text, "  {what:<44}{said}");
    };
    line(
        "false alarms, real runs against themselves",
        alarms(rehearsal.same),
    );
    line(
        &format!("found, real runs with {} % more work", rehearsal.injected),
        share(rehearsal.slower),
    );
    for rates in &rehearsal.rates {
        line(
            &format!("at {} to {} runs, resampled", rates.runs.0, rates.runs.1),
            format!("false alarms {}", alarms(rates.same)),
        );
        for detection in &rates.regressions {
            let what = format!("  found, {} % slower", detection.percent);
            line(&what, share(detection.tally));
        }
        line("  sees in 95 of 100", seen(rates));
    }
    if rehearsal.interrupted {
        text.push_str("  interrupted: what was played by then is shown\n");
    }
    if let Some(advice) = advice(rehearsal) {
        let _ = writeln!(text, "  -> {advice}");
    }
    text
}

fn share(tally: Tally) -> String {
    match tally.gates {
        0 => "no gate was played in the time".to_owned(),
        gates => format!("{} of {gates}", tally.fail),
    }
}

/// False alarms, with what none of so many still permits: the exact one-sided 95 % bound.
fn alarms(tally: Tally) -> String {
    match (tally.gates, tally.fail) {
        (0, _) => share(tally),
        (gates, 0) => format!(
            "0 of {gates} (95 % sure: at most {})",
            format::percent(1.0 - 0.05_f64.powf(1.0 / f64::from(gates)))
        ),
        (gates, fail) => format!(
            "{fail} of {gates} ({})",
            format::percent(f64::from(fail) / f64::from(gates))
        ),
    }
}

fn seen(rates: &Rates) -> String {
    let few = rates.regressions.iter().any(|one| !one.tally.enough());
    match (rates.seen, rates.regressions.last()) {
        (Some(percent), _) if few => format!("{percent} % slower; less may be, see --time"),
        (Some(percent), _) => format!("{percent} % slower and worse"),
        (None, Some(last)) if !few => format!("not even {} % slower", last.percent),
        (None, _) => "not known: too few gates in the time, see --time".to_owned(),
    }
}

fn advice(rehearsal: &Rehearsal) -> Option<String> {
    let [default, more] = rehearsal.rates.as_slice() else {
        return None;
    };
    if default.seen.is_some_and(|percent| percent <= COARSE) {
        return None;
    }
    let then = match more.seen {
        Some(percent) if default.seen.is_none_or(|before| percent < before) => format!(
            "`runs: {{ min: {}, max: {} }}` sees {percent} %; ",
            more.runs.0, more.runs.1
        ),
        _ => String::new(),
    };
    Some(format!(
        "{then}what is too small for times, gate on instructions, peaks and counts, which do not suffer"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearse::Detection;

    #[test]
    fn advice_stands_below_what_it_is_about() {
        let finding = |what: &str, state, advice: Option<&str>| DoctorFinding {
            what: what.to_owned(),
            state,
            detail: "as found".to_owned(),
            advice: advice.map(str::to_owned),
        };
        let text = in_words(&[
            finding("memory caps", State::Good, None),
            finding("swap", State::Limited, Some("turn it off")),
        ]);
        let expected = "good    memory caps  as found\n\
                        limited swap         as found\n        \
                                             \x20            -> turn it off\n\
                        \n1 of 2 as they should be\n";
        assert_eq!(text, expected);
    }

    fn tally(fail: u32, gates: u32) -> Tally {
        Tally {
            gates,
            fail,
            pass: 0,
        }
    }

    fn rates(max: u32, seen: Option<u32>) -> Rates {
        let percent = seen.unwrap_or(100);
        let fail = if seen.is_some() { 97 } else { 40 };
        Rates {
            runs: (6, max),
            same: tally(0, 100),
            regressions: vec![Detection {
                percent,
                tally: tally(fail, 100),
            }],
            seen,
        }
    }

    fn rehearsal() -> Rehearsal {
        Rehearsal {
            runs: 812,
            typical: 0.0204,
            differ: 0.081,
            same: tally(0, 17),
            injected: 50,
            slower: tally(3, 4),
            rates: vec![rates(20, Some(30)), rates(200, Some(7))],
            interrupted: false,
        }
    }

    #[test]
    fn a_rehearsal_says_what_it_found_and_what_would_help() {
        insta::assert_snapshot!(told(&Ok(rehearsal())));
    }

    #[test]
    fn a_machine_that_sees_enough_needs_no_advice() {
        let mut good = rehearsal();
        good.rates[0] = rates(20, Some(5));
        assert_eq!(advice(&good), None);
        let mut blind = rehearsal();
        blind.rates = vec![rates(20, None), rates(200, None)];
        assert!(advice(&blind).unwrap().starts_with("what is too small"));
        assert!(told(&Ok(blind)).contains("not even 100 % slower"));
    }

    #[test]
    fn what_could_not_be_rehearsed_says_why() {
        let none = told(&Err(RehearsalError::TooFew { runs: 4 }));
        assert!(none.contains("4 runs") && none.contains("--time"), "{none}");
        let json = in_json(&[], Some(&Err(RehearsalError::TooFew { runs: 4 }))).unwrap();
        assert!(json.contains("\"absent\""), "{json}");
    }
}
