//! Sizes in bytes, written `16 MiB` in scenarios.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::nearest::nearest;

/// A size in bytes. Reads `16 MiB`, `1.5 GB` (powers of ten) or a plain number; prints binary units.
///
/// Serializes as a plain number, so that what one program writes no other one rounds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// Units a size may be written in, with the bytes of each.
const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// Why a text is not a size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseBytesError {
    /// There is no number in front.
    #[error("`{0}` is not a size: write a number and a unit, such as `16 MiB`")]
    NoNumber(String),
    /// The unit is not known.
    #[error("`{text}`: no unit `{unit}`; did you mean `{nearest}`?")]
    Unit {
        /// The whole text.
        text: String,
        /// The part that should be a unit.
        unit: String,
        /// The valid unit that looks most like it.
        nearest: &'static str,
    },
    /// The number is negative.
    #[error("`{0}`: a size cannot be negative")]
    Negative(String),
    /// The number does not come to whole bytes.
    #[error("`{0}` is not a whole number of bytes")]
    Fraction(String),
    /// The size is beyond 2^64 - 1 bytes.
    #[error("`{0}` is more than any machine holds (at most 2^64 - 1 bytes)")]
    TooLarge(String),
}

impl FromStr for Bytes {
    type Err = ParseBytesError;

    /// Reads a number, with decimals if they come to whole bytes or have a unit above `B`
    /// (then rounded to the nearest byte), and a unit: `B`, `KiB` to `TiB`, `KB` to `TB`.
    /// Case is free; a unit without its `B` (`16 Mi`) is not.
    fn from_str(text: &str) -> Result<Self, ParseBytesError> {
        let owned = || shown(text);
        let trimmed = text.trim();
        if trimmed.starts_with(['-', '\u{2212}']) {
            return Err(ParseBytesError::Negative(owned()));
        }
        let end = trimmed
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(end);
        let number = number.replace('_', "");
        let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
        if whole.is_empty() || fraction.contains('.') || number.ends_with('.') {
            return Err(ParseBytesError::NoNumber(owned()));
        }
        let unit = unit.trim();
        let factor = if unit.is_empty() {
            1
        } else {
            match UNITS.iter().find(|(n, _)| n.eq_ignore_ascii_case(unit)) {
                Some(&(_, factor)) => factor,
                None => {
                    return Err(ParseBytesError::Unit {
                        text: owned(),
                        unit: shown(unit),
                        nearest: nearest(unit, UNITS.iter().map(|(n, _)| *n)).unwrap_or("MiB"),
                    });
                }
            }
        };
        if factor == 1 && fraction.bytes().any(|b| b != b'0') {
            return Err(ParseBytesError::Fraction(owned()));
        }
        exact(whole, fraction, factor)
            .map_or_else(|| Err(ParseBytesError::TooLarge(owned())), |b| Ok(Self(b)))
    }
}

/// `whole.fraction * factor`, rounded to the nearest integer; `None` beyond `u64`.
fn exact(whole: &str, fraction: &str, factor: u64) -> Option<u64> {
    let whole: u64 = whole.parse().ok()?;
    // 18 decimals are more than the 2^40 of the largest unit can tell apart, and fit in u128.
    let fraction = &fraction[..fraction.len().min(18)];
    let scale = 10u128.pow(fraction.len() as u32);
    let part: u128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let below = (part * u128::from(factor) + scale / 2) / scale;
    whole
        .checked_mul(factor)?
        .checked_add(u64::try_from(below).ok()?)
}

/// The text as an error message may repeat it: at most 60 characters of it.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

impl fmt::Display for Bytes {
    /// The binary unit that leaves 1 to 1023 in front, with one decimal: `33.9 MiB`; whole multiples
    /// without decimals: `16 MiB`; below 1 KiB `512 B`. Honours width and alignment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = &UNITS[..5];
        let mut at = 0;
        // 1023.95 and up would print as 1024.0, which belongs to the next unit.
        while at + 1 < binary.len()
            && self.0 as f64 / binary[at].1 as f64 >= if at == 0 { 1024.0 } else { 1023.95 }
        {
            at += 1;
        }
        let (unit, factor) = binary[at];
        if self.0.is_multiple_of(factor) {
            f.pad(&format!("{} {unit}", self.0 / factor))
        } else {
            f.pad(&format!("{:.1} {unit}", self.0 as f64 / factor as f64))
        }
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Size;
        impl Visitor<'_> for Size {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size in bytes, such as `16 MiB`")
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Bytes, E> {
                Ok(Bytes(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Bytes, E> {
                u64::try_from(value)
                    .map(Bytes)
                    .map_err(|_| E::custom(ParseBytesError::Negative(value.to_string())))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Bytes, E> {
                // A bare `1.5` is a slip far more often than one and a half bytes.
                self.visit_str(&value.to_string())
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Bytes, E> {
                value.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Size)
    }
}

impl JsonSchema for Bytes {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A size: a number and a unit (B, KiB, MiB, GiB, TiB; KB, MB, GB, TB are powers of ten), or a plain number of bytes",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": r"^\s*[0-9][0-9_]*(\.[0-9_]+)?\s*([KkMmGgTt]?[Ii]?[Bb])?\s*$" }
            ],
            "examples": ["16 MiB"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn binary_and_decimal_units_are_told_apart() {
        for (text, bytes) in [
            ("0", 0),
            ("17", 17),
            ("1_000", 1_000),
            ("5 B", 5),
            ("16 MiB", 16 << 20),
            ("16MiB", 16 << 20),
            ("  1.5 gib ", 3 << 29),
            ("1.5 GB", 1_500_000_000),
            ("0.1 KiB", 102),
            ("2.0", 2),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
    }

    #[test]
    fn mistakes_say_what_and_what_instead() {
        for (text, message) in [
            ("5 MBB", "`5 MBB`: no unit `MBB`; did you mean `MB`?"),
            ("5 gigs", "`5 gigs`: no unit `gigs`; did you mean `GiB`?"),
            (
                "MiB",
                "`MiB` is not a size: write a number and a unit, such as `16 MiB`",
            ),
            (
                "",
                "`` is not a size: write a number and a unit, such as `16 MiB`",
            ),
            (
                "1.2.3 MiB",
                "`1.2.3 MiB` is not a size: write a number and a unit, such as `16 MiB`",
            ),
            (
                "1.",
                "`1.` is not a size: write a number and a unit, such as `16 MiB`",
            ),
            ("-1 MiB", "`-1 MiB`: a size cannot be negative"),
            ("1.5", "`1.5` is not a whole number of bytes"),
            (
                "16777216 TiB",
                "`16777216 TiB` is more than any machine holds (at most 2^64 - 1 bytes)",
            ),
        ] {
            assert_eq!(text.parse::<Bytes>().unwrap_err().to_string(), message);
        }
        assert!(
            "x".repeat(100_000)
                .parse::<Bytes>()
                .unwrap_err()
                .to_string()
                .len()
                < 200
        );
    }

    #[test]
    fn prints_the_unit_that_reads_best() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (35_546_726, "33.9 MiB"),
            (16 << 20, "16 MiB"),
            ((1 << 30) - 1, "1.0 GiB"),
            ((1 << 20) - 1, "1.0 MiB"),
            (3 << 40, "3 TiB"),
            (u64::MAX, "16777216.0 TiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        assert_eq!(format!("{:>9}", Bytes(1024)), "    1 KiB");
    }

    #[test]
    fn serde_takes_numbers_and_texts() {
        assert_eq!(
            serde_json::from_str::<Bytes>("1048576").unwrap(),
            Bytes(1 << 20)
        );
        assert_eq!(
            serde_json::from_str::<Bytes>("\"1 MiB\"").unwrap(),
            Bytes(1 << 20)
        );
        assert_eq!(serde_json::to_string(&Bytes(1 << 20)).unwrap(), "1048576");
        for (json, part) in [
            ("-3", "negative"),
            ("1.5", "whole number"),
            ("\"5 MBB\"", "did you mean `MB`"),
            ("true", "a size in bytes, such as"),
        ] {
            let message = serde_json::from_str::<Bytes>(json).unwrap_err().to_string();
            assert!(message.contains(part), "{json}: {message}");
        }
    }

    proptest! {
        #[test]
        fn plain_numbers_round_trip(bytes: u64) {
            prop_assert_eq!(bytes.to_string().parse(), Ok(Bytes(bytes)));
        }

        #[test]
        fn whole_units_round_trip(count in 0u64..1 << 20, unit in 0usize..UNITS.len()) {
            let (name, factor) = UNITS[unit];
            prop_assert_eq!(format!("{count} {name}").parse(), Ok(Bytes(count * factor)));
        }

        #[test]
        fn what_is_printed_reads_back_within_its_last_digit(bytes in 0u64..1 << 60) {
            let back: Bytes = Bytes(bytes).to_string().parse().unwrap();
            let error = back.0.abs_diff(bytes) as f64;
            // One decimal of a number from 1 to 1023 is off by at most 0.05 of its unit.
            prop_assert!(error <= 0.0501 * bytes.max(1) as f64, "{bytes} -> {back:?}");
            let shown = |bytes: Bytes| bytes.to_string().replace(".0 ", " ");
            prop_assert_eq!(shown(back), shown(Bytes(bytes)));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[-0-9._ ]{0,30}[KMGTikBmb]{0,4}") {
            let _ = text.parse::<Bytes>();
        }
    }
}
