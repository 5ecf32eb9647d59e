//! `plimsoll check`: is this scenario right?

use std::fmt::Write as _;
use std::io::Write;

use super::args::CheckArgs;
use super::entry::print;
use super::failure::CliFailure;
use super::files::scenario_files;
use super::load::{load_all, programs_here, shown};
use crate::judge::ExitCode;
use crate::report::format::counted;

/// Reads scenarios and says what is wrong with them, or in a line what is in them.
pub(super) fn check(args: &CheckArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    let files = scenario_files(&args.paths)?;
    let scenarios = load_all(&files, &programs_here()?)?;
    let mut text = String::new();
    for (file, scenario) in files.iter().zip(&scenarios) {
        let sizes: Vec<_> = scenario
            .sizes
            .iter()
            .map(|size| size.name.as_str())
            .collect();
        let _ = writeln!(
            text,
            "{}: {} is right: {}, {}, sizes {}",
            shown(file),
            scenario.name,
            counted(scenario.variants.len(), "variant"),
            counted(scenario.targets.len(), "target"),
            sizes.join(", "),
        );
    }
    print(out, &text)
}
