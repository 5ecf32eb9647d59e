//! Foreign text made harmless: scenario names, labels and program output may hold anything.

/// Longest name or label shown in a table.
pub(crate) const LABEL: usize = 48;
/// Longest sentence shown in running text.
pub(crate) const SENTENCE: usize = 700;

/// One line: no escape sequences, no control or direction-changing characters, white space
/// collapsed, at most `max` characters, with an ellipsis where something was cut.
pub(crate) fn line(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut gap = false;
    for c in Visible::new(text) {
        if c.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        let needed = 1 + usize::from(gap);
        if length + needed > max {
            while length >= max && out.pop().is_some() {
                length -= 1;
            }
            out.push('…');
            return out;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
        }
        out.push(c);
        length += needed;
    }
    out
}

/// Several lines: as [`line`], but line breaks and indentation stay, and of what is longer than
/// `max` characters the end is kept, where programs say what went wrong.
pub(crate) fn tail(text: &str, max: usize) -> String {
    let visible: String = Visible::new(text).collect();
    let visible = visible.trim_end();
    let length = visible.chars().count();
    if length <= max {
        return visible.to_owned();
    }
    let kept: String = visible.chars().skip(length - max).collect();
    format!("…{kept}")
}

/// The whole text, made visible, for what a reader wants to copy: a scenario's file.
pub(crate) fn whole(text: &str) -> String {
    Visible::new(text).collect()
}

/// The characters of a text as a reader may see them: escape sequences are left out, and control
/// characters and those that reorder what stands around them become U+FFFD.
struct Visible<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

impl<'a> Visible<'a> {
    fn new(text: &'a str) -> Self {
        Visible {
            rest: text.chars().peekable(),
        }
    }

    /// Skips what follows an ESC, by ECMA-48: a control sequence up to its final byte, a string
    /// up to its terminator, or the one character of a short sequence.
    fn skip_escape(&mut self) {
        match self.rest.peek() {
            Some('[') => {
                self.rest.next();
                self.skip_control_sequence();
            }
            Some(']' | 'P' | 'X' | '^' | '_') => {
                self.rest.next();
                self.skip_string();
            }
            Some(&c) if c.is_ascii_graphic() => {
                self.rest.next();
            }
            _ => {}
        }
    }

    fn skip_control_sequence(&mut self) {
        while let Some(&c) = self.rest.peek() {
            if !(' '..='~').contains(&c) {
                return;
            }
            self.rest.next();
            if ('@'..='~').contains(&c) {
                return;
            }
        }
    }

    /// A string that is never terminated must not swallow the lines after it.
    fn skip_string(&mut self) {
        while let Some(&c) = self.rest.peek() {
            if c == '\n' || c == '\u{1b}' {
                return;
            }
            self.rest.next();
            if c == '\u{7}' || c == '\u{9c}' {
                return;
            }
        }
    }
}

impl Iterator for Visible<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            let c = self.rest.next()?;
            return Some(match c {
                '\u{1b}' => {
                    self.skip_escape();
                    continue;
                }
                '\u{9b}' => {
                    self.skip_control_sequence();
                    continue;
                }
                '\r' if self.rest.peek() == Some(&'\n') => continue,
                '\n' => '\n',
                '\t' => ' ',
                c if c.is_control() || reorders(c) => '\u{fffd}',
                c => c,
            });
        }
    }
}

/// The explicit directional formatting characters of UAX 9, and the other invisible ones that
/// make a text read differently from what it is.
fn reorders(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_are_left_out() {
        assert_eq!(line("\u{1b}[1;31mred\u{1b}[0m text", 80), "red text");
        assert_eq!(line("\u{1b}]0;title\u{7}after", 80), "after");
        assert_eq!(
            line("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", 80),
            "link"
        );
        assert_eq!(line("\u{9b}2Jcleared", 80), "cleared");
        assert_eq!(tail("\u{1b}]never ended\nnext", 80), "\nnext");
    }

    #[test]
    fn control_and_direction_characters_become_visible() {
        assert_eq!(line("a\u{0}b\u{8}c", 80), "a\u{fffd}b\u{fffd}c");
        assert_eq!(line("a\u{202e}b", 80), "a\u{fffd}b");
    }

    #[test]
    fn long_text_is_cut_with_an_ellipsis() {
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("  one\n two\tthree ", 80), "one two three");
        assert_eq!(tail("abcdefg", 3), "…efg");
        assert_eq!(tail("a\r\nb\r\n", 80), "a\nb");
    }

    proptest! {
        #[test]
        fn a_line_is_one_line_of_at_most_max_characters(text in any::<String>(), max in 1usize..50) {
            let line = line(&text, max);
            prop_assert!(line.chars().count() <= max, "{line:?}");
            prop_assert!(!line.chars().any(|c| c.is_control() || reorders(c)), "{line:?}");
        }

        #[test]
        fn a_tail_has_no_control_characters_but_line_breaks(text in any::<String>(), max in 1usize..50) {
            let tail = tail(&text, max);
            prop_assert!(tail.chars().count() <= max + 1);
            prop_assert!(!tail.chars().any(|c| c != '\n' && (c.is_control() || reorders(c))), "{tail:?}");
        }
    }
}
