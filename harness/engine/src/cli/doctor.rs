//! `plimsoll doctor`: what this machine can measure, and what would help.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::DoctorArgs;
use super::entry::print;
use super::failure::CliFailure;
use crate::judge::ExitCode;
use crate::observe::doctor::{DoctorFinding, State, examine};
use crate::run::caps;
use crate::run::inputs::InputCache;

/// Where reports and scratch directories go unless another place is named.
const HERE: &str = ".";

/// Tries out what measuring needs and prints how it went.
pub(super) fn doctor(args: &DoctorArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    let detected = caps::detect(Path::new("/"));
    let cache =
        InputCache::of_user().map_or_else(|_| PathBuf::from(HERE), |cache| cache.root().to_owned());
    let findings = examine(detected.kind(), &detected.reasons, Path::new(HERE), &cache);
    if args.json {
        let json = serde_json::to_string_pretty(&findings)
            .map_err(|error| CliFailure::unmeasured(format!("cannot write JSON: {error}")))?;
        return print(out, &format!("{json}\n"));
    }
    print(out, &in_words(&findings))
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
