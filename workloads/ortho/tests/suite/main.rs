//! Every implementation against golden results, against each other, and against injected faults.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod agreement;
mod depth_first;
mod fifo;
mod golden;
mod level_wise;
mod queues;
mod reference;
mod report;
