//! A thread that looks at the processes of a step at a set interval.

mod config;
mod gauges;
mod scratch;
mod series;
mod thread;
mod ticks;

pub use config::{Observed, SamplerConfig};
pub(crate) use scratch::on_disk;
pub use thread::Sampler;

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
