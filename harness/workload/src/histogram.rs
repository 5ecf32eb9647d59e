//! Distributions of values, kept in a fixed relative precision.

use std::sync::Arc;

use crate::Unit;
use crate::context::Channels;
use crate::event::Kind;

/// Significant decimal digits of a percentile.
const DIGITS: u8 = 3;

/// See [`Context::histogram`](crate::Context::histogram); reported when dropped, if it has a value.
///
/// Percentiles are right to three significant digits (HdrHistogram); count, least, greatest and mean are exact.
/// Takes at most 450 KiB. Values are kept as whole nanoseconds (seconds), millionths (shares and ratios), thousandths
/// (rates) or wholes (bytes and counts): what is smaller than one of these counts as nothing.
#[derive(Debug)]
pub struct Histogram {
    name: String,
    unit: Unit,
    values: Option<hdrhistogram::Histogram<u64>>,
    least: f64,
    greatest: f64,
    sum: f64,
    /// Values that are no numbers, infinite or below zero.
    strange: u64,
    channels: Arc<Channels>,
}

impl Histogram {
    pub(crate) fn new(name: &str, unit: Unit, channels: Arc<Channels>) -> Self {
        Self {
            name: name.to_owned(),
            unit,
            values: hdrhistogram::Histogram::new(DIGITS).ok(),
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
            sum: 0.0,
            strange: 0,
            channels,
        }
    }

    /// Records one value in the histogram's unit. Values below zero, infinite or not numbers are left out, and said.
    pub fn record(&mut self, value: f64) {
        let Some(values) = self
            .values
            .as_mut()
            .filter(|_| value.is_finite() && value >= 0.0)
        else {
            self.strange += 1;
            return;
        };
        // The cast saturates; the histogram's own limit is u64::MAX, so recording resizes and does not fail.
        if values
            .record((value * scale(self.unit)).round() as u64)
            .is_ok()
        {
            self.least = self.least.min(value);
            self.greatest = self.greatest.max(value);
            self.sum += value;
        } else {
            self.strange += 1;
        }
    }

    /// The event for what was recorded so far; `None` for nothing.
    fn summary(&self) -> Option<Kind> {
        let values = self.values.as_ref().filter(|values| !values.is_empty())?;
        // A bucket's upper end may lie beyond the values in it.
        let quantile = |q| {
            let value = values.value_at_quantile(q) as f64 / scale(self.unit);
            value.clamp(self.least, self.greatest)
        };
        Some(Kind::Histogram {
            name: self.name.clone(),
            unit: self.unit,
            count: values.len(),
            min: self.least,
            mean: self.sum / values.len() as f64,
            p50: quantile(0.5),
            p90: quantile(0.9),
            p95: quantile(0.95),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max: self.greatest,
        })
    }
}

impl Drop for Histogram {
    fn drop(&mut self) {
        if let Some(summary) = self.summary() {
            self.channels.events.emit(summary);
        }
        if self.strange > 0 {
            let about = format!(
                "histogram `{}` was given {} values below zero, infinite or not numbers",
                self.name, self.strange
            );
            self.channels.events.emit(Kind::Misuse { about });
        }
    }
}

/// Whole steps of the histogram in one of the unit.
fn scale(unit: Unit) -> f64 {
    match unit {
        Unit::Seconds => 1e9,
        Unit::Share | Unit::Ratio => 1e6,
        Unit::PerSecond => 1e3,
        Unit::Bytes | Unit::Count | Unit::BytesPerSecond => 1.0,
    }
}
