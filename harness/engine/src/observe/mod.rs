//! Looking at processes and at the machine from outside, without taking part.

#[cfg(target_os = "linux")]
mod census;
mod clock;
pub mod machine;
mod platform;
mod sampler;

pub use sampler::{Activity, Ceiling, Live, Observed, Sampler, SamplerConfig};
