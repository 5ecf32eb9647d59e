//! Lines of a terminal: breaking a text into them, and writing it at an indent.

use super::Style;
use crate::report::text;

pub(in crate::report) fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// A text in as many lines as it needs, all at the same indent.
pub(in crate::report) fn paragraph(out: &mut String, said: &str, indent: usize, style: Style) {
    for line in wrap(said, style.width - indent) {
        push(out, &format!("{:indent$}{line}", ""));
    }
}

/// A [`paragraph`] that is of less weight than what stands around it.
pub(in crate::report) fn faint_paragraph(
    out: &mut String,
    said: &str,
    indent: usize,
    style: Style,
) {
    for line in wrap(said, style.width - indent) {
        push(out, &format!("{:indent$}{}", "", style.faint(&line)));
    }
}

/// What must be known before any figure, marked, and in the colour of its gravity.
pub(in crate::report) fn alarm(out: &mut String, said: &str, sgr: &str, style: Style) {
    let said = text::line(said, text::SENTENCE);
    for (place, line) in wrap(&said, style.width - 2).iter().enumerate() {
        let mark = if place == 0 { "! " } else { "  " };
        push(out, &style.paint(sgr, &format!("{mark}{line}")));
    }
}

/// Breaks a line at spaces so that no piece is longer than `width`; a number stays with its unit,
/// and a longer word is cut.
pub(in crate::report) fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    for word in words(line) {
        let mut word: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + word.len() > width {
            lines.push(std::mem::take(&mut current));
            used = 0;
        }
        while word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        if used > 0 {
            current.push(' ');
            used += 1;
        }
        used += word.len();
        current.extend(word);
    }
    lines.push(current);
    lines
}

/// The words of a line, where a number and the unit after it are one.
fn words(line: &str) -> Vec<String> {
    const UNITS: [&str; 11] = [
        "%", "x", "s", "ms", "us", "min", "B", "KiB", "MiB", "GiB", "TiB",
    ];
    let mut words: Vec<String> = Vec::new();
    for word in line.split(' ') {
        let unit = UNITS.contains(&word.trim_end_matches([',', ';', ':', '.', ')']));
        match words.last_mut() {
            Some(number) if unit && number.ends_with(|c: char| c.is_ascii_digit()) => {
                number.push(' ');
                number.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Characters that take a column: those outside of colour sequences.
pub(super) fn visible(text: &str) -> usize {
    text::line(text, usize::MAX).chars().count()
}
