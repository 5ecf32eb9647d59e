//! `plimsoll doctor`: what this machine can measure, and what would help.
