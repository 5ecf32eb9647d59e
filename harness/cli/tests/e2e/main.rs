//! The real binary, end to end: what a user types, what comes back, what is left behind.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod bad_days;
mod bad_input;
mod commands;
mod gates;
mod interruption;
mod support;
mod truth;
