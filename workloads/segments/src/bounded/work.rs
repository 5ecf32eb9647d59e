//! What a worker is sent.

use std::sync::Arc;

use super::buffers::Buffers;
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
}

impl Work {
    /// Makes a reference of the first segment of a group, whose buffer is free again then.
    pub(super) fn new(segment: Grouped, buffers: &Buffers) -> Self {
        let Grouped {
            codes,
            group,
            opens,
            ..
        } = segment;
        if opens {
            let mut block = Vec::new();
            plain::write(&codes, &mut block);
            buffers.give(codes);
            Self::Opens(Reference {
                block: Arc::from(block),
            })
        } else if group == 0 {
            Self::Raw(codes)
        } else {
            Self::Joins(codes)
        }
    }

    /// Bytes that it holds while it waits; references stay, and are counted where they do.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Raw(codes) | Self::Joins(codes) => codes.capacity(),
            Self::Opens(_) => 0,
        }
    }
}
