//! Plain commands as variants: argument lists, placeholders, files.

use std::path::PathBuf;

use crate::scenario::document::{StdinDoc, StepDoc, VariantDoc};
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::forms::{OutputDoc, WordsDoc};
use crate::scenario::read::{At, Field};
use crate::scenario::source::shown;
use crate::scenario::{CommandSpec, CommandStep, OutputSpec, Params, Stdin};

use super::names::check_name;

/// What may stand in braces besides `params.NAME`.
const PLACEHOLDERS: [&str; 4] = ["input", "output", "scratch", "threads"];

/// The commands of a variant; `None` where it has none.
pub(crate) fn check_command(doc: &VariantDoc, mistakes: &mut Mistakes) -> Option<CommandSpec> {
    let steps = match (doc.command.get(), doc.steps.get()) {
        (None, None) => return None,
        (Some(command), None) => vec![CommandStep {
            name: String::new(),
            argv: command.value.words(),
            stdin: check_stdin(&doc.stdin, mistakes),
            exit_codes: check_exit_codes(&doc.exit_codes, mistakes),
        }],
        (_, Some(steps)) => check_steps(steps, doc, mistakes),
    };
    Some(CommandSpec {
        steps,
        prepare: doc.prepare.value().map(WordsDoc::words),
        conclude: doc.conclude.value().map(WordsDoc::words),
        output: check_output(&doc.output, mistakes),
        canonicalise: doc.canonicalise.value().map(WordsDoc::words),
        directory: doc.directory.value().map(PathBuf::from),
    })
}

/// The steps as listed; what belongs to a single command has no place beside them.
fn check_steps(
    steps: &At<Vec<At<StepDoc>>>,
    doc: &VariantDoc,
    mistakes: &mut Mistakes,
) -> Vec<CommandStep> {
    if steps.value.is_empty() {
        mistakes.add(
            steps.span,
            "there is no step to run",
            "empty",
            "add at least one, as in `- { name: build, command: [...] }`".to_owned(),
        );
    }
    let beside = [
        ("command", doc.command.get().map(|at| at.span)),
        ("stdin", doc.stdin.get().map(|at| at.span)),
        ("exit_codes", doc.exit_codes.get().map(|at| at.span)),
    ];
    for (key, span) in beside {
        if let Some(span) = span {
            mistakes.add(
                span,
                format!("`{key}` is a step's own where there are `steps`"),
                "beside the steps",
                format!("write `{key}` in the step that it is meant for"),
            );
        }
    }
    let mut checked: Vec<CommandStep> = Vec::new();
    for At { value: step, .. } in &steps.value {
        // What is missing was reported when it was read.
        let (Some(name), Some(command)) = (step.name.get(), step.command.value()) else {
            continue;
        };
        check_name("the step's name", name, mistakes);
        if checked.iter().any(|other| other.name == name.value) {
            mistakes.add(
                name.span,
                format!("there are two steps `{}`", shown(&name.value)),
                "the second one",
                "give each step a name of its own".to_owned(),
            );
        }
        checked.push(CommandStep {
            name: name.value.clone(),
            argv: command.words(),
            stdin: check_stdin(&step.stdin, mistakes),
            exit_codes: check_exit_codes(&step.exit_codes, mistakes),
        });
    }
    checked
}

/// The arguments of all measured commands of a variant.
fn measured(doc: &VariantDoc) -> impl Iterator<Item = &At<WordsDoc>> {
    let steps = doc.steps.value().map(Vec::as_slice).unwrap_or_default();
    let of_steps = steps.iter().filter_map(|step| step.value.command.get());
    doc.command.get().into_iter().chain(of_steps)
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
                format!("`{key}` is for variants with a `command` or `steps`"),
                "this variant has none",
                format!("leave `{key}` out: a workload says such things through its protocol"),
            );
        }
    }
}

/// Reports placeholders that stand for nothing, once all parameters are known.
pub(crate) fn check_placeholders(doc: &VariantDoc, params: &[&Params], mistakes: &mut Mistakes) {
    let mut valid: Vec<String> = PLACEHOLDERS.iter().map(|p| (*p).to_owned()).collect();
    for name in params.iter().flat_map(|params| params.keys()) {
        let name = format!("params.{name}");
        if !valid.contains(&name) {
            valid.push(name);
        }
    }
    let beside = [&doc.prepare, &doc.conclude];
    let beside = beside.into_iter().filter_map(Field::value);
    let commands = measured(doc).map(|at| &at.value).chain(beside);
    for word in commands.flat_map(|words| &words.0) {
        for name in placeholders(&word.value) {
            if valid.iter().any(|known| known == name) {
                continue;
            }
            mistakes.add(
                word.span,
                format!("nothing stands for `{{{}}}`", shown(name)),
                "in here",
                suggestion(name, "what is filled in", valid.iter().map(String::as_str)),
            );
        }
    }
    let holds = |words: &WordsDoc, what: &str| words.0.iter().any(|word| word.value.contains(what));
    if let Some(OutputDoc::File(_)) = doc.output.value()
        && let Some(last) = measured(doc).last()
        && !measured(doc).any(|command| holds(&command.value, "{output}"))
    {
        mistakes.add(
            last.span,
            "the output is a file, and the command does not say where to write it",
            "no `{output}` in this command",
            "put `{output}` where the command takes the name of its output file".to_owned(),
        );
    }
    if let Some(words) = doc.canonicalise.get()
        && !holds(&words.value, "{}")
    {
        mistakes.add(
            words.span,
            "the canonicalising command does not say where the output's path goes",
            "no `{}` in this command",
            "put `{}` where the command takes the name of the file to read".to_owned(),
        );
    }
}

/// The names in braces that are meant as placeholders: `params.NAME`, or one of ours but for one letter;
/// `awk '{print}'` and JSON stay as they are.
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
        let near_ours = PLACEHOLDERS
            .iter()
            .any(|ours| strsim::damerau_levenshtein(name, ours) <= 1);
        if is_param || near_ours {
            names.push(name);
        }
    }
    names
}

fn check_stdin(field: &Field<StdinDoc>, mistakes: &mut Mistakes) -> Stdin {
    let Some(at) = field.get() else {
        return Stdin::Null;
    };
    match (&at.value.file, &at.value.text) {
        (Field::Given(file), Field::Absent) => Stdin::File(PathBuf::from(&file.value)),
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
