//! Every quantity that scenarios write, and what is said of what is none.

use std::time::Duration;

use plimsoll_workload::Unit;
use proptest::prelude::*;

use super::time::{LONGEST, TIMES};
use super::{Quantity, bytes, duration, quantity};
use crate::scenario::Bound;

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
        let n = n.min((LONGEST / factor) as u32);
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
