//! Foreign text within Markdown: names, labels and output of programs may hold any markup.

use crate::report::text;
use crate::report::words::NOTHING;

/// Longest text in a cell.
const CELL: usize = 200;

/// A name: of a variant, a parameter, a step.
pub(in crate::report) fn label(name: &str) -> String {
    escape(name, text::LABEL)
}

/// A sentence of running text.
pub(in crate::report) fn sentence(said: &str) -> String {
    escape(said, text::SENTENCE)
}

/// What stands in the cell of a table.
pub(super) fn cell(said: &str) -> String {
    escape(said, CELL)
}

/// A variant's name at the head of its row.
pub(in crate::report) fn variant_name(id: &str, baseline: bool) -> String {
    let mark = if baseline { " (baseline)" } else { "" };
    format!("**{}**{mark}", label(id))
}

/// A code block whose fence is longer than any run of backticks in it.
pub(super) fn fence(language: &str, body: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in body.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat((longest + 1).max(3));
    format!(
        "{fence}{language}\n{}\n{fence}\n",
        body.trim_end_matches('\n')
    )
}

/// Inline code that survives tables: HTML's, since a backtick cannot be escaped within backticks.
pub(super) fn code(text: &str) -> String {
    let text = text::line(text, CELL);
    if text.is_empty() {
        return NOTHING.into();
    }
    format!("<code>{}</code>", escape_line(&text))
}

/// One line of foreign text in which no character means anything to Markdown or HTML, and which
/// notifies nobody.
pub(crate) fn escape(text: &str, max: usize) -> String {
    escape_line(&text::line(text, max))
}

fn escape_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // An empty comment between the sign and the name keeps a mention from being one.
            '@' => out.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
