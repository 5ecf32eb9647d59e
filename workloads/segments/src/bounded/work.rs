//! What a worker is sent.

use std::sync::Arc;

use plimsoll_workload::Failure;

use super::buffers::Buffers;
use super::cross_references::{CrossReferences, Stored};
use super::references::{Kept, References};
use crate::pass::Grouped;
use crate::plain;

/// A segment on its way to the worker of its group.
#[derive(Debug)]
pub(super) enum Work {
    /// A segment without splitters.
    Raw(Vec<u8>),
    /// The first of its group.
    Opens(Reference),
    /// A later one.
    Joins(Vec<u8>),
}

/// The first segment of a group.
#[derive(Debug)]
pub(super) struct Reference {
    /// The codes, as a plain block.
    pub(super) block: Arc<[u8]>,
    /// The same, kept for what comes.
    pub(super) kept: Kept,
    /// How it is stored.
    pub(super) stored: Stored,
}

impl Work {
    /// Makes a reference of the first segment of a group, whose buffer is free again then.
    ///
    /// # Errors
    /// An earlier reference cannot be read.
    pub(super) fn new(
        segment: Grouped,
        buffers: &Buffers,
        references: &mut References,
        cross: Option<&mut CrossReferences>,
    ) -> Result<Self, Failure> {
        let Grouped {
            codes,
            key,
            group,
            opens,
        } = segment;
        if !opens {
            let work = if group == 0 { Self::Raw } else { Self::Joins };
            return Ok(work(codes));
        }
        let mut block = Vec::new();
        plain::write(&codes, &mut block);
        let block = Arc::from(block);
        let kept = references.keep(&block)?;
        let stored = match cross {
            Some(cross) => cross.add(group, key, &codes, block.len(), &kept)?,
            None => Stored::Alone,
        };
        buffers.give(codes);
        Ok(Self::Opens(Reference {
            block,
            kept,
            stored,
        }))
    }

    /// Bytes that it holds while it waits.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Raw(codes) | Self::Joins(codes) => codes.capacity(),
            Self::Opens(reference) => {
                let filled = match &reference.stored {
                    Stored::Difference(Some(filled)) => filled.capacity(),
                    Stored::Difference(None) | Stored::Alone => 0,
                };
                filled + reference.block.len()
            }
        }
    }
}
