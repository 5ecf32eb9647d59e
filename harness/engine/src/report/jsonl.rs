//! What happens during a session as JSON lines, for programs that watch one.

use std::io::Write;

use crate::notice::{Notice, Observer};

/// Writes each notice as one line of JSON.
pub struct JsonLines<W: Write> {
    out: Option<W>,
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`, until a write fails; a reader that went away must not end a session.
    pub fn new(out: W) -> Self {
        JsonLines { out: Some(out) }
    }

    /// What was written to, or nothing when a write failed.
    pub fn into_inner(self) -> Option<W> {
        self.out
    }
}

impl<W: Write> Observer for JsonLines<W> {
    fn notice(&mut self, notice: Notice) {
        let Some(out) = &mut self.out else {
            return;
        };
        let Ok(mut line) = serde_json::to_vec(&notice) else {
            return;
        };
        line.push(b'\n');
        if out.write_all(&line).and_then(|()| out.flush()).is_err() {
            self.out = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn each_notice_is_a_line() {
        let mut lines = JsonLines::new(Vec::new());
        lines.notice(Notice::Note {
            text: "two\nlines".into(),
        });
        lines.notice(Notice::Preparing {
            what: "inputs".into(),
        });
        let text = String::from_utf8(lines.into_inner().unwrap()).unwrap();
        assert_eq!(
            text,
            "{\"notice\":\"note\",\"text\":\"two\\nlines\"}\n\
             {\"notice\":\"preparing\",\"what\":\"inputs\"}\n"
        );
    }

    #[test]
    fn a_reader_that_went_away_is_not_written_to_again() {
        struct Gone(u32);
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                self.0 += 1;
                assert_eq!(self.0, 1, "written to after it failed");
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut lines = JsonLines::new(Gone(0));
        for _ in 0..2 {
            lines.notice(Notice::Note { text: "x".into() });
        }
        assert!(lines.into_inner().is_none());
    }
}
