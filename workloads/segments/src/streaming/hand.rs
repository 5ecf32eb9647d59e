//! How segments come to the workers: over bounded queues, or directly where there is but one thread.

use crossbeam_channel::{Receiver, Sender};

use super::worker::{End, Findings, Segment, Stop, Worker};

/// Segments that may wait for a worker.
pub(super) const QUEUE: usize = 16;

/// What comes over a queue.
#[derive(Debug)]
pub(super) enum Message {
    Segment(Segment),
    /// The last one. A queue that ends without it belongs to a run that failed or was cancelled.
    End(End),
}

/// The way to the workers.
pub(super) enum Hand<'a> {
    /// This thread does it.
    Own(Box<Worker<'a>>),
    /// Group `g` belongs to worker `g` modulo their number.
    Queues(Vec<Sender<Message>>),
}

impl Hand<'_> {
    /// Hands a segment to the worker of its group; waits while that one's queue is full.
    pub(super) fn segment(&mut self, segment: Segment) -> Result<(), Stop> {
        match self {
            Self::Own(worker) => worker.take(segment),
            Self::Queues(queues) => {
                let worker = segment.group as usize % queues.len();
                let sent = queues[worker].send(Message::Segment(segment));
                sent.map_err(|_| Stop::Closed)
            }
        }
    }

    /// Tells all workers that nothing more comes; the findings of the one that is this thread.
    pub(super) fn end(self, end: End) -> Result<Option<Findings>, Stop> {
        match self {
            Self::Own(worker) => worker.end(end).map(Some),
            Self::Queues(queues) => {
                for queue in queues {
                    queue.send(Message::End(end)).map_err(|_| Stop::Closed)?;
                }
                Ok(None)
            }
        }
    }
}

/// A worker's life at its queue.
pub(super) fn work(mut worker: Worker<'_>, queue: &Receiver<Message>) -> Result<Findings, Stop> {
    for message in queue {
        match message {
            Message::Segment(segment) => worker.take(segment)?,
            Message::End(end) => return worker.end(end),
        }
    }
    Err(Stop::Closed)
}
