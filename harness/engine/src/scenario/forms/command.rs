//! What commands are made of: words, what counts as output, when a step is killed.

use std::time::Duration;

use schemars::json_schema;

use super::either::either;
use crate::scenario::document::OutputFileDoc;
use crate::scenario::error::Mistakes;
use crate::scenario::read::{At, Period, Read, not_a_choice, word, wrong_kind};
use crate::scenario::units::{self, Quantity};
use crate::scenario::yaml::{Node, Value};

/// A command: a list of arguments, or a text that is split as a shell would.
#[derive(Debug, Clone)]
pub(crate) struct WordsDoc(pub(crate) Vec<At<String>>);

impl WordsDoc {
    /// The words alone.
    pub(crate) fn words(&self) -> Vec<String> {
        self.0.iter().map(|word| word.value.clone()).collect()
    }
}

either!(WordsDoc, "command", |generator| [
    json_schema!({ "type": "string", "description": "Split into words as a shell would; quotes and backslashes work, nothing else does." }),
    generator.subschema_for::<Vec<String>>(),
]);

impl Read for WordsDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let words = match &node.value {
            Value::Text(text) => match shlex::split(text) {
                Some(words) => {
                    let at = |value| At {
                        value,
                        span: node.span,
                    };
                    words.into_iter().map(at).collect()
                }
                None => {
                    mistakes.add(
                        node.span,
                        "the command has a quote that is not closed",
                        "cannot be split into words",
                        "close the quote, or write the arguments as a list".to_owned(),
                    );
                    return None;
                }
            },
            Value::List(_) => Vec::<At<String>>::read(node, mistakes)?,
            _ => {
                wrong_kind(
                    node,
                    "a command is a list of arguments, or one text",
                    mistakes,
                );
                return None;
            }
        };
        let problem = match words.first().map(|word| word.value.as_str()) {
            None => "the command is empty",
            Some("") => "the command's program is empty",
            Some(_) if words.iter().any(|word| word.value.contains('\0')) => {
                "an argument has a NUL character in it, which no program can be given"
            }
            Some(_) => return Some(Self(words)),
        };
        mistakes.add(node.head(), problem, "cannot be run", None);
        None
    }
}

/// What counts as a command's output.
#[derive(Debug, Clone)]
pub(crate) enum OutputDoc {
    /// Nothing.
    None,
    /// Standard output.
    Stdout,
    /// The file at `{output}`.
    File(Box<OutputFileDoc>),
}

either!(OutputDoc, "output-choice", |generator| [
    json_schema!({ "const": "none", "description": "Nothing is compared; standard output is discarded." }),
    json_schema!({ "const": "stdout", "description": "Standard output." }),
    generator.subschema_for::<OutputFileDoc>(),
]);

impl Read for OutputDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text == "none" => Some(Self::None),
            Value::Text(text) if text == "stdout" => Some(Self::Stdout),
            Value::Mapping(_) => {
                OutputFileDoc::read(node, mistakes).map(|doc| Self::File(Box::new(doc)))
            }
            _ => {
                not_a_choice(
                    node,
                    "an output",
                    &["none", "stdout", "{ file: EXTENSION }"],
                    mistakes,
                );
                None
            }
        }
    }
}

/// A moment in the course of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum MomentDoc {
    /// Any.
    Random,
    /// This long after its start.
    After(Duration),
    /// At this share of the time that it takes.
    Share(f64),
}

either!(MomentDoc, "moment", |generator| [
    json_schema!({ "const": "random", "description": "A moment of its own in each run." }),
    generator.subschema_for::<Period>(),
    json_schema!({ "type": "string", "pattern": r"^\s*[0-9][0-9_.]*\s*%\s*$", "description": "A share of the time that the step takes, as in `40 %`." }),
]);

impl Read for MomentDoc {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        const EXPECTED: &str = "`random`, a time such as `1.5 s`, or a share such as `40 %`";
        let Some(text) = word(node) else {
            wrong_kind(node, &format!("a moment is {EXPECTED}"), mistakes);
            return None;
        };
        if text == "random" {
            return Some(Self::Random);
        }
        match units::quantity(&text) {
            Ok(Quantity::Percent(share)) => Some(Self::Share(share)),
            // Read as a time, for what that has to say about times that are too long.
            _ => match units::duration(&text) {
                Ok(after) => Some(Self::After(after)),
                Err(error) => {
                    let help = format!("a moment is {EXPECTED}");
                    mistakes.add(node.span, error.message, error.label, help);
                    None
                }
            },
        }
    }
}
