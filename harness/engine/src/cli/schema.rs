//! `plimsoll schema` and `plimsoll completions`: what other tools read.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::{Cli, SchemaOf};
use super::failure::CliFailure;

/// The JSON Schema, pretty-printed, with a line feed at the end, as it is committed.
pub(super) fn schema(of: SchemaOf) -> Result<String, CliFailure> {
    let schema = match of {
        SchemaOf::Scenario => return Ok(format!("{:#}\n", crate::scenario::schema())),
        SchemaOf::Result => crate::report::schema(),
        SchemaOf::Comparison => crate::report::comparison_schema(),
    };
    schema.map_err(|error| CliFailure::unmeasured(format!("cannot write the schema: {error}")))
}

/// Writes the completion script for `shell`.
pub(super) fn completions(shell: Shell, out: &mut dyn Write) -> Result<(), CliFailure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "plimsoll", &mut script);
    out.write_all(&script)
        .map_err(|error| CliFailure::unmeasured(format!("cannot write the script: {error}")))
}
