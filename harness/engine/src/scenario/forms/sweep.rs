//! Sweeps, and the values of one.

use schemars::json_schema;

use super::either::either;
use crate::scenario::document::{SeriesDoc, SweepDoc};
use crate::scenario::error::Mistakes;
use crate::scenario::read::{At, Json, Read};
use crate::scenario::yaml::{Node, Value};

/// One sweep, or several.
#[derive(Debug, Clone)]
pub(crate) struct SweepsDoc(pub(crate) Vec<At<SweepDoc>>);

either!(SweepsDoc, "sweeps", |generator| [
    generator.subschema_for::<SweepDoc>(),
    generator.subschema_for::<Vec<At<SweepDoc>>>(),
]);

impl Read for SweepsDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::read(node, mistakes).map(Self),
            _ => SweepDoc::read(node, mistakes).map(|value| {
                let span = node.head();
                Self(vec![At { value, span }])
            }),
        }
    }
}

/// The values of a sweep.
#[derive(Debug, Clone)]
pub(crate) enum SweepValuesDoc {
    /// These.
    These(Vec<At<Json>>),
    /// At equal ratios from one to another.
    Series(Box<SeriesDoc>),
}

either!(SweepValuesDoc, "sweep-values", |generator| [
    json_schema!({ "type": "array", "items": { "type": "number" }, "minItems": 2 }),
    generator.subschema_for::<SeriesDoc>(),
]);

impl Read for SweepValuesDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::Mapping(_) => {
                SeriesDoc::read(node, mistakes).map(|doc| Self::Series(Box::new(doc)))
            }
            _ => Vec::read(node, mistakes).map(Self::These),
        }
    }
}
