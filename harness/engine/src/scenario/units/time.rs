//! Times.

use std::time::Duration;

use super::UnitError;
use super::number::{decimal, split};
use crate::scenario::error::nearest;
use crate::scenario::source::shown;

/// Units of time, with the seconds of each.
pub(super) const TIMES: &[(&str, f64)] = &[
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
];

/// The longest time that a limit may be: a hundred days, far from any overflow.
pub(super) const LONGEST: f64 = 100.0 * 86_400.0;

/// Reads a time.
pub(crate) fn duration(text: &str) -> Result<Duration, UnitError> {
    let (number, unit) = split(text);
    let seconds = seconds(number, unit)?.ok_or_else(|| time_error(text, number, unit))?;
    Ok(Duration::from_secs_f64(seconds))
}

/// Seconds, where `unit` is one of time.
pub(super) fn seconds(number: &str, unit: &str) -> Result<Option<f64>, UnitError> {
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
