//! One pass over a file on several threads: runs of blocks are inflated by any of them, cut into jobs by one at a time
//! and in order, made into blocks of the output by any, and written in order.
//!
//! No thread has a part of its own: each looks for what is most urgent. Jobs come before new input once there are
//! enough of them, so that what is on its way stays small however fast or slow a part is.

mod output;
mod run;
mod segment;
mod state;

pub(crate) use output::{Output, Writer, grouped_file};
pub(crate) use run::{Pass, Stages, run};
pub(crate) use segment::{Pool, Segment};
