//! Generated data, encodings and searches against golden data and plain formulas.

mod golden;

mod generated;
mod traces;
