//! Looking at processes and at the machine from outside, without taking part.

mod platform;
mod sampler;

pub use sampler::{Activity, Observed, Sampler, SamplerConfig};
