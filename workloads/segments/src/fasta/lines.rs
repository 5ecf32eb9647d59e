//! Lines of bytes that come in pieces: headers gathered, sequence handed on as it comes.
//!
//! A line ends with LF or CR LF, the last one also with nothing or CR; every other CR is a byte like others.

use memchr::memchr;

use super::scan::Sink;

/// Reads pieces of a file, in order.
/// A longer header is none, but a file of something else that happens to begin with `>`.
pub(super) const LONGEST_HEADER: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Lines {
    state: State,
    /// What came before ended with a CR, which the next byte makes a line end or a byte of the line.
    held_cr: bool,
    /// The line of `state`, counted from 0.
    line: u64,
    /// A header has been read.
    begun: bool,
    /// The front of a header that does not lie in one piece.
    header: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    LineStart,
    Header,
    Sequence,
}

/// Why no more is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop<E> {
    /// Sequence before the first header, in this line, counted from 1.
    Headless(u64),
    /// The header of this line, counted from 1, has no end within reason.
    Header(u64),
    /// The sink's error.
    Sink(E),
}

impl Lines {
    /// Reads the next piece.
    pub(super) fn feed<S: Sink>(
        &mut self,
        mut piece: &[u8],
        sink: &mut S,
    ) -> Result<(), Stop<S::Error>> {
        while let Some(&first) = piece.first() {
            if self.state == State::LineStart {
                self.state = if first == b'>' {
                    piece = &piece[1..];
                    State::Header
                } else {
                    State::Sequence
                };
            }
            let end = memchr(b'\n', piece);
            let text = &piece[..end.unwrap_or(piece.len())];
            if self.held_cr && !text.is_empty() {
                self.bytes(b"\r", sink)?;
                self.held_cr = false;
            }
            let bare = text.strip_suffix(b"\r").unwrap_or(text);
            match end {
                Some(end) => {
                    self.last_bytes(bare, sink)?;
                    piece = &piece[end + 1..];
                }
                None => {
                    self.held_cr |= bare.len() < text.len();
                    self.bytes(bare, sink)?;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Nothing more comes.
    pub(super) fn finish<S: Sink>(mut self, sink: &mut S) -> Result<(), Stop<S::Error>> {
        self.last_bytes(b"", sink)
    }

    /// Bytes of the line, which goes on.
    fn bytes<S: Sink>(&mut self, bytes: &[u8], sink: &mut S) -> Result<(), Stop<S::Error>> {
        match self.state {
            State::Header if self.header.len() + bytes.len() > LONGEST_HEADER => {
                return Err(Stop::Header(self.line + 1));
            }
            State::Header => self.header.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ if !self.begun => return Err(Stop::Headless(self.line + 1)),
            _ => sink.sequence(bytes).map_err(Stop::Sink)?,
        }
        Ok(())
    }

    /// The line's last bytes; its end is behind them.
    fn last_bytes<S: Sink>(&mut self, bytes: &[u8], sink: &mut S) -> Result<(), Stop<S::Error>> {
        if self.state != State::Header {
            self.bytes(bytes, sink)?;
        } else {
            self.begun = true;
            if self.header.is_empty() {
                sink.record(bytes).map_err(Stop::Sink)?;
            } else {
                self.header.extend_from_slice(bytes);
                sink.record(&self.header).map_err(Stop::Sink)?;
                self.header.clear();
            }
        }
        self.held_cr = false;
        self.line += 1;
        self.state = State::LineStart;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fasta::Record;
    use crate::fasta::records::Collect;

    /// Reads `text` in pieces of these sizes, over and over.
    fn read(text: &[u8], sizes: &[usize]) -> Result<Vec<Record>, u64> {
        let mut lines = Lines::default();
        let mut sink = Collect::default();
        let mut rest = text;
        let line = |stop| match stop {
            Stop::Headless(line) | Stop::Header(line) => line,
            Stop::Sink(never) => match never {},
        };
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            lines.feed(piece, &mut sink).map_err(line)?;
            rest = after;
        }
        lines.finish(&mut sink).map_err(line)?;
        Ok(sink.records)
    }

    /// The rules read off the whole text at once.
    fn model(text: &[u8]) -> Result<Vec<Record>, u64> {
        let mut records: Vec<Record> = Vec::new();
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match (line.strip_prefix(b">"), records.last_mut()) {
                (Some(header), _) => records.push(Record {
                    header: header.to_vec(),
                    sequence: Vec::new(),
                }),
                (None, Some(record)) => record.sequence.extend_from_slice(line),
                (None, None) if line.is_empty() => {}
                (None, None) => return Err(number),
            }
        }
        Ok(records)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn any_text_in_any_pieces_reads_as_the_whole_does(
            text in prop::collection::vec(prop_oneof![
                4 => proptest::sample::select(b"\r\n>".to_vec()),
                2 => proptest::sample::select(b"ACGTn".to_vec()),
                1 => any::<u8>()], 0..60),
            headed: bool,
            sizes in prop::collection::vec(1_usize..9, 1..6),
        ) {
            let mut text = text;
            if headed {
                text.splice(0..0, *b">h\n");
            }
            prop_assert_eq!(read(&text, &sizes), model(&text));
        }
    }

    fn records(text: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let pairs = |read: Vec<Record>| {
            read.into_iter()
                .map(|record| (record.header, record.sequence))
                .collect::<Vec<_>>()
        };
        let whole = pairs(read(text, &[usize::MAX]).unwrap());
        assert_eq!(pairs(read(text, &[1]).unwrap()), whole);
        whole
    }

    fn record(header: &[u8], sequence: &[u8]) -> (Vec<u8>, Vec<u8>) {
        (header.to_vec(), sequence.to_vec())
    }

    #[test]
    fn line_ends_of_either_kind_are_not_part_of_a_record() {
        assert_eq!(
            records(b">a b\tc\r\nAC\r\nGT\n\n\r\n>d\nT\r\n"),
            [record(b"a b\tc", b"ACGT"), record(b"d", b"T")]
        );
    }

    #[test]
    fn a_cr_elsewhere_is_a_byte() {
        assert_eq!(
            records(b">a\rb\r\r\nA\rC\n\rG\r\r\r\nT\r"),
            [record(b"a\rb\r", b"A\rC\rG\r\rT")]
        );
    }

    #[test]
    fn the_last_line_may_lack_its_end() {
        assert_eq!(records(b">a\nAC"), [record(b"a", b"AC")]);
        assert_eq!(records(b">a\nAC\r"), [record(b"a", b"AC")]);
        assert_eq!(records(b">a"), [record(b"a", b"")]);
        assert_eq!(records(b">a\r"), [record(b"a", b"")]);
        assert_eq!(records(b">"), [record(b"", b"")]);
    }

    #[test]
    fn headers_may_be_empty_alike_and_anything_but_utf8() {
        assert_eq!(
            records(b">\nA\n>\n>\xff>\n"),
            [record(b"", b"A"), record(b"", b""), record(b"\xff>", b"")]
        );
    }

    #[test]
    fn a_header_begins_only_a_line() {
        assert_eq!(records(b">a\nC>b\n >c\n"), [record(b"a", b"C>b >c")]);
    }

    #[test]
    fn sequence_before_a_header_is_told_with_its_line() {
        for sizes in [[1], [1_000]] {
            assert_eq!(read(b"\n\r\nA\n>a\n", &sizes), Err(3));
            assert_eq!(read(b"A", &sizes), Err(1));
            assert_eq!(read(b"\n\r\r\n", &sizes), Err(2));
        }
        assert_eq!(records(b"\r\n\n>a\nA"), [record(b"a", b"A")]);
    }

    #[test]
    fn no_bytes_are_no_records() {
        assert_eq!(records(b""), []);
        assert_eq!(records(b"\n\r\n\r"), []);
    }
}
