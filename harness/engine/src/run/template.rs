//! Placeholders in a command's arguments.

use std::ffi::OsString;
use std::path::Path;

use plimsoll_workload::nearest::nearest;
use serde_json::Value;

use crate::scenario::Params;

/// The placeholders other than `{params.NAME}`.
const NAMES: [&str; 4] = ["input", "output", "scratch", "threads"];

/// What placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fill<'a> {
    pub(crate) params: &'a Params,
    /// The inputs' directory, where they are prepared; `{input}` is the parameter `input` first.
    pub(crate) inputs: Option<&'a Path>,
    pub(crate) output: Option<&'a Path>,
    pub(crate) scratch: Option<&'a Path>,
    pub(crate) threads: usize,
}

/// Why a placeholder can't be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no such parameter.
    #[error(
        "`{{params.{name}}}` in its command: there is no parameter `{name}`{}",
        suggestion(hint)
    )]
    NoParameter {
        /// Its name.
        name: String,
        /// The one that comes nearest.
        hint: Option<String>,
    },
    /// It looks like a misspelt placeholder.
    #[error("`{{{name}}}` in its command; did you mean `{{{hint}}}`?")]
    Misspelt {
        /// What is written.
        name: String,
        /// The placeholder that comes nearest.
        hint: &'static str,
    },
    /// The placeholder has no value here.
    #[error("`{{{name}}}` in its command has no value here: {why}")]
    NoValue {
        /// The placeholder.
        name: &'static str,
        /// Why, and what to do.
        why: &'static str,
    },
}

fn suggestion(hint: &Option<String>) -> String {
    hint.as_ref()
        .map_or_else(String::new, |hint| format!("; did you mean `{hint}`?"))
}

/// Whether any argument has the placeholder `{name}`.
pub(crate) fn mentions(argv: &[String], name: &str) -> bool {
    let placeholder = format!("{{{name}}}");
    argv.iter().any(|argument| argument.contains(&placeholder))
}

/// Fills the placeholders of an argument list. An argument that is one placeholder and nothing
/// else, for a parameter that is a list, becomes one argument an item. Braces that hold anything
/// but a placeholder are left as they are: they are some other program's.
///
/// # Errors
/// See [`TemplateError`].
pub(crate) fn fill(argv: &[String], with: &Fill<'_>) -> Result<Vec<OsString>, TemplateError> {
    let mut filled = Vec::with_capacity(argv.len());
    for argument in argv {
        let whole = argument
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match whole.and_then(|name| with.list(name)) {
            Some(items) => filled.extend(items.iter().map(|item| text(item).into())),
            None => filled.push(fill_one(argument, with)?),
        }
    }
    Ok(filled)
}

fn fill_one(argument: &str, with: &Fill<'_>) -> Result<OsString, TemplateError> {
    let mut filled = OsString::new();
    let mut rest = argument;
    while let Some(open) = rest.find('{') {
        filled.push(&rest[..open]);
        rest = &rest[open..];
        let name = rest[1..]
            .split_once('}')
            .map(|(name, _)| name)
            .filter(|name| is_name(name));
        match name {
            None => {
                filled.push("{");
                rest = &rest[1..];
            }
            Some(name) => {
                match with.value(name)? {
                    Some(value) => filled.push(value),
                    None => filled.push(&rest[..name.len() + 2]),
                }
                rest = &rest[name.len() + 2..];
            }
        }
    }
    filled.push(rest);
    Ok(filled)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

impl Fill<'_> {
    fn list(&self, name: &str) -> Option<&[Value]> {
        let name = if name == "input" {
            name
        } else {
            name.strip_prefix("params.")?
        };
        self.params.get(name)?.as_array().map(Vec::as_slice)
    }

    /// The value of a placeholder; `None` where the name is nobody's.
    fn value(&self, name: &str) -> Result<Option<OsString>, TemplateError> {
        let path = |path: Option<&Path>, name, why| match path {
            Some(path) => Ok(Some(path.as_os_str().to_owned())),
            None => Err(TemplateError::NoValue { name, why }),
        };
        if let Some(parameter) = name.strip_prefix("params.") {
            return match self.params.get(parameter) {
                Some(value) => Ok(Some(text(value).into())),
                None => Err(TemplateError::NoParameter {
                    name: parameter.to_owned(),
                    hint: nearest(parameter, self.params.keys().map(String::as_str))
                        .map(str::to_owned),
                }),
            };
        }
        match name {
            "threads" => Ok(Some(self.threads.to_string().into())),
            "input" => match self.params.get("input") {
                Some(value) => Ok(Some(text(value).into())),
                None => path(
                    self.inputs,
                    "input",
                    "give the scenario a parameter `input`",
                ),
            },
            "output" => path(
                self.output,
                "output",
                "say `output: { file: EXTENSION }` for the variant",
            ),
            "scratch" => path(
                self.scratch,
                "scratch",
                "it is only for the measured command",
            ),
            _ => match NAMES
                .into_iter()
                .find(|known| strsim::damerau_levenshtein(name, known) == 1)
            {
                Some(hint) => Err(TemplateError::Misspelt {
                    name: name.to_owned(),
                    hint,
                }),
                None => Ok(None),
            },
        }
    }
}

/// A value as an argument: text without quotes, lists by commas, anything else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params() -> Params {
        json!({"k": 31, "name": "a b", "files": ["x.txt", "y.txt"], "input": "in.txt"})
            .as_object()
            .unwrap()
            .clone()
    }

    fn run(argv: &[&str]) -> Result<Vec<String>, TemplateError> {
        let argv: Vec<String> = argv.iter().map(|s| (*s).to_owned()).collect();
        let fill_with = Fill {
            params: &params(),
            inputs: None,
            output: Some(Path::new("/s/out")),
            scratch: None,
            threads: 2,
        };
        let filled = fill(&argv, &fill_with)?;
        Ok(filled
            .into_iter()
            .map(|s| s.into_string().unwrap())
            .collect())
    }

    #[test]
    fn placeholders_are_filled_wherever_they_stand() {
        let filled = run(&[
            "sort",
            "-k{params.k}",
            "{params.name}",
            "--out={output}",
            "{threads}",
        ]);
        assert_eq!(
            filled.unwrap(),
            ["sort", "-k31", "a b", "--out=/s/out", "2"]
        );
    }

    #[test]
    fn a_list_alone_becomes_arguments_and_within_one_is_joined() {
        let filled = run(&["cat", "{params.files}", "--f={params.files}", "{input}"]).unwrap();
        assert_eq!(
            filled,
            ["cat", "x.txt", "y.txt", "--f=x.txt,y.txt", "in.txt"]
        );
    }

    #[test]
    fn other_programs_braces_are_left_alone() {
        let argv = ["awk", "{print $1} {x}", "{}", "{{threads}}", "a{b", "{"];
        assert_eq!(
            run(&argv).unwrap(),
            ["awk", "{print $1} {x}", "{}", "{2}", "a{b", "{"]
        );
    }

    #[test]
    fn mistakes_name_what_was_meant() {
        let message = |argument: &str| run(&[argument]).unwrap_err().to_string();
        assert_eq!(
            message("{params.flies}"),
            "`{params.flies}` in its command: there is no parameter `flies`; did you mean `files`?"
        );
        assert_eq!(
            message("{ouput}"),
            "`{ouput}` in its command; did you mean `{output}`?"
        );
        assert!(message("{scratch}").contains("has no value here"));
    }
}
