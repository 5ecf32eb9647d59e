//! The commands, one file each, and what they share.

mod args;
mod check;
mod clean;
mod doctor;
mod entry;
mod failure;
mod files;
mod journal;
mod list;
mod load;
mod plan_text;
mod report;
mod run;
mod schema;
mod session;

pub use entry::main;
