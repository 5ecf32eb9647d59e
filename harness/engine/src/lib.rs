//! The measuring side of plimsoll.
//!
//! Data flows one way: a scenario file becomes a [`scenario::Scenario`], then a [`plan::Plan`],
//! then [`evidence`], then an [`analyze::Analysis`], then verdicts ([`judge`]), then a
//! [`report::Report`] that every rendered form is made from. Only [`run`] and [`observe`] touch
//! the operating system; the rest takes values and returns values.

pub mod analyze;
pub mod cli;
pub mod conduct;
pub mod evidence;
pub mod judge;
pub mod notice;
pub mod observe;
pub mod plan;
pub mod random;
pub mod rehearse;
pub mod report;
pub mod run;
pub mod scenario;
