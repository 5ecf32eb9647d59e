//! Programs that a scenario cannot do without.

use crate::scenario::Requirement;
use crate::scenario::error::Mistakes;
use crate::scenario::read::Entries;
use crate::scenario::source::shown;

use super::names::check_text;

/// The programs, each with how to get it.
pub(crate) fn check_requires(
    entries: &Entries<String>,
    mistakes: &mut Mistakes,
) -> Vec<Requirement> {
    let mut requires = Vec::new();
    for (key, at) in &entries.0 {
        if key.name.is_empty() || key.name.contains(char::is_control) {
            mistakes.add(
                key.span,
                format!("`{}` cannot be a program", shown(&key.name)),
                "no name of a program",
                "write its name, or its path from the scenario's directory".to_owned(),
            );
            continue;
        }
        let what = format!("how to get `{}`", shown(&key.name));
        let get = check_text(&what, at, mistakes);
        if get.is_empty() {
            mistakes.add(
                at.span,
                format!("{what} is not said"),
                "empty",
                "say what installs it, for whoever finds the scenario skipped".to_owned(),
            );
            continue;
        }
        let program = key.name.clone();
        requires.push(Requirement { program, get });
    }
    requires
}
