//! One worker: its groups, the work that comes for them, and the blocks that result.

use std::sync::mpsc::Receiver;

use plimsoll_workload::Failure;

use super::{Shared, StopOnPanic};
use crate::ordered::{self, BlockSink};

/// The groups of one worker, and what is done with their segments.
pub trait Shard: Send {
    /// A segment on its way to its group.
    type Work: Send;
    /// What is written.
    type Block: Send;
    /// Bytes that a piece of work holds while it waits.
    fn weigh(work: &Self::Work) -> usize;
    /// Adds a segment to its group, and to `blocks` those that this creates or closes; its member number.
    ///
    /// # Errors
    /// Whatever ends the run.
    fn add(
        &mut self,
        group: u32,
        work: Self::Work,
        blocks: &mut Vec<Self::Block>,
    ) -> Result<u32, Failure>;
    /// Adds to `blocks` the open pack of a group, if it has one: no more segments will come.
    ///
    /// # Errors
    /// Whatever ends the run.
    fn close(&mut self, group: u32, blocks: &mut Vec<Self::Block>) -> Result<(), Failure>;
}

/// What a worker is told.
pub(super) enum Order<T> {
    /// A segment of a group, by its place in the input.
    Add { ordinal: u64, group: u32, work: T },
    /// The end of a group; its place is after all segments.
    Close { ordinal: u64, group: u32 },
}

impl<T> Order<T> {
    /// Bytes that it holds while it waits.
    pub(super) fn weigh<S: Shard<Work = T>>(&self) -> usize {
        let work = match self {
            Self::Add { work, .. } => S::weigh(work),
            Self::Close { .. } => 0,
        };
        size_of::<Self>() + work
    }
}

/// What is told to whoever was only in the way of a failure elsewhere.
pub(super) fn stopped() -> Failure {
    Failure::Other("another thread ended the run".to_owned())
}

pub(super) struct Worker<'a, S: Shard, K: BlockSink> {
    shard: S,
    shared: &'a Shared<'a, K>,
    hand: ordered::Worker<'a, K>,
    /// Member numbers of the segments that came here, in order.
    members: Vec<u32>,
}

impl<'a, S, K> Worker<'a, S, K>
where
    S: Shard,
    K: BlockSink<Block = S::Block, Error = Failure>,
{
    pub(super) fn new(shard: S, shared: &'a Shared<'a, K>) -> Self {
        Self {
            shard,
            shared,
            hand: shared.ordered.worker(),
            members: Vec::new(),
        }
    }

    /// Follows all orders; member numbers of the segments that came, in order.
    pub(super) fn run(mut self, orders: &Receiver<Order<S::Work>>) -> Vec<u32> {
        let _stop = StopOnPanic(self.shared);
        for order in orders {
            let weight = order.weigh::<S>();
            let followed = self.follow(order);
            self.shared.credit.give(weight);
            if let Err(failure) = followed {
                // When the writing ended, the reason is with the writer.
                if self.shared.ordered.is_closed() {
                    self.shared.stop();
                } else {
                    self.shared.fail(failure);
                }
                return Vec::new();
            }
        }
        self.into_members()
    }

    pub(super) fn follow(&mut self, order: Order<S::Work>) -> Result<(), Failure> {
        let mut blocks = Vec::new();
        let stage = self.shared.context.stage("encode");
        let ordinal = match order {
            Order::Add {
                ordinal,
                group,
                work,
            } => {
                self.members.push(self.shard.add(group, work, &mut blocks)?);
                ordinal
            }
            Order::Close { ordinal, group } => {
                self.shard.close(group, &mut blocks)?;
                ordinal
            }
        };
        drop(stage);
        let _stage = self.shared.context.stage("write");
        self.hand.deliver(ordinal, blocks).map_err(|_| stopped())
    }

    pub(super) fn into_members(self) -> Vec<u32> {
        self.hand.finish();
        self.members
    }
}
