//! Generated data, encodings and searches against golden data and plain formulas.

mod golden;
mod payloads;

mod binary;
mod copies;
mod generated;
mod linear;
mod product;
mod restored;
mod searched;
mod traces;
