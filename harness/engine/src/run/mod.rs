//! Running trials: the fork server that starts them, the caps they run under, the supervisor that
//! watches them.

mod beside;
mod build;
pub mod caps;
mod command;
mod course;
mod diagnose;
mod environment;
mod error;
pub mod fork_server;
mod identity;
pub mod inputs;
mod instructions;
mod interrupt;
mod kills;
mod loading;
mod machine_kills;
mod measured;
mod pages;
mod pinned;
mod preload;
mod processes;
mod program;
mod programs;
mod ready;
mod scratch;
mod session;
mod streams;
mod supervise;
mod tail;
mod template;
mod thrash;
mod told;
mod trial;
mod verify;
mod watch;
mod watchdog;
mod workload;

pub use error::RunError;
pub use interrupt::Interruptions;
pub use preload::look_at_commands;
pub use program::ProgramError;
pub use programs::Programs;
pub use scratch::ScratchError;
pub use session::{CapsChoice, Session, SessionOptions, instruction_counter, preflight, sweep};
pub use template::TemplateError;
