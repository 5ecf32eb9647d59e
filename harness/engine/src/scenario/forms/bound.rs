//! One side of a metric's bounds.

use schemars::json_schema;

use super::either::either;
use crate::scenario::error::Mistakes;
use crate::scenario::read::{Read, word, wrong_kind};
use crate::scenario::units::{self, Quantity};
use crate::scenario::yaml::Node;

/// One side of a metric's bounds, and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BoundDoc {
    /// What it says.
    pub(crate) quantity: Quantity,
    /// The text, for labels.
    pub(crate) text: String,
}

either!(BoundDoc, "bound", |_generator| [
    json_schema!({ "type": "number", "minimum": 0, "description": "A count, a share or a ratio." }),
    json_schema!({ "type": "string", "description": "`48 MiB`, `1.5 s`, `10 %`, `3M`, `3M/s`, `100 MiB/s` or `1.20 x baseline`." }),
]);

impl Read for BoundDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let Some(text) = word(node) else {
            wrong_kind(node, "a bound is a number with a unit", mistakes);
            return None;
        };
        match units::quantity(&text) {
            Ok(quantity) => Some(Self {
                quantity,
                text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            }),
            Err(error) => {
                mistakes.add(node.span, error.message, error.label, error.help);
                None
            }
        }
    }
}
