//! An expectation that was read, and whose it is.

use crate::scenario::Expectation;
use crate::scenario::error::Mistakes;
use crate::scenario::source::Span;

use super::super::targets::Named;

/// What labels call all variants together.
pub(super) const EVERY: &str = "every variant";

/// An expectation that was read.
pub(in crate::scenario::check) struct Expected {
    pub(in crate::scenario::check) expectation: Expectation,
    /// The variants it binds.
    pub(in crate::scenario::check) variants: Vec<String>,
    /// In words.
    pub(in crate::scenario::check) label: String,
}

/// The variants of a target that must name some, and what its label calls them.
pub(super) fn require(
    named: Named,
    kind: &str,
    span: Span,
    mistakes: &mut Mistakes,
) -> Option<(Vec<String>, String)> {
    match named {
        Named::These(ids, names) => Some((ids, names)),
        Named::Bad => None,
        Named::Absent => {
            mistakes.add(
                span,
                "the target names no variant",
                format!("whose {kind}?"),
                "add `variant: ID` or `variants: [ID, ID]`".to_owned(),
            );
            None
        }
    }
}
