//! The commands, one file each, and what they share.

mod against;
mod args;
mod check;
mod clean;
mod compare;
mod doctor;
mod entry;
mod failure;
mod files;
mod floor;
mod inputs;
mod list;
mod load;
mod plan_text;
mod report;
mod run;
mod schema;
mod session;
mod session_files;

pub use entry::main;
