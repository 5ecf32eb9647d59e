//! From a YAML tree to typed values: every mistake is collected, and reading goes on.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::error::{Mistakes, suggestion};
use super::source::{Span, shown};
use super::units;
use super::yaml::{Key, Node, Value};

/// Something that can be read from a node. Mistakes are added; `None` means that there were some.
pub(crate) trait Read: Sized + JsonSchema {
    /// Reads it.
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self>;
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it was written.
    pub(crate) span: Span,
}

/// A key's value in a mapping.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field<T> {
    /// The key is not there.
    Absent,
    /// The key is there, and its value was wrong and reported.
    Bad,
    /// The key is there.
    Given(At<T>),
}

impl<T> Field<T> {
    /// The value, if it was given and right.
    pub(crate) fn get(&self) -> Option<&At<T>> {
        match self {
            Field::Given(at) => Some(at),
            Field::Absent | Field::Bad => None,
        }
    }

    /// The value alone.
    pub(crate) fn value(&self) -> Option<&T> {
        self.get().map(|at| &at.value)
    }

    /// True where the key is not there.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Field::Absent)
    }
}

/// Finds a key and reads its value.
pub(crate) fn field<T: Read>(
    entries: &[(Key, Node)],
    name: &str,
    mistakes: &mut Mistakes,
) -> Field<T> {
    let Some((_, node)) = entries.iter().find(|(key, _)| key.name == name) else {
        return Field::Absent;
    };
    match T::read(node, mistakes) {
        Some(value) => Field::Given(At {
            value,
            span: node.head(),
        }),
        None => Field::Bad,
    }
}

/// The entries of a mapping; repeated keys are reported.
pub(crate) fn mapping<'a>(node: &'a Node, mistakes: &mut Mistakes) -> Option<&'a [(Key, Node)]> {
    let Value::Mapping(entries) = &node.value else {
        wrong_kind(
            node,
            "a mapping is expected here, as in `{ key: value }`",
            mistakes,
        );
        return None;
    };
    for (index, (key, _)) in entries.iter().enumerate() {
        if entries[..index].iter().any(|(k, _)| k.name == key.name) {
            mistakes.add(
                key.span,
                format!("`{}` is written twice", shown(&key.name)),
                "the second time",
                "keep one of them".to_owned(),
            );
        }
    }
    Some(entries)
}

/// Reports keys that are not among `valid`.
pub(crate) fn check_keys(
    entries: &[(Key, Node)],
    valid: &[&str],
    called: &str,
    mistakes: &mut Mistakes,
) {
    for (key, _) in entries {
        if !valid.contains(&key.name.as_str()) {
            mistakes.add(
                key.span,
                format!("{called} has no key `{}`", shown(&key.name)),
                "unknown key",
                suggestion(&key.name, "its keys", valid.iter().copied()),
            );
        }
    }
}

/// Reports that something else was expected.
pub(crate) fn wrong_kind(node: &Node, expected: &str, mistakes: &mut Mistakes) {
    mistakes.add(
        node.head(),
        format!("{expected}, and this is {}", node.kind()),
        "not what is expected here",
        None,
    );
}

/// Reports a value that is not among `valid`.
pub(crate) fn not_a_choice(node: &Node, called: &str, valid: &[&str], mistakes: &mut Mistakes) {
    match word(node) {
        Some(text) => mistakes.add(
            node.span,
            format!("`{}` is not {called}", shown(&text)),
            "unknown",
            suggestion(&text, "valid", valid.iter().copied()),
        ),
        None => wrong_kind(
            node,
            &format!("{called} is one of {}", valid.join(", ")),
            mistakes,
        ),
    }
}

/// A scalar as text; `None` for anything else.
pub(crate) fn word(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(node.raw.clone().unwrap_or_else(|| number.to_string())),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::List(_) | Value::Mapping(_) => None,
    }
}

impl Read for String {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let text = word(node);
        if text.is_none() {
            wrong_kind(node, "text is expected here", mistakes);
        }
        text
    }
}

impl Read for bool {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match node.value {
            Value::Bool(value) => Some(value),
            _ => {
                wrong_kind(node, "true or false is expected here", mistakes);
                None
            }
        }
    }
}

impl Read for u64 {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let number = match &node.value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        };
        if number.is_none() {
            let text = word(node).unwrap_or_else(|| node.kind().to_owned());
            mistakes.add(
                node.head(),
                format!("`{}` is not a whole number of 0 or more", shown(&text)),
                "not a count",
                None,
            );
        }
        number
    }
}

impl Read for i64 {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let number = match &node.value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        if number.is_none() {
            wrong_kind(node, "a whole number is expected here", mistakes);
        }
        number
    }
}

impl<T: Read> Read for Vec<At<T>> {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let Value::List(items) = &node.value else {
            wrong_kind(node, "a list is expected here, as in `[a, b]`", mistakes);
            return None;
        };
        let before = mistakes.len();
        let read: Vec<At<T>> = items
            .iter()
            .filter_map(|item| {
                let value = T::read(item, mistakes)?;
                Some(At {
                    value,
                    span: item.head(),
                })
            })
            .collect();
        // What could be read is worth checking too, unless an item is missing from it.
        (read.len() == items.len() || mistakes.len() > before).then_some(read)
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// A mapping with free keys, in the order written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entries<T>(pub(crate) Vec<(Key, At<T>)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Read> Read for Entries<T> {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        if node.value == Value::Null {
            return Some(Self::default());
        }
        let entries = mapping(node, mistakes)?;
        Some(Self(
            entries
                .iter()
                .filter_map(|(key, value)| {
                    let at = At {
                        value: T::read(value, mistakes)?,
                        span: value.head(),
                    };
                    Some((key.clone(), at))
                })
                .collect(),
        ))
    }
}

impl<T: JsonSchema> JsonSchema for Entries<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("entries-of-{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let values = generator.subschema_for::<T>();
        json_schema!({ "type": ["object", "null"], "additionalProperties": values })
    }
}

/// Any JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json(pub(crate) serde_json::Value);

impl Read for Json {
    fn read(node: &Node, _: &mut Mistakes) -> Option<Self> {
        Some(Self(node.to_json()))
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::from(true)
    }
}

/// Implements [`Read`] and `JsonSchema` for a newtype that is written as text with a unit.
macro_rules! quantity {
    ($ty:ident, $name:literal, $pattern:literal, $expected:literal, $parse:path) => {
        impl Read for $ty {
            fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
                let Some(text) = word(node) else {
                    wrong_kind(node, $expected, mistakes);
                    return None;
                };
                match $parse(&text) {
                    Ok(value) => Some(Self(value)),
                    Err(error) => {
                        mistakes.add(node.span, error.message, error.label, error.help);
                        None
                    }
                }
            }
        }

        impl JsonSchema for $ty {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "description": $expected })
            }
        }
    };
}

/// A size in bytes: `100 MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteSize(pub(crate) u64);

quantity!(
    ByteSize,
    "bytes",
    r"^\s*[0-9][0-9_.]*\s*([KMGT]i?)?[Bb]\s*$",
    "a size with its unit is expected here, as in `100 MiB`",
    units::bytes
);

/// A time: `20 min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

quantity!(
    Period,
    "duration",
    r"^\s*[0-9][0-9_.]*\s*(ns|us|µs|ms|s|min|h|d)\s*$",
    "a time with its unit is expected here, as in `20 min`",
    units::duration
);
