//! YAML to a tree that knows where each key and value stands. The only place that knows the parser.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Options, Spanned};

use super::source::Span;

/// Collections inside collections; a scenario needs six.
pub(crate) const MAX_DEPTH: usize = 32;
/// Keys and values, aliases expanded.
const MAX_NODES: usize = 20_000;
/// Bytes of text, aliases expanded.
const MAX_SCALAR_BYTES: usize = 4 << 20;
/// Uses of anchors.
const MAX_ALIASES: usize = 1_000;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) value: Value,
    /// Where it stands; where an alias stands, for what it brings in.
    pub(crate) span: Span,
    /// A number as it was written, since `1.50` would lose its last digit.
    pub(crate) raw: Option<String>,
    /// Where it was defined; differs from `span` for what an alias brings in.
    defined: Span,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole or decimal number.
    Number(serde_json::Number),
    /// Anything else that is one word or more.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order written; keys may repeat.
    Mapping(Vec<(Key, Node)>),
}

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    /// The key.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) span: Span,
}

/// Why a text is not YAML, or more of it than is good.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct YamlError {
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    pub(crate) span: Span,
    /// What to do about it, where there is something to say.
    pub(crate) help: Option<String>,
}

impl Node {
    /// What the value is, with its article: `a number`.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// Where to point at: the first key of a mapping, since a mapping itself has no text.
    pub(crate) fn head(&self) -> Span {
        match &self.value {
            Value::Mapping(entries) => entries.first().map_or(self.span, |(key, _)| key.span),
            _ => self.span,
        }
    }

    /// The value as JSON; the last of repeated keys wins.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Number(n) => n.clone().into(),
            Value::Text(text) => text.clone().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Mapping(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| (key.name.clone(), node.to_json()))
                    .collect(),
            ),
        }
    }
}

/// Reads one YAML document. `Ok(None)` where there is none: an empty file, or comments only.
///
/// # Errors
///
/// Not YAML, several documents, or beyond the limits on depth, size and expansion of aliases.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, YamlError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_total_scalar_bytes: MAX_SCALAR_BYTES,
            max_recorded_anchor_events: MAX_NODES,
            max_recorded_anchor_bytes: MAX_SCALAR_BYTES,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
            max_documents: 4,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_NODES,
            max_replay_stack_depth: MAX_DEPTH,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Merge,
        // JSON has no such numbers, so they are texts, and refused where a number is expected.
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        emit_comments: false,
        with_snippet: false,
    };
    let bare = text.trim_start_matches('\u{feff}');
    let nothing = bare
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#') || line == "---" || line == "...");
    if nothing {
        return Ok(None);
    }
    let tree: Spanned<Tree> = read(text, options)?;
    let mut node = into_node(tree);
    keep_numbers(&mut node, text);
    Ok((node.value != Value::Null).then_some(node))
}

/// Keeps each number as it was written.
fn keep_numbers(node: &mut Node, text: &str) {
    match &mut node.value {
        Value::Number(_) => {
            let Span { start, len } = node.defined;
            node.raw = text
                .get(start..start.saturating_add(len))
                .filter(|raw| raw.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)))
                .map(str::to_owned);
        }
        Value::List(items) => items.iter_mut().for_each(|item| keep_numbers(item, text)),
        Value::Mapping(entries) => entries
            .iter_mut()
            .for_each(|(_, node)| keep_numbers(node, text)),
        Value::Null | Value::Bool(_) | Value::Text(_) => {}
    }
}

/// Reads one scalar as YAML would (`--set key=value`): `4` is a number, `true` a boolean,
/// anything that is not a scalar is text.
pub(crate) fn scalar(text: &str) -> serde_json::Value {
    match parse(text) {
        Ok(Some(node)) if !matches!(node.value, Value::Mapping(_)) => node.to_json(),
        Ok(None) if matches!(text.trim(), "null" | "~") => serde_json::Value::Null,
        _ => text.into(),
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a str, options: Options) -> Result<T, YamlError> {
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let span = error.location().map(span_of).unwrap_or_default();
        let mut cause = &error;
        while let serde_saphyr::Error::AliasError { error, .. }
        | serde_saphyr::Error::WithSnippet { error, .. } = cause
        {
            cause = error;
        }
        let (message, help) = match cause {
            serde_saphyr::Error::MultipleDocuments { .. } => (
                "the file holds more than one YAML document".to_owned(),
                Some(
                    "a scenario is one document: take out the `---`, or split the file".to_owned(),
                ),
            ),
            serde_saphyr::Error::Budget { .. }
            | serde_saphyr::Error::AliasReplayLimitExceeded { .. }
            | serde_saphyr::Error::AliasReplayStackDepthExceeded { .. }
            | serde_saphyr::Error::AliasExpansionLimitExceeded { .. } => (
                "the file unfolds to more than a scenario can be".to_owned(),
                Some(format!(
                    "at most {MAX_NODES} keys and values, {MAX_DEPTH} levels deep, aliases expanded"
                )),
            ),
            other => match plain(&other.to_string()) {
                // The scanner's own limit, which comes before the budget's.
                deep if deep == "recursion limit exceeded" => (
                    "the file nests deeper than a scenario can".to_owned(),
                    Some(format!("at most {MAX_DEPTH} levels")),
                ),
                message => (message, None),
            },
        };
        YamlError {
            message,
            span,
            help,
        }
    })
}

/// The parser's message without the position that it repeats, which the report shows itself.
fn plain(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let cut = first
        .find(" at line ")
        .or_else(|| first.find(", line "))
        .unwrap_or(first.len());
    first[..cut].trim_end_matches([':', ',', ' ']).to_owned()
}

fn span_of(location: Location) -> Span {
    let span = location.span();
    Span::new(
        span.byte_offset().unwrap_or_else(|| span.offset()) as usize,
        span.byte_len().unwrap_or_else(|| span.len()) as usize,
    )
}

fn into_node(tree: Spanned<Tree>) -> Node {
    Node {
        value: tree.value.0,
        span: span_of(tree.referenced),
        raw: None,
        defined: span_of(tree.defined),
    }
}

/// What the parser fills in; [`Node`] without its own place.
struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Tree)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping, a list, a number, true, false or text")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Tree>>()? {
            list.push(into_node(item));
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut mapping = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            let span = span_of(key.referenced);
            let name = key.value;
            let value = entries.next_value::<Spanned<Tree>>()?;
            mapping.push((Key { name, span }, into_node(value)));
        }
        Ok(Value::Mapping(mapping))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_and_values_know_where_they_stand() {
        let text = "a: 1\nb:\n  - { c: é x, d: [true, ~] }\n";
        let node = parse(text).unwrap().unwrap();
        let Value::Mapping(entries) = &node.value else {
            panic!("a mapping")
        };
        let at = |span: Span| &text[span.start..span.start + span.len];
        assert_eq!(at(entries[0].0.span), "a");
        assert_eq!(at(entries[0].1.span), "1");
        let Value::List(items) = &entries[1].1.value else {
            panic!("a list")
        };
        let Value::Mapping(inner) = &items[0].value else {
            panic!("a mapping")
        };
        assert_eq!(at(inner[0].0.span), "c");
        assert_eq!(at(inner[0].1.span), "é x");
        assert_eq!(inner[0].1.to_json(), "é x");
        assert_eq!(inner[1].1.to_json(), serde_json::json!([true, null]));
    }

    #[test]
    fn repeated_keys_are_left_to_the_reader() {
        let node = parse("a: 1\na: 2\n").unwrap().unwrap();
        assert!(matches!(node.value, Value::Mapping(entries) if entries.len() == 2));
    }

    #[test]
    fn an_empty_text_is_no_document() {
        for text in ["", "\n \n", "# nothing\n", "---\n", "\u{feff}", "~\n"] {
            assert_eq!(parse(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let refs = vec![format!("*a{}", n - 1); 10].join(", ");
            text += &format!("a{n}: &a{n} [{refs}]\n");
        }
        let error = parse(&text).unwrap_err();
        assert!(error.message.len() < 300, "{}", error.message);
    }

    #[test]
    fn deep_nesting_is_refused() {
        for open in ["[", "{a: ", "- ", "? "] {
            assert!(parse(&open.repeat(100_000)).is_err(), "{open:?}");
        }
        let mut text = String::new();
        for depth in 0..2_000 {
            text += &format!("{}a:\n", " ".repeat(depth));
        }
        assert!(parse(&text).is_err());
    }

    #[test]
    fn scalars_of_the_command_line() {
        assert_eq!(scalar("4"), 4);
        assert_eq!(scalar("true"), true);
        assert_eq!(scalar("16 MiB"), "16 MiB");
        assert_eq!(scalar("a: b"), "a: b");
        assert_eq!(scalar(""), "");
        assert_eq!(scalar("[1, 2]"), serde_json::json!([1, 2]));
        assert_eq!(scalar("null"), serde_json::Value::Null);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_yaml_like_text_makes_it_panic(text in "[a-c:\\-\\[\\]{}&*!|>'\"#?,~ \n\t0-9]{0,120}") {
            let _ = parse(&text);
        }
    }
}
