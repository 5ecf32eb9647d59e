//! The side that hands out work, in the order of the input.

use std::sync::mpsc::Sender;

use plimsoll_workload::Failure;

use super::worker::{Order, Worker, stopped};
use super::{Shard, Shared};
use crate::ordered::BlockSink;

/// Hands segments to the workers that own their groups.
pub struct Feed<'a, S: Shard, K: BlockSink> {
    to: To<'a, S, K>,
    /// The worker of each segment so far.
    route: Vec<u16>,
    /// The highest group so far; groups have no gaps.
    last_group: u32,
}

enum To<'a, S: Shard, K: BlockSink> {
    /// The only worker, on the feeder's own thread.
    Inline(Box<Worker<'a, S, K>>),
    Threads(Vec<Sender<Order<S::Work>>>, &'a Shared<'a, K>),
}

impl<'a, S, K> Feed<'a, S, K>
where
    S: Shard,
    K: BlockSink<Block = S::Block, Error = Failure>,
{
    pub(super) fn inline(worker: Worker<'a, S, K>) -> Self {
        Self::new(To::Inline(Box::new(worker)))
    }

    pub(super) fn threads(senders: Vec<Sender<Order<S::Work>>>, shared: &'a Shared<'a, K>) -> Self {
        Self::new(To::Threads(senders, shared))
    }

    fn new(to: To<'a, S, K>) -> Self {
        Self {
            to,
            route: Vec::new(),
            last_group: 0,
        }
    }

    /// Sends the next segment to its group. Waits while too much is on its way.
    ///
    /// # Errors
    /// What the worker ended with, or that the run was stopped.
    pub fn send(&mut self, group: u32, work: S::Work) -> Result<(), Failure> {
        let ordinal = self.route.len() as u64;
        self.last_group = self.last_group.max(group);
        let worker = self.worker_of(group);
        self.route.push(worker as u16);
        self.order(
            worker,
            Order::Add {
                ordinal,
                group,
                work,
            },
        )
    }

    fn worker_of(&self, group: u32) -> usize {
        match &self.to {
            To::Inline(_) => 0,
            To::Threads(senders, _) => group as usize % senders.len(),
        }
    }

    fn order(&mut self, worker: usize, order: Order<S::Work>) -> Result<(), Failure> {
        match &mut self.to {
            To::Inline(worker) => worker.follow(order),
            To::Threads(senders, shared) => {
                if !shared.credit.take(order.weigh::<S>()) {
                    return Err(stopped());
                }
                senders[worker].send(order).map_err(|_| stopped())
            }
        }
    }

    /// Runs the feeder, then closes all groups in order; its result, and how many ordinals there were.
    pub(super) fn complete<R>(
        &mut self,
        feeder: impl FnOnce(&mut Self) -> Result<R, Failure>,
    ) -> Result<(R, u64), Failure> {
        let result = feeder(self).and_then(|fed| {
            let segments = self.route.len() as u64;
            for group in 0..=self.last_group {
                let ordinal = segments + u64::from(group);
                self.order(self.worker_of(group), Order::Close { ordinal, group })?;
            }
            Ok((fed, segments + u64::from(self.last_group) + 1))
        });
        if let (Err(_), To::Threads(_, shared)) = (&result, &self.to) {
            shared.stop();
        }
        result
    }

    /// The worker of each segment, and the members that the worker on this thread numbered. The other workers see
    /// that no more will come.
    pub(super) fn into_route(self) -> (Vec<u16>, Option<Vec<u32>>) {
        let members = match self.to {
            To::Inline(worker) => Some(worker.into_members()),
            To::Threads(..) => None,
        };
        (self.route, members)
    }
}
