//! `plimsoll report`: every rendered form again, from the result alone.

use std::io::Write;

use super::args::{ReportArgs, ReportForm};
use super::entry::print;
use super::failure::CliFailure;
use super::load::collect;
use crate::judge::ExitCode;
use crate::report::{csv, detect_style, markdown, terminal, write};

/// Renders reports again and prints them in one form.
pub(super) fn report(args: &ReportArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    let rendered = collect(&args.paths, |path| {
        // A result.json stands for the directory it is in.
        let directory = match path.parent() {
            Some(parent) if path.is_file() => parent,
            _ => path,
        };
        let (report, written) = write::rerender(directory).map_err(|error| error.to_string())?;
        match args.print {
            ReportForm::Terminal => {
                let html = written.html.display().to_string();
                Ok(terminal::summary(&report, detect_style(), Some(&html)))
            }
            ReportForm::Markdown => Ok(markdown(&report)),
            ReportForm::Csv => csv(&report).map_err(|error| error.to_string()),
        }
    })?;
    print(out, &rendered.join("\n"))
}
