//! Looking at processes and at the machine from outside, without taking part.

#[cfg(target_os = "linux")]
mod census;
mod clock;
pub mod doctor;
mod heap_profile;
pub(crate) mod instructions;
pub mod machine;
mod platform;
mod sampler;

pub use heap_profile::{
    HeapProfileError, SampledError, largest_sites, read_heap_profile, write_sampled,
};
pub use instructions::{InstructionCounter, NoCounter};
#[cfg(target_os = "linux")]
pub(crate) use platform::{Stat, stat};
pub(crate) use sampler::on_disk;
pub use sampler::{Observed, Sampler, SamplerConfig};
