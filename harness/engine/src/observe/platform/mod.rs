//! What differs between operating systems, behind equal names: `Watch` finds and reads the
//! processes of a step.

mod look;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::{Stat, Watch, stat};

#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::Watch;

pub(crate) use look::{Look, Subject};
