//! The number that a quantity begins with.

use super::UnitError;
use crate::scenario::source::shown;

/// Powers of ten that a count may end in.
const POWERS: &[(&str, f64)] = &[("k", 1e3), ("M", 1e6), ("G", 1e9)];

/// Splits a text into its leading number and what follows, both trimmed.
pub(super) fn split(text: &str) -> (&str, &str) {
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
pub(super) fn decimal(number: &str) -> Result<f64, UnitError> {
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

/// A number with a power of ten behind it, if `unit` is one.
pub(super) fn scaled(number: &str, unit: &str) -> Result<Option<f64>, UnitError> {
    if unit.is_empty() {
        return decimal(number).map(Some);
    }
    match POWERS.iter().find(|(name, _)| *name == unit) {
        Some(&(_, factor)) => decimal(number).map(|value| Some(value * factor)),
        None => Ok(None),
    }
}
