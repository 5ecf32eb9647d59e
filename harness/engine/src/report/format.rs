//! Numbers as people read them: binary units for bytes, three significant digits, and no more
//! precision than a measurement has.

use plimsoll_workload::Unit;

/// What stands where a number is not finite.
const NOT_A_NUMBER: &str = "n/a";

/// A value in the words of its unit: `33.9 MiB`, `1.24 s`, `10,517,231`, `7.3 %`, `0.073 x`.
pub fn value(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Bytes => bytes(value),
        Unit::Seconds => seconds(value),
        Unit::Count => count(value),
        Unit::Share => percent(value),
        Unit::Ratio => ratio(value),
        Unit::PerSecond => rate(value),
        Unit::BytesPerSecond => format!("{}/s", bytes(value)),
    }
}

/// The name of a unit for column heads and axes: `bytes`, `s`, `per s`.
pub fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "bytes",
        Unit::Seconds => "s",
        Unit::Count => "count",
        Unit::Share => "share",
        Unit::Ratio => "ratio",
        Unit::PerSecond => "per s",
        Unit::BytesPerSecond => "bytes per s",
    }
}

/// Bytes in binary units: `512 B`, `33.9 MiB`, `2.83 GiB`. A whole number of units is written
/// without decimals, so that a cap of 48 MiB reads as it was set.
pub fn bytes(value: f64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if !value.is_finite() {
        return NOT_A_NUMBER.into();
    }
    let mut scaled = value.abs();
    let mut unit = 0;
    // 1,023.5 and more would round to 1,024 of a unit, which is 1 of the next.
    while scaled >= 1023.5 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    let digits = if scaled.fract() == 0.0 || unit == 0 {
        group(&format!("{scaled:.0}"))
    } else {
        three_digits(scaled)
    };
    format!("{}{digits} {}", sign(value, &digits), UNITS[unit])
}

/// A limit in bytes, with the unit that it was most likely written in: whole megabytes and
/// gigabytes stay that, `205 MB` and not `196 MiB`.
pub(crate) fn limit(value: f64) -> String {
    let whole = |unit: f64| value >= unit && value % unit == 0.0;
    if whole(f64::from(1 << 20)) || !whole(1e6) {
        bytes(value)
    } else if whole(1e9) {
        format!("{} GB", group(&format!("{:.0}", value / 1e9)))
    } else {
        format!("{} MB", group(&format!("{:.0}", value / 1e6)))
    }
}

/// Seconds in the unit that suits them: `45 us`, `812 ms`, `1.24 s`, `12 min 03 s`, `1 h 02 min`.
pub fn seconds(value: f64) -> String {
    if !value.is_finite() {
        return NOT_A_NUMBER.into();
    }
    let magnitude = value.abs();
    let text = if magnitude == 0.0 {
        "0 s".to_owned()
    } else if magnitude < 0.999_5e-6 {
        format!("{} ns", three_digits(magnitude * 1e9))
    } else if magnitude < 0.999_5e-3 {
        format!("{} us", three_digits(magnitude * 1e6))
    } else if magnitude < 0.999_5 {
        format!("{} ms", three_digits(magnitude * 1e3))
    } else if magnitude < 59.95 {
        format!("{} s", three_digits(magnitude))
    } else if magnitude < 3599.5 {
        let whole = magnitude.round();
        format!("{:.0} min {:02.0} s", (whole / 60.0).floor(), whole % 60.0)
    } else {
        let minutes = (magnitude / 60.0).round();
        let hours = group(&format!("{:.0}", (minutes / 60.0).floor()));
        format!("{hours} h {:02.0} min", minutes % 60.0)
    };
    format!("{}{text}", sign(value, &text))
}

/// A count with thousands separators: `10,517,231`; what is not whole, with three digits: `4.25`.
pub fn count(value: f64) -> String {
    if !value.is_finite() {
        return NOT_A_NUMBER.into();
    }
    let magnitude = value.abs();
    let text = if magnitude.fract() == 0.0 {
        group(&format!("{magnitude:.0}"))
    } else if magnitude < 0.01 {
        format!("{magnitude:.1e}")
    } else {
        three_digits(magnitude)
    };
    format!("{}{text}", sign(value, &text))
}

/// A ratio: `0.073 x`, `1.07 x`, `12.4 x`, `1,350 x`.
pub fn ratio(value: f64) -> String {
    if !value.is_finite() {
        return NOT_A_NUMBER.into();
    }
    format!("{} x", ratio_digits(value))
}

/// A ratio with its interval: `0.073 x [0.071, 0.075]`.
pub fn ratio_interval(ratio: f64, low: f64, high: f64) -> String {
    format!(
        "{} x [{}, {}]",
        ratio_digits(ratio),
        ratio_digits(low),
        ratio_digits(high)
    )
}

/// A share as percent: `0.4 %`, `37 %`, `100 %`.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NOT_A_NUMBER.into();
    }
    let percent = share.abs() * 100.0;
    let text = if percent == 0.0 {
        "0".to_owned()
    } else if percent < 0.095 {
        format!("{percent:.2}")
    } else if percent < 9.95 {
        format!("{percent:.1}")
    } else {
        group(&format!("{percent:.0}"))
    };
    format!("{}{text} %", sign(share, &text))
}

/// A rate: `812 /s`, `3.01 M/s`.
fn rate(value: f64) -> String {
    const UNITS: [&str; 5] = ["", "k", "M", "G", "T"];
    if !value.is_finite() {
        return NOT_A_NUMBER.into();
    }
    let mut scaled = value.abs();
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    let digits = if scaled.fract() == 0.0 && unit == 0 {
        format!("{scaled:.0}")
    } else {
        three_digits(scaled)
    };
    format!("{}{digits} {}/s", sign(value, &digits), UNITS[unit])
}

/// A share with the sign always written, for differences: `+2.1 %`, `-0.4 %`, `0 %`.
pub fn signed_percent(share: f64) -> String {
    let text = percent(share);
    if share > 0.0 && text != "0.00 %" {
        format!("+{text}")
    } else {
        text
    }
}

/// `1 thing`, `2 things`.
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", group(&number.to_string()))
}

fn ratio_digits(value: f64) -> String {
    if !value.is_finite() {
        return NOT_A_NUMBER.into();
    }
    let magnitude = value.abs();
    let text = if magnitude == 0.0 {
        "0".to_owned()
    } else if magnitude < 1e-4 {
        format!("{magnitude:.1e}")
    } else if magnitude < 0.000_995 {
        format!("{magnitude:.5}")
    } else if magnitude < 0.009_95 {
        format!("{magnitude:.4}")
    } else if magnitude < 0.999_5 {
        format!("{magnitude:.3}")
    } else {
        three_digits(magnitude)
    };
    format!("{}{text}", sign(value, &text))
}

/// Three significant digits for magnitudes from 1 up, two decimals below.
fn three_digits(magnitude: f64) -> String {
    if magnitude < 9.995 {
        format!("{magnitude:.2}")
    } else if magnitude < 99.95 {
        format!("{magnitude:.1}")
    } else {
        group(&format!("{magnitude:.0}"))
    }
}

/// A minus where the value is negative and its digits do not round to zero.
fn sign(value: f64, digits: &str) -> &'static str {
    let shows_something = digits.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if value < 0.0 && shows_something {
        "-"
    } else {
        ""
    }
}

/// Puts a comma before each third digit from the right.
fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: f64 = 1024.0 * 1024.0;

    #[test]
    fn bytes_use_binary_units() {
        assert_eq!(bytes(0.0), "0 B");
        assert_eq!(bytes(512.0), "512 B");
        assert_eq!(bytes(1023.0), "1,023 B");
        assert_eq!(bytes(1024.0), "1 KiB");
        assert_eq!(bytes(33.94 * MIB), "33.9 MiB");
        assert_eq!(bytes(48.0 * MIB), "48 MiB");
        assert_eq!(bytes(2.834 * 1024.0 * MIB), "2.83 GiB");
        assert_eq!(bytes(1010.3 * MIB), "1,010 MiB");
        assert_eq!(bytes(1023.9 * MIB), "1.00 GiB");
        assert_eq!(bytes(-3.5 * MIB), "-3.50 MiB");
    }

    #[test]
    fn limits_keep_the_unit_that_they_were_written_in() {
        assert_eq!(limit(205e6), "205 MB");
        assert_eq!(limit(1.5e9), "1,500 MB");
        assert_eq!(limit(20e9), "20 GB");
        assert_eq!(limit(48.0 * MIB), "48 MiB");
        assert_eq!(limit(15625.0 * 64.0 * MIB), "977 GiB", "both 10^12 and MiB");
        assert_eq!(limit(1000.0), "1,000 B");
    }

    #[test]
    fn seconds_use_the_unit_that_suits() {
        assert_eq!(seconds(0.0), "0 s");
        assert_eq!(seconds(45e-6), "45.0 us");
        assert_eq!(seconds(0.812), "812 ms");
        assert_eq!(seconds(0.9996), "1.00 s");
        assert_eq!(seconds(1.24), "1.24 s");
        assert_eq!(seconds(54.81), "54.8 s");
        assert_eq!(seconds(59.97), "1 min 00 s");
        assert_eq!(seconds(723.0), "12 min 03 s");
        assert_eq!(seconds(3599.7), "1 h 00 min");
        assert_eq!(seconds(3720.0), "1 h 02 min");
    }

    #[test]
    fn other_units() {
        assert_eq!(count(10_517_231.0), "10,517,231");
        assert_eq!(count(4.25), "4.25");
        assert_eq!(ratio(0.073), "0.073 x");
        assert_eq!(ratio(1.068), "1.07 x");
        assert_eq!(ratio(0.0048), "0.0048 x");
        assert_eq!(
            ratio_interval(0.073, 0.071, 0.0751),
            "0.073 x [0.071, 0.075]"
        );
        assert_eq!(percent(0.0731), "7.3 %");
        assert_eq!(percent(0.37), "37 %");
        assert_eq!(percent(-0.004), "-0.4 %");
        assert_eq!(signed_percent(0.021), "+2.1 %");
        assert_eq!(value(Unit::PerSecond, 3_012_345.0), "3.01 M/s");
        assert_eq!(value(Unit::PerSecond, 12.0), "12 /s");
        assert_eq!(value(Unit::BytesPerSecond, 1.5 * MIB), "1.50 MiB/s");
        assert_eq!(counted(1, "trial"), "1 trial");
        assert_eq!(counted(1200, "trial"), "1,200 trials");
    }

    #[test]
    fn what_is_not_finite_is_said_to_be_so() {
        for unit in [Unit::Bytes, Unit::Seconds, Unit::Count, Unit::Ratio] {
            assert_eq!(value(unit, f64::NAN), "n/a");
            assert_eq!(value(unit, f64::INFINITY), "n/a");
        }
    }

    /// Reads back what [`bytes`] wrote.
    fn parse_bytes(text: &str) -> f64 {
        let (digits, unit) = text.split_once(' ').unwrap();
        let power = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
            .iter()
            .position(|name| *name == unit)
            .unwrap();
        let digits: f64 = digits.replace(',', "").parse().unwrap();
        digits * 1024f64.powi(i32::try_from(power).unwrap())
    }

    proptest! {
        #[test]
        fn bytes_are_within_their_last_digit(n in 0u64..1 << 62) {
            let n = n as f64;
            let shown = parse_bytes(&bytes(n));
            prop_assert!((shown - n).abs() <= n * 0.0051, "{n} shown as {}", bytes(n));
        }

        #[test]
        fn nothing_is_longer_than_a_column(n in prop::num::f64::NORMAL) {
            for unit in [Unit::Bytes, Unit::Seconds, Unit::Share, Unit::Ratio] {
                let text = value(unit, n % 1e15);
                prop_assert!(text.len() <= 24, "{text}");
            }
        }
    }
}
