//! How standard output is written to.

use std::io::{self, IsTerminal};

use crate::report::terminal::Style;

/// The style of standard output: its width, and colours where it is a terminal and `NO_COLOR` is
/// not set. Not a terminal: 100 columns.
pub fn detect_style() -> Style {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return Style::plain(100);
    }
    let width = rustix::termios::tcgetwinsize(&stdout).map_or(0, |size| usize::from(size.ws_col));
    Style {
        width: if width == 0 { 80 } else { width },
        colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}
