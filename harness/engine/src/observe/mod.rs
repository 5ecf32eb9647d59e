//! Looking at processes and at the machine from outside, without taking part.

mod clock;
pub mod machine;
mod platform;
mod sampler;

pub use sampler::{Activity, Ceiling, Live, Observed, Sampler, SamplerConfig};
