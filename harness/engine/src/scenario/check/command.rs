//! Plain commands as variants: argument lists, placeholders, files.

use std::path::{Path, PathBuf};

use crate::scenario::document::{OutputDoc, StdinDoc, VariantDoc};
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::read::{At, Field};
use crate::scenario::source::{Span, shown};
use crate::scenario::{CommandSpec, OutputSpec, Params, Stdin};

/// What may stand in braces besides `params.NAME`.
const PLACEHOLDERS: [&str; 4] = ["input", "output", "scratch", "threads"];

/// The command of a variant; `None` where it has none.
pub(crate) fn check_command(
    doc: &VariantDoc,
    base: &Path,
    mistakes: &mut Mistakes,
) -> Option<CommandSpec> {
    let command = doc.command.get()?;
    let directory = doc.directory.value().map(|directory| base.join(directory));
    Some(CommandSpec {
        argv: command.value.0.clone(),
        stdin: check_stdin(&doc.stdin, base, mistakes),
        prepare: doc.prepare.value().map(|words| words.0.clone()),
        conclude: doc.conclude.value().map(|words| words.0.clone()),
        exit_codes: check_exit_codes(&doc.exit_codes, mistakes),
        output: check_output(&doc.output, mistakes),
        canonicalise: doc.canonicalise.value().map(|words| words.0.clone()),
        directory,
    })
}

/// Reports keys that only commands have, on a variant that is none.
pub(crate) fn refuse_command_keys(doc: &VariantDoc, mistakes: &mut Mistakes) {
    let given = [
        ("stdin", doc.stdin.get().map(|at| at.span)),
        ("prepare", doc.prepare.get().map(|at| at.span)),
        ("conclude", doc.conclude.get().map(|at| at.span)),
        ("exit_codes", doc.exit_codes.get().map(|at| at.span)),
        ("output", doc.output.get().map(|at| at.span)),
        ("canonicalise", doc.canonicalise.get().map(|at| at.span)),
        ("directory", doc.directory.get().map(|at| at.span)),
    ];
    for (key, span) in given {
        if let Some(span) = span {
            mistakes.add(
                span,
                format!("`{key}` is for variants with a `command`"),
                "this variant has none",
                format!("leave `{key}` out: a workload says such things through its protocol"),
            );
        }
    }
}

/// Reports placeholders that stand for nothing, once the variant's parameters are known.
pub(crate) fn check_placeholders(
    command: &CommandSpec,
    params: &[&Params],
    span: Span,
    mistakes: &mut Mistakes,
) {
    let lists = [
        Some(&command.argv),
        command.prepare.as_ref(),
        command.conclude.as_ref(),
    ];
    let mut told: Vec<String> = Vec::new();
    for word in lists.into_iter().flatten().flatten() {
        for name in placeholders(word) {
            let known = match name.strip_prefix("params.") {
                Some(param) => params.iter().any(|params| params.contains_key(param)),
                None => PLACEHOLDERS.contains(&name),
            };
            if known || told.iter().any(|t| t == name) {
                continue;
            }
            told.push(name.to_owned());
            let mut valid: Vec<String> = PLACEHOLDERS.iter().map(|p| (*p).to_owned()).collect();
            valid.extend(
                params
                    .iter()
                    .flat_map(|params| params.keys())
                    .map(|key| format!("params.{key}")),
            );
            valid.dedup();
            mistakes.add(
                span,
                format!("nothing stands for `{{{}}}` in the command", shown(name)),
                "in this command",
                suggestion(name, "what is filled in", valid.iter().map(String::as_str)),
            );
        }
    }
    let wants_file = matches!(command.output, OutputSpec::File(_));
    let has_output = |words: &[String]| words.iter().any(|w| w.contains("{output}"));
    if wants_file && !has_output(&command.argv) {
        mistakes.add(
            span,
            "the output is a file, and the command does not say where to write it",
            "no `{output}` in this command",
            "put `{output}` where the command takes the name of its output file".to_owned(),
        );
    }
    if let Some(words) = &command.canonicalise
        && !words.iter().any(|word| word.contains("{}"))
    {
        mistakes.add(
            span,
            "`canonicalise` does not say where the output's path goes",
            "the command whose output is meant",
            "put `{}` into its arguments".to_owned(),
        );
    }
}

/// The names in braces that look like placeholders: lower-case words with dots, nothing else, so
/// that `awk '{print}'` and JSON stay as they are... unless they are one of ours.
fn placeholders(word: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = word;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        let Some(close) = rest.find('}') else { break };
        let name = &rest[..close];
        let is_param = name.starts_with("params.")
            && name[7..]
                .chars()
                .all(|c| c.is_alphanumeric() || "_-".contains(c));
        let near_ours = suggestion(name, "", PLACEHOLDERS).starts_with("did you mean");
        if is_param || near_ours {
            names.push(name);
        }
    }
    names
}

fn check_stdin(field: &Field<StdinDoc>, base: &Path, mistakes: &mut Mistakes) -> Stdin {
    let Some(at) = field.get() else {
        return Stdin::Null;
    };
    match (&at.value.file, &at.value.text) {
        (Field::Given(file), Field::Absent) => Stdin::File(under(base, &file.value)),
        (Field::Absent, Field::Given(text)) => Stdin::Text(text.value.clone()),
        (Field::Bad, _) | (_, Field::Bad) => Stdin::Null,
        _ => {
            mistakes.add(
                at.span,
                "the standard input is a file or a text",
                "neither or both",
                "write `{ file: PATH }` or `{ text: TEXT }`".to_owned(),
            );
            Stdin::Null
        }
    }
}

/// A path that may hold placeholders, relative to the scenario's directory unless it begins with
/// one.
fn under(base: &Path, path: &str) -> PathBuf {
    if path.starts_with('{') {
        return PathBuf::from(path);
    }
    base.join(path)
}

fn check_exit_codes(field: &Field<Vec<At<i64>>>, mistakes: &mut Mistakes) -> Vec<i32> {
    let Some(at) = field.get() else {
        return vec![0];
    };
    if at.value.is_empty() {
        mistakes.add(
            at.span,
            "no exit status would mean success",
            "empty",
            "leave it out for `[0]`".to_owned(),
        );
    }
    let mut codes = Vec::new();
    for code in &at.value {
        match u8::try_from(code.value) {
            Ok(value) => codes.push(i32::from(value)),
            Err(_) => mistakes.add(
                code.span,
                format!("{} is not an exit status", code.value),
                "out of range",
                "an exit status is 0 to 255".to_owned(),
            ),
        }
    }
    codes
}

fn check_output(field: &Field<OutputDoc>, mistakes: &mut Mistakes) -> OutputSpec {
    match field.get().map(|at| &at.value) {
        Some(OutputDoc::None) => OutputSpec::None,
        None | Some(OutputDoc::Stdout) => OutputSpec::Stdout,
        Some(OutputDoc::File(doc)) => {
            let Some(extension) = doc.file.get() else {
                return OutputSpec::None;
            };
            let text = extension.value.trim_start_matches('.');
            let fit = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if text.len() > 32 || !text.chars().all(fit) {
                mistakes.add(
                    extension.span,
                    format!("`{}` is not an extension", shown(&extension.value)),
                    "unfit for a file name",
                    "at most 32 letters, digits, `-`, `_` and `.`, as in `bam`".to_owned(),
                );
            }
            OutputSpec::File(text.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_ours_is_a_placeholder() {
        assert_eq!(placeholders("{input}/x-{params.n}"), ["input", "params.n"]);
        assert_eq!(placeholders("{inptu}"), ["inptu"]);
        assert!(placeholders("{print $1}").is_empty());
        assert!(placeholders("{\"a\": 1}").is_empty());
        assert!(placeholders("{}").is_empty());
        assert!(placeholders("{").is_empty());
    }
}
