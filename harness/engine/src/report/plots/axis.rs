//! Axes: where values lie, linear or logarithmic, and which of them are named.

use std::ops::Range;

use plimsoll_workload::Unit;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::super::format;

/// An axis over values of a unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    unit: Unit,
    low: f64,
    high: f64,
    kind: Kind,
}

/// What an axis shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Values on a ruler, mostly from zero.
    Linear,
    /// Positive values, each doubling as wide as the last.
    Logarithmic,
    /// Differences around zero, as shares.
    Difference,
    /// Rows, which have names of their own.
    Rows,
}

impl Axis {
    /// From 0 to at least `high`.
    pub(super) fn linear(unit: Unit, high: f64) -> Axis {
        let high = if high.is_finite() && high > 0.0 {
            high
        } else {
            1.0
        };
        Axis {
            unit,
            low: 0.0,
            high,
            kind: Kind::Linear,
        }
    }

    /// From `low` to `high`, with some room on either side.
    pub(super) fn between(unit: Unit, low: f64, high: f64) -> Axis {
        let room = ((high - low) * 0.08).max(high * 0.01);
        let low = (low - room).max(0.0);
        let axis = Axis::linear(unit, high + room);
        Axis {
            low: if low < axis.high { low } else { 0.0 },
            ..axis
        }
    }

    /// From `low` to `high`, each doubling as wide as the last.
    pub(super) fn logarithmic(unit: Unit, low: f64, high: f64) -> Axis {
        let high = if high.is_finite() && high > 0.0 {
            high
        } else {
            1.0
        };
        let low = if low.is_finite() && low > 0.0 {
            low.min(high / 2.0)
        } else {
            high / 2.0
        };
        Axis {
            unit,
            low,
            high,
            kind: Kind::Logarithmic,
        }
    }

    /// Differences of at least `worst` either way, as shares.
    pub(super) fn difference(worst: f64) -> Axis {
        let worst = if worst.is_finite() {
            worst.clamp(0.01, 1e3)
        } else {
            1.0
        };
        let high = worst * 1.1;
        Axis {
            unit: Unit::Share,
            low: -high,
            high,
            kind: Kind::Difference,
        }
    }

    /// Rows, the first at the top; [`Axis::row`] says where.
    pub(super) fn rows(number: usize) -> Axis {
        Axis {
            unit: Unit::Count,
            low: 0.0,
            high: number.max(1) as f64,
            kind: Kind::Rows,
        }
    }

    /// The middle of a row.
    pub(super) fn row(&self, place: usize) -> f64 {
        self.high - place as f64 - 0.5
    }

    /// Whether each doubling is as wide as the last.
    pub(super) fn is_logarithmic(&self) -> bool {
        self.kind == Kind::Logarithmic
    }

    /// The lowest value shown.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// The highest value shown.
    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// Values that are named, at most about `most`.
    fn ticks(&self, most: usize) -> Vec<f64> {
        match (self.kind, self.unit) {
            (Kind::Logarithmic, Unit::Bytes) => self.doublings(most),
            (Kind::Logarithmic, Unit::Seconds) => self.decades(),
            (Kind::Logarithmic, _) => self.powers_of_ten(most),
            (Kind::Linear, unit) => self.steps(unit, most),
            (Kind::Difference, _) => self.differences(most),
            (Kind::Rows, _) => Vec::new(),
        }
    }

    /// The name of a value.
    fn label(&self, value: f64) -> String {
        if self.kind == Kind::Difference {
            return format::signed_percent((value * 1e6).round() / 1e6);
        }
        short(&format::value(self.unit, value))
    }

    /// Powers of two, each `2^step` times the last.
    fn doublings(&self, most: usize) -> Vec<f64> {
        let low = self.low.log2().ceil() as i32;
        let high = self.high.log2().floor() as i32;
        let steps = [1, 2, 3, 4, 5, 6, 8, 10, 20];
        let fits = |step: &&i32| ((high - low) / **step) < most.max(2) as i32;
        let step = *steps.iter().find(fits).unwrap_or(&20);
        (low..=high)
            .filter(|power| power % step == 0)
            .map(|power| f64::from(power).exp2())
            .collect()
    }

    /// Decades of seconds up to ten, then of minutes and of hours.
    fn decades(&self) -> Vec<f64> {
        const COARSE: [f64; 14] = [
            1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 36e3, 36e4, 36e5,
        ];
        const FINE: [f64; 38] = [
            1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02,
            0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0,
            1200.0, 1800.0, 3600.0, 7200.0, 18e3, 36e3, 72e3, 18e4, 36e4, 36e5,
        ];
        let inside = |values: &[f64]| -> Vec<f64> {
            let inside = values.iter().copied();
            inside
                .filter(|v| (self.low..=self.high).contains(v))
                .collect()
        };
        let coarse = inside(&COARSE);
        if coarse.len() >= 3 {
            coarse
        } else {
            inside(&FINE)
        }
    }

    /// Powers of ten; with twice and five times them where there is room.
    fn powers_of_ten(&self, most: usize) -> Vec<f64> {
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let times = |factors: &'static [f64]| -> Vec<f64> {
            let all = decades.clone().flat_map(|decade| {
                let one = 10f64.powi(decade);
                factors.iter().map(move |factor| factor * one)
            });
            all.filter(|v| (self.low..=self.high).contains(v)).collect()
        };
        let choices: [&[f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
        let fits = |ticks: &Vec<f64>| ticks.len() <= most.max(3);
        let chosen = choices.into_iter().map(times).find(fits);
        chosen.unwrap_or_else(|| {
            let all = times(&[1.0]);
            let step = all.len().div_ceil(most.max(2));
            all.into_iter().step_by(step).collect()
        })
    }

    /// Multiples of a round step on either side of zero.
    fn differences(&self, most: usize) -> Vec<f64> {
        let step = round_step(self.unit, 2.0 * self.high / most.max(2) as f64);
        let side = (self.high / step + 1e-9).floor() as i32;
        (-side..=side).map(|i| f64::from(i) * step).collect()
    }

    /// Multiples of a round step.
    fn steps(&self, unit: Unit, most: usize) -> Vec<f64> {
        let step = round_step(unit, (self.high - self.low) / most.max(1) as f64);
        let first = (self.low / step - 1e-9).ceil();
        (0..=most + 1)
            .map(|i| (first + i as f64) * step)
            .take_while(|value| *value <= self.high * (1.0 + 1e-9))
            .collect()
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    /// What lies outside is moved to the edge.
    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let place = |value: f64| {
            if self.is_logarithmic() {
                value.log2()
            } else {
                value
            }
        };
        let (low, high) = (place(self.low), place(self.high));
        let share = (place(value.clamp(self.low, self.high)) - low) / (high - low);
        from + (share * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Plotters asks twice, for the heavy lines, which have names, and for the light ones.
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks(hint.max_num_points())
        }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(value: &f64) -> String {
        value.to_string()
    }

    fn format_ext(&self, value: &f64) -> String {
        self.label(*value)
    }
}

/// The smallest round step that is at least `least`.
fn round_step(unit: Unit, least: f64) -> f64 {
    match unit {
        Unit::Bytes => least.max(1.0).log2().ceil().exp2(),
        Unit::Seconds if least > 5.0 => {
            const STEPS: [f64; 13] = [
                10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 18e3,
                36e3,
            ];
            let step = STEPS.iter().find(|step| **step >= least);
            *step.unwrap_or(&((least / 36e3).ceil() * 36e3).max(36e3))
        }
        _ => {
            let decade = least.max(1e-12).log10().floor();
            let decade = 10f64.powf(decade);
            let factor = [1.0, 2.0, 5.0, 10.0]
                .into_iter()
                .find(|f| f * decade >= least * (1.0 - 1e-9));
            factor.unwrap_or(10.0) * decade
        }
    }
}

/// A formatted figure without the zeros that say how well a measurement is known.
fn short(figure: &str) -> String {
    let figure = figure
        .strip_suffix(" 00 s")
        .or(figure.strip_suffix(" 00 min"))
        .unwrap_or(figure);
    let Some((digits, unit)) = figure.split_once(' ') else {
        return figure.to_owned();
    };
    let digits = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    format!("{digits} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1048576.0;

    fn labels(axis: &Axis, most: usize) -> Vec<String> {
        axis.ticks(most)
            .iter()
            .map(|tick| axis.label(*tick))
            .collect()
    }

    #[test]
    fn memory_is_named_in_powers_of_two() {
        let linear = Axis::linear(Unit::Bytes, 2898.0 * MIB);
        assert_eq!(
            labels(&linear, 6),
            ["0 B", "512 MiB", "1 GiB", "1.5 GiB", "2 GiB", "2.5 GiB"]
        );
        let logarithmic = Axis::logarithmic(Unit::Bytes, 8.0 * MIB, 4096.0 * MIB);
        assert_eq!(
            labels(&logarithmic, 7),
            ["16 MiB", "64 MiB", "256 MiB", "1 GiB", "4 GiB"]
        );
    }

    #[test]
    fn time_is_named_in_round_figures() {
        assert_eq!(
            labels(&Axis::linear(Unit::Seconds, 55.0), 6),
            ["0 s", "10 s", "20 s", "30 s", "40 s", "50 s"]
        );
        assert_eq!(
            labels(&Axis::linear(Unit::Seconds, 0.0031), 5),
            ["0 s", "1 ms", "2 ms", "3 ms"]
        );
        assert_eq!(
            labels(&Axis::linear(Unit::Seconds, 1200.0), 5),
            ["0 s", "5 min", "10 min", "15 min", "20 min"]
        );
        let logarithmic = Axis::logarithmic(Unit::Seconds, 0.04, 1200.0);
        assert_eq!(
            labels(&logarithmic, 6),
            ["100 ms", "1 s", "10 s", "1 min", "10 min"]
        );
        let narrow = Axis::logarithmic(Unit::Seconds, 1.5, 25.0);
        assert_eq!(labels(&narrow, 6), ["2 s", "5 s", "10 s", "20 s"]);
    }

    #[test]
    fn sizes_are_named_in_powers_of_ten() {
        let wide = Axis::logarithmic(Unit::Count, 90.0, 22_000.0);
        assert_eq!(
            labels(&wide, 9),
            [
                "100", "200", "500", "1,000", "2,000", "5,000", "10,000", "20,000"
            ]
        );
        assert_eq!(labels(&wide, 4), ["100", "1,000", "10,000"]);
        let vast = Axis::logarithmic(Unit::Count, 1.0, 1e12);
        assert!(labels(&vast, 5).len() <= 5);
    }

    #[test]
    fn values_outside_are_moved_to_the_edge() {
        let axis = Axis::logarithmic(Unit::Bytes, 1024.0, 4096.0);
        let places = [0.0, 1024.0, 2048.0, 1e9].map(|value| axis.map(&value, (0, 100)));
        assert_eq!(places, [0, 0, 50, 100]);
    }

    #[test]
    fn a_part_of_a_ruler_has_round_names_too() {
        let axis = Axis::between(Unit::Seconds, 1.94, 2.11);
        assert_eq!(labels(&axis, 5), ["1.95 s", "2 s", "2.05 s", "2.1 s"]);
        let point = Axis::between(Unit::Seconds, 2.0, 2.0);
        assert!(point.low < 2.0 && point.high > 2.0);
    }

    #[test]
    fn differences_lie_around_zero() {
        let axis = Axis::difference(0.043);
        assert_eq!(
            labels(&axis, 6),
            ["-4.0 %", "-2.0 %", "0 %", "+2.0 %", "+4.0 %"]
        );
    }

    #[test]
    fn axes_of_nothing_are_still_axes() {
        for high in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            for axis in [
                Axis::linear(Unit::Seconds, high),
                Axis::logarithmic(Unit::Bytes, 0.0, high),
            ] {
                let range = axis.range();
                assert!(
                    range.start.is_finite() && range.end > range.start,
                    "{axis:?}"
                );
                assert!(axis.ticks(5).len() < 20);
            }
        }
    }
}
