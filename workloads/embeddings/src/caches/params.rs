//! Parameters.

use plimsoll_workload::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::TraceOptions;

/// What is read, and how much of it may be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Keys.
    pub universe: u32,
    /// Reads.
    pub length: usize,
    /// The key of rank r is read r to this power times less often than the first one.
    pub exponent: f64,
    /// The share of reads that walk over all keys in order.
    pub scan: f64,
    /// By how many ranks the keys move on at each fifth of the trace.
    pub drift: u32,
    /// The share of accesses that give their key a new value before it is read. On one thread only: with several, which value is read
    /// would depend on their order.
    pub writes: f64,
    /// Bytes of a value.
    pub value_bytes: usize,
    /// Values of ten sizes instead, from 96 bytes to 47,104, by key.
    pub mixed_sizes: bool,
    /// The budget as a share of what all values would cost in the cache, their blocks and the tables for them included.
    pub budget_share: f64,
    /// The share is of the bytes of all values alone; what they and the tables cost besides has to fit in, too.
    pub payload_only: bool,
    /// The budget in bytes, instead of the share.
    pub budget_bytes: Option<u64>,
    /// Measures what a handle costs beside a value at hand, too; `lazy` does.
    pub steady: bool,
    /// Seed of the trace.
    pub seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            universe: 100_000,
            length: 3_000_000,
            exponent: 1.0,
            scan: 0.0,
            drift: 0,
            writes: 0.0,
            value_bytes: 768,
            mixed_sizes: false,
            budget_share: 0.1,
            payload_only: false,
            budget_bytes: None,
            steady: false,
            seed: 20_261_122,
        }
    }
}

impl Params {
    /// Holds what the trace does not check to its ranges.
    ///
    /// # Errors
    /// A parameter is out of it; the message names it.
    pub(super) fn check(&self) -> Result<(), Failure> {
        Failure::unless_within("universe", self.universe, 1..=1 << 30)?;
        Failure::unless_within("length", self.length, 2..=1 << 32)?;
        Failure::unless_within("value_bytes", self.value_bytes, 4..=1 << 24)?;
        if !self.value_bytes.is_multiple_of(4) {
            let message = format!(
                "value_bytes is {}; it must be a multiple of 4",
                self.value_bytes
            );
            return Err(Failure::Input(message));
        }
        for (name, share, most) in [
            ("budget_share", self.budget_share, 1.0),
            ("scan", self.scan, 1.0),
            ("writes", self.writes, 1.0),
            ("exponent", self.exponent, 8.0),
        ] {
            Failure::unless_within(name, share, 0.0..=most)?;
        }
        Ok(())
    }

    /// What the trace is made of.
    pub(super) fn trace(&self) -> TraceOptions {
        TraceOptions {
            universe: self.universe,
            length: self.length,
            exponent: self.exponent,
            drift: self.drift,
            scan: self.scan,
            writes: self.writes,
            seed: self.seed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_refused_by_name() {
        let refused = |change: fn(&mut Params)| {
            let mut params = Params::default();
            change(&mut params);
            params.check().unwrap_err().to_string()
        };
        assert!(refused(|p| p.universe = 0).starts_with("universe is 0; it must be from 1"));
        assert!(refused(|p| p.length = 1).starts_with("length is 1"));
        assert!(refused(|p| p.value_bytes = 2).starts_with("value_bytes is 2"));
        assert!(refused(|p| p.value_bytes = 770).contains("must be a multiple of 4"));
        assert!(refused(|p| p.budget_share = 1.5).starts_with("budget_share is 1.5"));
        assert!(refused(|p| p.scan = -0.5).starts_with("scan is -0.5"));
        assert!(refused(|p| p.writes = f64::NAN).starts_with("writes is NaN"));
        assert!(refused(|p| p.exponent = 9.0).starts_with("exponent is 9"));
        assert!(Params::default().check().is_ok());
    }
}
