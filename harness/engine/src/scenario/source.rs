//! The text of a scenario file, made safe to show: control characters replaced, long lines windowed.

use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// The longest line that is shown whole, in bytes; of a longer one only a window is shown.
const WHOLE_LINE: usize = 200;
/// Bytes shown on each side of the offending text of a long line.
const WINDOW: usize = 60;
/// Bytes of the offending text that are marked at most.
const MARKED: usize = 80;

/// Bytes of the file that something was read from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// Offset of the first byte.
    pub(crate) start: usize,
    /// Length in bytes.
    pub(crate) len: usize,
}

impl Span {
    /// The span of `len` bytes from `start`.
    pub(crate) fn new(start: usize, len: usize) -> Self {
        Self { start, len }
    }
}

/// A scenario's text with its name, as diagnostics show it. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct SourceText {
    name: Arc<str>,
    shown: Arc<str>,
}

impl SourceText {
    /// The text of the file called `name`. Control characters are replaced by harmless ones of
    /// the same length, so that every offset still holds.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        Self {
            name: harmless(name).into(),
            shown: harmless(text).into(),
        }
    }

    /// Line and column of an offset, both from 1, the column in characters.
    pub(crate) fn position(&self, offset: usize) -> (u64, u64) {
        let offset = self.floor(offset);
        let before = &self.shown[..offset];
        let line = before.bytes().filter(|&b| b == b'\n').count() as u64 + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[start..].chars().count() as u64 + 1)
    }

    /// `span` brought inside the text and onto one line, at least one character long where there is
    /// one, and not too long to show.
    pub(crate) fn on_one_line(&self, span: Span) -> Span {
        let start = self.floor(span.start);
        let line_end = self.shown[start..]
            .find('\n')
            .map_or(self.shown.len(), |at| start + at);
        let end = self.floor(span.start.saturating_add(span.len.min(MARKED)));
        let mut end = end.clamp(start, line_end);
        if end == start
            && let Some(c) = self.shown[start..line_end].chars().next()
        {
            end += c.len_utf8();
        }
        Span::new(start, end - start)
    }

    /// The largest offset at or below `offset` that lies in the text and between characters.
    fn floor(&self, offset: usize) -> usize {
        self.shown.floor_char_boundary(offset.min(self.shown.len()))
    }

    /// The part of a long line around a span, without the lines around it.
    fn window(&self, span: &SourceSpan) -> Option<MietteSpanContents<'_>> {
        let at = self.floor(span.offset());
        let line_start = self.shown[..at].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.shown[at..]
            .find('\n')
            .map_or(self.shown.len(), |end| at + end);
        if line_end - line_start <= WHOLE_LINE {
            return None;
        }
        let from = self.floor(at.saturating_sub(WINDOW)).max(line_start);
        let to = self
            .floor(at.saturating_add(span.len().min(MARKED) + WINDOW))
            .min(line_end);
        let (line, column) = self.position(from);
        Some(MietteSpanContents::new_named(
            self.name.to_string(),
            self.shown[from..to].as_bytes(),
            SourceSpan::new(from.into(), to - from),
            line as usize - 1,
            column as usize - 1,
            1,
        ))
    }
}

impl SourceCode for SourceText {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Without context only the place is asked for, and that must be the true one.
        if context_lines_before + context_lines_after > 0
            && let Some(window) = self.window(span)
        {
            return Ok(Box::new(window));
        }
        let mut before = context_lines_before;
        let mut after = context_lines_after;
        // A long neighbour would spoil the snippet as much as a long line of its own.
        loop {
            let contents = self.shown.read_span(span, before, after)?;
            let long = contents
                .data()
                .split(|&b| b == b'\n')
                .any(|line| line.len() > WHOLE_LINE);
            if long && before + after > 0 {
                before = 0;
                after = 0;
                continue;
            }
            return Ok(Box::new(MietteSpanContents::new_named(
                self.name.to_string(),
                contents.data(),
                *contents.span(),
                contents.line(),
                contents.column(),
                contents.line_count(),
            )));
        }
    }
}

/// The same text with every character that a terminal could act on replaced by one of the same
/// length in UTF-8; line feeds and tabs stay.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\r' => ' ',
            c if c.is_control() || is_direction(c) => match c.len_utf8() {
                1 => '?',
                2 => '\u{b7}',
                _ => '\u{fffd}',
            },
            c => c,
        })
        .collect()
}

/// Characters that turn the direction of text around, or take no room, and so hide what is written.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text as a message may repeat it: at most 60 characters, one line, nothing that a terminal
/// could act on.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = harmless(text)
        .chars()
        .take(MOST)
        .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
        .collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = SourceText::new("x.yaml", "a: é b\nc: d\n");
        assert_eq!(text.position(0), (1, 1));
        assert_eq!(text.position(6), (1, 6));
        assert_eq!(text.position(8), (2, 1));
        assert_eq!(text.position(10_000), (3, 1));
    }

    #[test]
    fn escapes_become_harmless_without_moving_anything() {
        let text = "a\u{1b}[31m\u{85}\u{202e}b\r\n";
        let shown = harmless(text);
        assert_eq!(shown.len(), text.len());
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
    }

    #[test]
    fn a_long_line_is_shown_in_part() {
        let line = "x".repeat(10_000);
        let text = SourceText::new("x.yaml", &line);
        let contents = text.read_span(&(5_000, 10).into(), 1, 1).unwrap();
        assert!(contents.data().len() < WHOLE_LINE);
        assert_eq!(contents.column(), 4_940);
    }
}
