//! Running trials: the fork server that starts them, the caps they run under, the supervisor that
//! watches them.

pub mod fork_server;
pub mod inputs;
mod processes;
mod programs;
pub use programs::Programs;
