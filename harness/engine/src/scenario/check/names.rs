//! What may be a name, and which variants a name stands for.

use crate::scenario::error::{Mistakes, nearest, suggestion};
use crate::scenario::read::At;
use crate::scenario::source::{Span, shown};

/// Characters in a name at most.
const LONGEST_NAME: usize = 100;
/// Characters in a text meant for people at most.
const LONGEST_TEXT: usize = 1_000;

/// True if the text may name a file on every system: lower-case letters, digits, `-`, `_`, `.`,
/// beginning with a letter or digit.
pub(crate) fn check_name(what: &str, name: &At<String>, mistakes: &mut Mistakes) -> bool {
    let text = &name.value;
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    let problem = if text.is_empty() {
        Some(format!("{what} is empty"))
    } else if text.len() > LONGEST_NAME {
        let length = text.chars().count();
        Some(format!("{what} is {length} characters long"))
    } else if !text.chars().all(fit) || text.starts_with(['-', '_', '.']) {
        Some(format!(
            "{what} `{}` is not fit for a file name",
            shown(text)
        ))
    } else {
        None
    };
    if let Some(problem) = &problem {
        let lower: String = text
            .to_lowercase()
            .chars()
            .map(|c| if fit(c) { c } else { '-' })
            .collect();
        let lower = lower.trim_matches(['-', '_', '.']);
        let help = match lower.is_empty() || lower.len() > LONGEST_NAME {
            true => format!("1 to {LONGEST_NAME} lower-case letters, digits, `-`, `_` or `.`"),
            false => format!("lower-case letters, digits, `-`, `_` and `.`, as in `{lower}`"),
        };
        mistakes.add(name.span, problem.clone(), "not a name", help);
    }
    problem.is_none()
}

/// A text for people, its white space in single blanks.
pub(crate) fn check_text(what: &str, text: &At<String>, mistakes: &mut Mistakes) -> String {
    let bad = |c: char| c.is_control() && !c.is_whitespace();
    if text.value.chars().any(bad) {
        mistakes.add(
            text.span,
            format!("{what} has control characters in it"),
            "control characters",
            "leave them out".to_owned(),
        );
    }
    let length = text.value.chars().count();
    if length > LONGEST_TEXT {
        mistakes.add(
            text.span,
            format!("{what} is {length} characters long"),
            "too long",
            format!("at most {LONGEST_TEXT} characters"),
        );
    }
    text.value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The variants as written, and what the matrix made of each.
#[derive(Debug, Default)]
pub(crate) struct Families {
    /// Id as written, ids after the matrix.
    pub(crate) members: Vec<(String, Vec<String>)>,
}

impl Families {
    /// The variants that a name stands for: all combinations of a variant as written, or one by
    /// its full id. Unknown names are reported.
    pub(crate) fn resolve(
        &self,
        name: &At<String>,
        mistakes: &mut Mistakes,
    ) -> Option<Vec<String>> {
        let wanted = name.value.as_str();
        if let Some((_, members)) = self.members.iter().find(|(id, _)| id == wanted) {
            return Some(members.clone());
        }
        let all = || self.members.iter().flat_map(|(_, members)| members);
        if all().any(|id| id == wanted) {
            return Some(vec![name.value.clone()]);
        }
        let written = self.members.iter().map(|(id, _)| id.as_str());
        let help = match nearest(wanted, all().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => suggestion(wanted, "the variants", written),
        };
        mistakes.add(
            name.span,
            format!("no variant `{}`", shown(wanted)),
            "unknown variant",
            help,
        );
        None
    }

    /// The variants that several names stand for, in the order of the names; one named twice is
    /// reported.
    pub(crate) fn resolve_all(&self, names: &[At<String>], mistakes: &mut Mistakes) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for name in names {
            let Some(members) = self.resolve(name, mistakes) else {
                continue;
            };
            if members.iter().any(|id| ids.contains(id)) {
                mistakes.add(
                    name.span,
                    format!("`{}` is named twice", shown(&name.value)),
                    "the second time",
                    "name it once".to_owned(),
                );
                continue;
            }
            ids.extend(members);
        }
        ids
    }
}

/// Checks that each name is a size of the scenario; returns those that are.
pub(crate) fn check_sizes(
    names: &[At<String>],
    sizes: &[crate::scenario::Size],
    mistakes: &mut Mistakes,
) -> Vec<String> {
    names
        .iter()
        .filter(|name| check_size(&name.value, name.span, sizes, mistakes))
        .map(|name| name.value.clone())
        .collect()
}

/// Checks that a name is a size of the scenario.
pub(crate) fn check_size(
    name: &str,
    span: Span,
    sizes: &[crate::scenario::Size],
    mistakes: &mut Mistakes,
) -> bool {
    let known = sizes.iter().any(|size| size.name == name);
    if !known {
        mistakes.add(
            span,
            format!("no size `{}`", shown(name)),
            "unknown size",
            suggestion(
                name,
                "the sizes",
                sizes.iter().map(|size| size.name.as_str()),
            ),
        );
    }
    known
}
