//! What bounds say: a quantity in any unit, or a multiple of the baseline's.

use plimsoll_workload::Unit;

use super::UnitError;
use super::number::{decimal, scaled, split};
use super::size::{SIZES, bytes};
use super::time::seconds;
use crate::scenario::Bound;
use crate::scenario::error::nearest;
use crate::scenario::source::shown;

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
