//! One metric over the trials of a variant, and how far each reading can be trusted.

use plimsoll_workload::{Better, Unit};

use super::interval::median;
use crate::evidence::Aggregate;
use crate::report::MetricValue;

/// How a reading relates to the true value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quality {
    /// It is the true value.
    Exact,
    /// It was sampled: the true value is this or higher.
    Sampled,
    /// It lies within the fork server's resident size: the true value is this or lower.
    Floor,
    /// The true value is within this much of it, either way.
    Within(f64),
}

/// One trial's value of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The trial's number.
    pub trial: u32,
    /// The trial's round, where it has one.
    pub round: Option<u32>,
    /// The value, in the metric's base unit.
    pub value: f64,
    /// How it relates to the true value.
    pub quality: Quality,
}

impl Reading {
    /// The lowest that the true value can be.
    pub fn low(&self) -> f64 {
        match self.quality {
            Quality::Exact | Quality::Sampled => self.value,
            Quality::Floor => 0.0,
            Quality::Within(error) => (self.value - error).max(0.0),
        }
    }

    /// The highest that the true value can be; infinite where it was sampled.
    pub fn high(&self) -> f64 {
        match self.quality {
            Quality::Exact | Quality::Floor => self.value,
            Quality::Sampled => f64::INFINITY,
            Quality::Within(error) => self.value + error,
        }
    }
}

/// What a metric is, whoever provides it.
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor {
    /// What it counts.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Where it comes from.
    pub source: String,
    /// How trials are aggregated for an absolute target.
    pub aggregate: Aggregate,
}

/// One metric over the trials of a variant, in the order of the trials; never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What the metric is.
    pub about: Descriptor,
    /// One reading per trial.
    pub readings: Vec<Reading>,
}

impl Series {
    /// The values alone, in the order of the trials.
    pub fn values(&self) -> Vec<f64> {
        self.readings.iter().map(|reading| reading.value).collect()
    }

    /// The smallest value.
    pub fn min(&self) -> f64 {
        self.readings
            .iter()
            .map(|reading| reading.value)
            .fold(f64::INFINITY, f64::min)
    }

    /// The largest value.
    pub fn max(&self) -> f64 {
        self.readings
            .iter()
            .map(|reading| reading.value)
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// The median value.
    pub fn median(&self) -> f64 {
        median(&self.values())
    }

    /// Whether any reading was sampled.
    pub fn sampled(&self) -> bool {
        self.readings
            .iter()
            .any(|reading| reading.quality == Quality::Sampled)
    }

    /// Number of readings.
    pub fn n(&self) -> u32 {
        u32::try_from(self.readings.len()).unwrap_or(u32::MAX)
    }

    /// The figures as results print them.
    pub fn summary(&self) -> MetricValue {
        let values = self.values();
        MetricValue {
            unit: self.about.unit,
            source: self.about.source.clone(),
            better: self.about.better,
            aggregate: self.about.aggregate,
            n: self.n(),
            min: self.min(),
            median: self.median(),
            max: self.max(),
            values,
        }
    }
}
