//! Quantities as scenarios write them: `100 MiB`, `20 min`, `1.20 x baseline`, `10 %`, `3M/s`.

use std::time::Duration;

use plimsoll_workload::{Bytes, Unit, bytes::ParseBytesError};

use super::Bound;
use super::error::nearest;
use super::source::shown;

/// Units of time, with the seconds of each.
const TIMES: &[(&str, f64)] = &[
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
];

/// Units of sizes, for suggestions; [`Bytes`] reads them.
const SIZES: &str = "B, KiB, MiB, GiB, TiB, KB, MB, GB, TB";

/// Powers of ten that a count may end in.
const POWERS: &[(&str, f64)] = &[("k", 1e3), ("M", 1e6), ("G", 1e9)];

/// The longest time that a limit may be: a hundred days, far from any overflow.
const LONGEST: f64 = 100.0 * 86_400.0;

/// Why a text is not the quantity that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnitError {
    /// What is wrong, in a sentence.
    pub(crate) message: String,
    /// What the text is, in a word or two.
    pub(crate) label: &'static str,
    /// What to write instead.
    pub(crate) help: Option<String>,
}

impl UnitError {
    fn new(message: String, label: &'static str, help: impl Into<String>) -> Self {
        Self {
            message,
            label,
            help: Some(help.into()),
        }
    }
}

/// Reads a size in bytes; the unit must be written.
pub(crate) fn bytes(text: &str) -> Result<u64, UnitError> {
    let (number, unit) = split(text);
    if unit.is_empty() && !number.is_empty() {
        return Err(UnitError::new(
            format!("`{}` has no unit", shown(text)),
            "of what?",
            format!(
                "write `{} MiB`, or `{} B` for bytes",
                shown(number),
                shown(number)
            ),
        ));
    }
    text.parse::<Bytes>().map(|bytes| bytes.0).map_err(|error| {
        if let ParseBytesError::Unit { nearest, .. } = &error {
            return UnitError::new(
                format!("`{}` is not a size", shown(text)),
                "not a size",
                format!("did you mean `{} {nearest}`?", shown(number)),
            );
        }
        UnitError::new(
            error.to_string(),
            "not a size",
            format!("a size is a number and one of {SIZES}"),
        )
    })
}

/// Reads a time.
pub(crate) fn duration(text: &str) -> Result<Duration, UnitError> {
    let (number, unit) = split(text);
    let seconds = seconds(number, unit)?.ok_or_else(|| time_error(text, number, unit))?;
    Ok(Duration::from_secs_f64(seconds))
}

fn seconds(number: &str, unit: &str) -> Result<Option<f64>, UnitError> {
    let Some(&(_, factor)) = TIMES.iter().find(|(name, _)| *name == unit) else {
        return Ok(None);
    };
    let value = decimal(number)?;
    let seconds = value * factor;
    if seconds > LONGEST {
        return Err(UnitError::new(
            format!("`{} {unit}` is too long", shown(number)),
            "too long",
            "at most 100 days",
        ));
    }
    Ok(Some(seconds))
}

fn time_error(text: &str, number: &str, unit: &str) -> UnitError {
    if text.trim_start().starts_with('-') {
        return UnitError::new(
            format!("`{}` is negative", shown(text)),
            "negative",
            "a time is 0 or more",
        );
    }
    if unit.is_empty() && !number.is_empty() {
        return UnitError::new(
            format!("`{}` has no unit", shown(text)),
            "of what?",
            format!("write `{} s`", shown(number)),
        );
    }
    let written = match unit {
        "m" | "mins" | "minute" | "minutes" => Some("min"),
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "hour" | "hours" | "hr" => Some("h"),
        "day" | "days" => Some("d"),
        unit => nearest(unit, TIMES.iter().map(|(name, _)| *name)),
    };
    let help = match written {
        Some(near) if !number.is_empty() => format!("did you mean `{} {near}`?", shown(number)),
        _ => "a time is a number and one of ns, us, ms, s, min, h, d".to_owned(),
    };
    UnitError::new(
        format!("`{}` is not a time", shown(text)),
        "not a time",
        help,
    )
}

/// What a bound says, before it is held against the unit of its metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Quantity {
    /// `48 MiB`.
    Bytes(f64),
    /// `20 min`, in seconds.
    Seconds(f64),
    /// `10 %`, as a share: 0.1.
    Percent(f64),
    /// `3M/s`.
    PerSecond(f64),
    /// `100 MiB/s`.
    BytesPerSecond(f64),
    /// `3M`, `3e6`, `0.99`.
    Number(f64),
    /// `1.20 x baseline`.
    Baseline(f64),
}

impl Quantity {
    /// What it is, in words.
    fn called(self) -> &'static str {
        match self {
            Quantity::Bytes(_) => "a size in bytes",
            Quantity::Seconds(_) => "a time",
            Quantity::Percent(_) => "a percentage",
            Quantity::PerSecond(_) => "a rate",
            Quantity::BytesPerSecond(_) => "a rate in bytes",
            Quantity::Number(_) => "a number without a unit",
            Quantity::Baseline(_) => "a multiple of the baseline's",
        }
    }

    /// The bound that it is for a metric in `unit`; for an unknown unit, in the one written.
    pub(crate) fn bound(self, unit: Option<Unit>) -> Result<Bound, String> {
        let absolute = |value, unit| Ok(Bound::Absolute { value, unit });
        match (self, unit) {
            (Quantity::Baseline(factor), _) => Ok(Bound::Baseline(factor)),
            (Quantity::Bytes(v), Some(Unit::Bytes) | None) => absolute(v, Unit::Bytes),
            (Quantity::Seconds(v), Some(Unit::Seconds) | None) => absolute(v, Unit::Seconds),
            (Quantity::PerSecond(v), Some(Unit::PerSecond) | None) => absolute(v, Unit::PerSecond),
            (Quantity::BytesPerSecond(v), Some(Unit::BytesPerSecond) | None) => {
                absolute(v, Unit::BytesPerSecond)
            }
            (Quantity::Percent(v), Some(unit @ (Unit::Share | Unit::Ratio))) => absolute(v, unit),
            (Quantity::Percent(v), None) => absolute(v, Unit::Share),
            (
                Quantity::Number(v),
                Some(unit @ (Unit::Count | Unit::Share | Unit::Ratio | Unit::PerSecond)),
            ) => absolute(v, unit),
            (Quantity::Number(v), None) => absolute(v, Unit::Count),
            (other, Some(unit)) => Err(format!("{}, and this is {}", kind(unit), other.called())),
        }
    }
}

/// What a metric in `unit` is.
fn kind(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "in bytes",
        Unit::Seconds => "a time",
        Unit::Count => "a count",
        Unit::Share => "a share",
        Unit::Ratio => "a ratio",
        Unit::PerSecond => "a rate",
        Unit::BytesPerSecond => "a rate in bytes",
    }
}

/// What a bound of a metric in `unit` looks like.
pub(crate) fn expected(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "a size such as `48 MiB`",
        Unit::Seconds => "a time such as `1.5 s`",
        Unit::Count => "a count such as `1000` or `3M`",
        Unit::Share => "a share such as `10 %` or `0.1`",
        Unit::Ratio => "a ratio such as `0.25` or `25 %`",
        Unit::PerSecond => "a rate such as `3M/s`",
        Unit::BytesPerSecond => "a rate such as `100 MiB/s`",
    }
}

/// Reads a bound.
pub(crate) fn quantity(text: &str) -> Result<Quantity, UnitError> {
    let trimmed = text.trim();
    if trimmed.starts_with(['-', '\u{2212}']) {
        return Err(UnitError::new(
            format!("`{}` is negative", shown(text)),
            "negative",
            "a bound is 0 or more",
        ));
    }
    let (number, unit) = split(trimmed);
    if number.is_empty() {
        return Err(not_a_bound(text));
    }
    if let Some(rest) = unit.strip_prefix(['x', '×', '*']) {
        return match rest.trim() {
            "baseline" => positive(number, text).map(Quantity::Baseline),
            other => Err(UnitError::new(
                format!("`{}` is not a bound", shown(text)),
                "times what?",
                match other.is_empty()
                    || "baseline".starts_with(other)
                    || nearest(other, ["baseline"]).is_some()
                {
                    true => format!("write `{} x baseline`", shown(number)),
                    false => format!(
                        "`{}` cannot be multiplied; only the baseline can: `{} x baseline`",
                        shown(other),
                        shown(number)
                    ),
                },
            )),
        };
    }
    if unit == "%" {
        return decimal(number).map(|value| Quantity::Percent(value / 100.0));
    }
    if let Some(rate) = unit.strip_suffix("/s") {
        let rate = rate.trim_end();
        return match scaled(number, rate)? {
            Some(value) => Ok(Quantity::PerSecond(value)),
            None => bytes(&format!("{number} {rate}"))
                .map(|value| Quantity::BytesPerSecond(value as f64)),
        };
    }
    if let Some(value) = scaled(number, unit)? {
        return Ok(Quantity::Number(value));
    }
    if let Some(value) = seconds(number, unit)? {
        return Ok(Quantity::Seconds(value));
    }
    match bytes(trimmed) {
        Ok(value) => Ok(Quantity::Bytes(value as f64)),
        Err(error) if unit.ends_with(['B', 'b']) || nearest(unit, SIZES.split(", ")).is_some() => {
            Err(error)
        }
        Err(_) => Err(not_a_bound(text)),
    }
}

fn positive(number: &str, text: &str) -> Result<f64, UnitError> {
    let value = decimal(number)?;
    if value > 0.0 {
        return Ok(value);
    }
    Err(UnitError::new(
        format!("`{}` can never hold", shown(text)),
        "not above 0",
        "a multiple of the baseline is above 0",
    ))
}

fn not_a_bound(text: &str) -> UnitError {
    UnitError::new(
        format!("`{}` is not a bound", shown(text)),
        "neither a number nor a number with a unit",
        "as in `48 MiB`, `1.5 s`, `10 %`, `3M`, `3M/s` or `1.20 x baseline`",
    )
}

/// A number with a power of ten behind it, if `unit` is one.
fn scaled(number: &str, unit: &str) -> Result<Option<f64>, UnitError> {
    if unit.is_empty() {
        return decimal(number).map(Some);
    }
    match POWERS.iter().find(|(name, _)| *name == unit) {
        Some(&(_, factor)) => decimal(number).map(|value| Some(value * factor)),
        None => Ok(None),
    }
}

/// Splits a text into its leading number and what follows, both trimmed.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let exponent = matches!(bytes[end], b'e' | b'E')
            && end > 0
            && match bytes.get(end + 1) {
                Some(b'+' | b'-') => bytes.get(end + 2).is_some_and(u8::is_ascii_digit),
                next => next.is_some_and(u8::is_ascii_digit),
            };
        let sign =
            matches!(bytes[end], b'+' | b'-') && end > 0 && matches!(bytes[end - 1], b'e' | b'E');
        if !(bytes[end].is_ascii_digit()
            || matches!(bytes[end], b'.' | b'_' | b',')
            || exponent
            || sign)
        {
            break;
        }
        end += 1;
    }
    (&text[..end], text[end..].trim())
}

/// A number of 0 or more, with decimals, an exponent or `_` between digits.
fn decimal(number: &str) -> Result<f64, UnitError> {
    if number.contains(',') {
        let plain = number.replace(',', "");
        return Err(UnitError::new(
            format!("`{}` has a comma in it", shown(number)),
            "a comma",
            format!("write `{}`, with a point for decimals", shown(&plain)),
        ));
    }
    number
        .replace('_', "")
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite() && *value >= 0.0)
        .ok_or_else(|| {
            UnitError::new(
                format!("`{}` is not a number", shown(number)),
                "not a number",
                "as in `1.5` or `3e6`",
            )
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times() {
        let cases = [
            ("20 min", 1200.0),
            ("60s", 60.0),
            ("10 ms", 0.01),
            ("1 h", 3600.0),
            ("100 us", 1e-4),
            ("1.5 s", 1.5),
        ];
        for (text, seconds) in cases {
            assert_eq!(
                duration(text).unwrap(),
                Duration::from_secs_f64(seconds),
                "{text}"
            );
        }
    }

    #[test]
    fn sizes_need_a_unit() {
        assert_eq!(bytes("100 MiB").unwrap(), 100 << 20);
        assert_eq!(bytes("5 GB").unwrap(), 5_000_000_000);
        let error = bytes("48").unwrap_err();
        assert_eq!(error.help.unwrap(), "write `48 MiB`, or `48 B` for bytes");
        let error = bytes("5 MBB").unwrap_err();
        assert_eq!(error.help.unwrap(), "did you mean `5 MB`?");
    }

    #[test]
    fn bounds() {
        let cases = [
            ("48 MiB", Quantity::Bytes((48 << 20) as f64)),
            ("0.10x baseline", Quantity::Baseline(0.10)),
            ("1.20 x baseline", Quantity::Baseline(1.2)),
            ("10 %", Quantity::Percent(0.1)),
            ("3M", Quantity::Number(3e6)),
            ("3e6", Quantity::Number(3e6)),
            ("3_000_000", Quantity::Number(3e6)),
            ("3M/s", Quantity::PerSecond(3e6)),
            ("3000000 /s", Quantity::PerSecond(3e6)),
            ("100 MiB/s", Quantity::BytesPerSecond((100 << 20) as f64)),
            ("1.5 s", Quantity::Seconds(1.5)),
        ];
        for (text, expected) in cases {
            assert_eq!(quantity(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_bound_says_what_to_write() {
        let cases = [
            ("3,000,000", "write `3000000`, with a point for decimals"),
            ("2 x base", "write `2 x baseline`"),
            ("2 x", "write `2 x baseline`"),
            ("5 MBB", "did you mean `5 MB`?"),
            ("-3", "a bound is 0 or more"),
            ("0 x baseline", "a multiple of the baseline is above 0"),
        ];
        for (text, help) in cases {
            assert_eq!(
                quantity(text).unwrap_err().help.as_deref(),
                Some(help),
                "{text}"
            );
        }
        for text in ["", "fast", "1.2.3", "5 parsecs", "x baseline"] {
            assert!(quantity(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bound_must_be_in_the_unit_of_its_metric() {
        assert!(quantity("5 s").unwrap().bound(Some(Unit::Bytes)).is_err());
        assert!(quantity("48").unwrap().bound(Some(Unit::Bytes)).is_err());
        assert!(quantity("48").unwrap().bound(Some(Unit::Seconds)).is_err());
        assert_eq!(
            quantity("10 %").unwrap().bound(Some(Unit::Share)),
            Ok(Bound::Absolute {
                value: 0.1,
                unit: Unit::Share
            })
        );
        assert_eq!(
            quantity("2 x baseline").unwrap().bound(Some(Unit::Bytes)),
            Ok(Bound::Baseline(2.0))
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9eE+\\-._, xMkGiBsmin%/]{0,20}|.{0,20}") {
            let _ = quantity(&text);
            let _ = duration(&text);
            let _ = bytes(&text);
        }

        #[test]
        fn whole_times_survive(n in 0u32..1_000_000, unit in 0usize..8) {
            let (name, factor) = TIMES[unit];
            prop_assume!(f64::from(n) * factor <= LONGEST);
            prop_assert_eq!(duration(&format!("{n} {name}")).unwrap(), Duration::from_secs_f64(f64::from(n) * factor));
        }

        #[test]
        fn sizes_survive(n in 0u64..1 << 40) {
            prop_assert_eq!(bytes(&format!("{n} B")).unwrap(), n);
            prop_assert_eq!(quantity(&format!("{n} KiB")).unwrap(), Quantity::Bytes((n * 1024) as f64));
        }

        #[test]
        fn numbers_survive(value in 0.0f64..1e12) {
            prop_assert_eq!(quantity(&format!("{value}")).unwrap(), Quantity::Number(value));
            prop_assert_eq!(quantity(&format!("{value:e} x baseline")).is_ok(), value > 0.0);
        }
    }
}
