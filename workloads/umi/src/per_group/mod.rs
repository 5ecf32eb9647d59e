//! As the program that is retold had it before its repair (fgumi, early 2026): every record, name and UMI has memory of
//! its own, every position group builds its hash maps, graph and texts anew, and a thread that has a group holds all of
//! that, and the group's whole output, until it is written. What is counted is what waits in queues; what a thread holds
//! within its step nobody sees.

mod assign;
mod cutter;
mod graph;
mod stages;
mod turns;

pub(crate) use stages::group;
