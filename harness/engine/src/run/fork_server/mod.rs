//! The small process that starts every trial and accounts for it.

mod child;
mod client;
mod protocol;
mod server;
mod sys;
mod wire;

pub use server::enter_if_asked;

pub(crate) use client::ForkServer;
pub(crate) use protocol::{Reaped, Report, Request, Stage, Start};
