//! Work for several threads that does not depend on who does it.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::index::threads::Threads;

/// Has the workers do tasks 0 to `tasks` between them, each taking the next one that nobody has.
pub(super) fn spread<W: Send>(
    threads: &Threads,
    workers: &mut [W],
    tasks: usize,
    task: impl Fn(&mut W, usize) + Sync,
) {
    let next = AtomicUsize::new(0);
    let work = |worker: &mut W| {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= tasks {
                return;
            }
            task(worker, at);
            if !threads.finish() {
                return;
            }
        }
    };
    // Waking the threads takes longer than a task or two.
    if tasks < 2 || workers.len() < 2 {
        threads.busy(|| workers.first_mut().into_iter().for_each(work));
    } else {
        threads.work(|| workers.par_iter_mut().with_max_len(1).for_each(work));
    }
}
