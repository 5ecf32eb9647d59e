//! Events as lines of JSON, written within a length and read without trust.

use super::{Event, Kind};
use crate::nearest::nearest;

/// Bytes a line may have, its newline included: what one `write` appends in one piece.
pub const MAX_LINE: usize = 4096;

/// Why a line is not an event. Such lines are counted and reported, and change nothing else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The line is longer than [`MAX_LINE`].
    #[error("a line of {0} bytes; at most {MAX_LINE} are read")]
    TooLong(usize),
    /// The line is not UTF-8.
    #[error("not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// The line is not a JSON object with the fields of its kind; NaN and Infinity are not JSON.
    #[error("{0}")]
    Json(String),
    /// The field `event` names no kind that this version knows.
    #[error("no event `{kind}`{}", nearest.map_or_else(String::new, |n| format!("; did you mean `{n}`?")))]
    UnknownKind {
        /// The name, cut to 60 characters.
        kind: String,
        /// The known name that looks most like it.
        nearest: Option<&'static str>,
    },
}

/// Reads one line, with or without its newline. Fields that this version does not know are ignored.
///
/// # Errors
/// [`Malformed`], whatever the bytes; the memory used is bounded by [`MAX_LINE`].
pub fn parse_line(line: &[u8]) -> Result<Event, Malformed> {
    let line = line.trim_ascii_end();
    if line.len() >= MAX_LINE {
        return Err(Malformed::TooLong(line.len()));
    }
    let text = str::from_utf8(line).map_err(|e| Malformed::NotUtf8(e.valid_up_to()))?;
    serde_json::from_str(text)
        .map_err(|error| unknown_kind(text).unwrap_or_else(|| Malformed::Json(error.to_string())))
}

/// The error for an object whose `event` is a text that is not among [`Kind::NAMES`].
fn unknown_kind(text: &str) -> Option<Malformed> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let kind = value.get("event")?.as_str()?;
    (!Kind::NAMES.contains(&kind)).then(|| Malformed::UnknownKind {
        kind: kind.chars().take(60).collect(),
        nearest: nearest(kind, Kind::NAMES),
    })
}

/// The event as a line of at most [`MAX_LINE`] bytes, newline included. Texts that are too long for it end in `…`.
/// `None` where a number is not finite: JSON cannot say that.
pub(crate) fn to_line(event: &Event) -> Option<Vec<u8>> {
    if let Kind::Metric { value, .. } = &event.kind
        && !value.is_finite()
    {
        return None;
    }
    let mut line = serialized(event)?;
    // Escapes make at most six bytes of one, so the loop ends at the latest when texts are shorter than a sixth.
    let mut keep = MAX_LINE / 2;
    let mut event = (line.len() > MAX_LINE).then(|| event.clone());
    while let Some(event) = event.as_mut().filter(|_| line.len() > MAX_LINE) {
        event
            .kind
            .texts()
            .into_iter()
            .flatten()
            .for_each(|text| truncate(text, keep));
        line = serialized(event)?;
        keep /= 2;
    }
    Some(line)
}

fn serialized(event: &Event) -> Option<Vec<u8>> {
    let mut line = serde_json::to_vec(event).ok()?;
    line.push(b'\n');
    Some(line)
}

/// Cuts `text` to at most `keep` bytes, at a character, marking the cut.
fn truncate(text: &mut String, keep: usize) {
    if text.len() > keep {
        let end = text.floor_char_boundary(keep.saturating_sub('…'.len_utf8()));
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Better, Unit};
    use proptest::prelude::*;

    fn metric(name: &str, value: f64) -> Event {
        let (unit, better) = (Unit::Bytes, Better::Lower);
        Event {
            t: 7,
            kind: Kind::Metric {
                name: name.into(),
                unit,
                better,
                value,
            },
        }
    }

    #[test]
    fn lines_read_as_documented() {
        let line = to_line(&metric("index_size", 12.5)).unwrap();
        assert_eq!(
            str::from_utf8(&line).unwrap(),
            "{\"t\":7,\"event\":\"metric\",\"name\":\"index_size\",\"unit\":\"bytes\",\"better\":\"lower\",\"value\":12.5}\n"
        );
        assert_eq!(parse_line(&line), Ok(metric("index_size", 12.5)));
        let loose = br#" { "value": 3, "event": "metric", "name": "n", "unit": "count", "better": "higher", "t": 1, "x": [] } "#;
        assert!(parse_line(loose).is_ok(), "{:?}", parse_line(loose));
    }

    #[test]
    fn every_kind_is_named_and_survives_the_trip() {
        let name = || "n".to_string();
        let unit = Unit::Seconds;
        let kinds = [
            Kind::PhaseBegin { phase: name() },
            Kind::PhaseEnd {
                phase: name(),
                peak_rss: Some(1),
            },
            Kind::Stage {
                stage: name(),
                cpu_ns: u64::MAX,
                count: 2,
            },
            Kind::Metric {
                name: name(),
                unit,
                better: Better::Neither,
                value: -0.25,
            },
            Kind::Histogram {
                name: name(),
                unit,
                count: 1,
                min: 0.1,
                mean: 0.2,
                p50: 0.3,
                p90: 0.4,
                p95: 0.5,
                p99: 0.6,
                p999: 0.7,
                max: 0.8,
            },
            Kind::Digest {
                name: name(),
                value: "sum64:ee0d087930156b10".into(),
            },
            Kind::Refused {
                needed: 2,
                available: 1,
                hint: name(),
            },
            Kind::Progress {
                done: 1,
                total: None,
                unit: name(),
            },
            Kind::Ledger {
                component: name(),
                bytes: 1,
            },
            Kind::Misuse { about: name() },
            Kind::Notice { about: name() },
            Kind::End { cancelled: true },
        ];
        for (kind, name) in kinds.into_iter().zip(Kind::NAMES) {
            let event = Event { t: u64::MAX, kind };
            let line = to_line(&event).unwrap();
            assert!(
                str::from_utf8(&line)
                    .unwrap()
                    .contains(&format!("\"event\":\"{name}\""))
            );
            assert_eq!(parse_line(&line), Ok(event));
        }
    }

    #[test]
    fn the_documented_lines_are_events() {
        let document = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/protocol.md"
        ))
        .unwrap();
        let lines: Vec<_> = document
            .lines()
            .filter(|line| line.starts_with("{\"t\":"))
            .collect();
        assert_eq!(lines.len(), Kind::NAMES.len());
        for (line, name) in lines.iter().zip(Kind::NAMES) {
            let event = parse_line(line.as_bytes()).unwrap();
            assert!(line.contains(&format!("\"event\":\"{name}\"")), "{line}");
            assert_eq!(
                to_line(&event).unwrap(),
                format!("{line}\n").into_bytes(),
                "as it is written"
            );
        }
    }

    #[test]
    fn garbage_is_told_apart() {
        let message = |line: &[u8]| parse_line(line).unwrap_err().to_string();
        assert_eq!(
            message(br#"{"t":1,"event":"phase_beginn"}"#),
            "no event `phase_beginn`; did you mean `phase_begin`?"
        );
        assert_eq!(message(&[b' ', 0xff]), "not UTF-8 from byte 1 on");
        assert_eq!(
            message(&vec![b'['; 1 << 20]),
            "a line of 1048576 bytes; at most 4096 are read"
        );
        for line in [
            &br#"{"t":1,"event":"metric","name":"n","unit":"count","better":"lower","value":NaN}"#
                [..],
            br#"{"t":1,"event":"metric","name":"n","unit":"count","better":"lower","value":null}"#,
            br#"{"t":1,"event":"metric","name":"n","unit":"count","better":"lower","value":1e999}"#,
            br#"{"t":-1,"event":"end"}"#,
            br#"{"event":"end"}"#,
            br#"{"t":1,"event":"end"} {"#,
            br#"{"t":1,"event":["end"]}"#,
            b"[]",
            b"",
            &[b'['; 4000],
        ] {
            assert!(
                matches!(parse_line(line), Err(Malformed::Json(_))),
                "{:?}",
                String::from_utf8_lossy(line)
            );
        }
    }

    #[test]
    fn what_json_cannot_say_is_not_written() {
        assert_eq!(to_line(&metric("n", f64::NAN)), None);
        assert_eq!(to_line(&metric("n", f64::NEG_INFINITY)), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_line_too_long(text in "(\\PC|\u{0}|\"){0,9000}", digest: bool) {
            let kind = if digest {
                Kind::Digest { name: text.clone(), value: text.clone() }
            } else {
                Kind::PhaseBegin { phase: text.clone() }
            };
            let line = to_line(&Event { t: 1, kind }).unwrap();
            prop_assert!(line.len() <= MAX_LINE);
            prop_assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1);
            prop_assert!(parse_line(&line).is_ok());
        }

        #[test]
        fn no_bytes_panic(line: Vec<u8>) {
            let _ = parse_line(&line);
        }
    }
}
