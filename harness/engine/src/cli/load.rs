//! Reading scenarios, all of them before the first one runs.

use std::path::{Path, PathBuf};

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::entry::WORKLOAD_COMMAND;
use super::failure::CliFailure;
use crate::report::detect_style;
use crate::run::Programs;
use crate::scenario::{Scenario, Workloads, load};

/// The programs that offer workloads, this one for the built-in ones.
pub(super) fn programs_here() -> Result<Programs, CliFailure> {
    let own = std::env::current_exe().map_err(|error| {
        CliFailure::unmeasured(format!("cannot find this program's own file: {error}"))
    })?;
    Ok(Programs::new(own, vec![WORKLOAD_COMMAND.to_owned()]))
}

/// Reads every file; where any has a mistake, all mistakes of all files are told.
pub(super) fn load_all(
    files: &[PathBuf],
    workloads: &dyn Workloads,
) -> Result<Vec<Scenario>, CliFailure> {
    collect(files, |file| {
        load(file, workloads).map_err(|error| rendered(&error))
    })
}

/// Applies `read` to every item; where any fails, all failures are told together.
pub(super) fn collect<T, R>(
    items: impl IntoIterator<Item = T>,
    mut read: impl FnMut(T) -> Result<R, String>,
) -> Result<Vec<R>, CliFailure> {
    let mut good = Vec::new();
    let mut mistakes = Vec::new();
    for item in items {
        match read(item) {
            Ok(value) => good.push(value),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() {
        Ok(good)
    } else {
        Err(CliFailure::mistakes(mistakes))
    }
}

/// A diagnostic as the terminal shows it.
pub(super) fn rendered(diagnostic: &dyn miette::Diagnostic) -> String {
    let style = detect_style();
    let theme = if style.colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false);
    let mut text = String::new();
    match handler.render_report(&mut text, diagnostic) {
        Ok(()) => text,
        Err(_) => diagnostic.to_string(),
    }
}

/// How a file is named in what is printed.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
