//! Phase 3: encode group by group on a pool of threads. The three implementations differ here alone: in how a group's
//! segments come to its writer.

use plimsoll_workload::{Context, Failure, Progress};
use rayon::prelude::*;

use super::compressed::CompressedPack;
use super::group::Groups;
use super::prepared::Handed;
use super::tools::Tools;
use super::writer::{GroupWriter, RawWriter};
use crate::job::cancelled;

/// What came of the groups.
pub(super) type Packs = Result<Vec<CompressedPack>, Failure>;

/// How all groups are encoded.
pub(super) type Way = fn(Groups, &Encoding<'_>) -> Packs;

/// Encodes groups, as long as the run is not cancelled.
#[derive(Debug)]
pub(super) struct Encoding<'a> {
    pub(super) context: &'a Context,
    pub(super) tools: &'a Tools,
    pub(super) progress: Progress,
}

/// The writer gets a clone of each segment; the segments stay until all groups are done.
pub(super) fn cloned(groups: Groups, encoding: &Encoding<'_>) -> Packs {
    let numbered = (groups.list.par_iter().enumerate())
        .map(|(at, (_, members))| encoding.group(groups.first, at, members.iter().cloned()));
    collect(numbered)
}

/// Of each segment only its content is moved to the writer, out of a list that stays until all groups are done. What
/// remains different from [`moved`]: 104 bytes a segment.
pub(super) fn emptied(mut groups: Groups, encoding: &Encoding<'_>) -> Packs {
    let numbered = (groups.list.par_iter_mut().enumerate()).map(|(at, (_, members))| {
        let contents = members.iter_mut().map(|segment| {
            encoding.tools.segments.sub(segment.heap_bytes() as u64);
            segment.take()
        });
        encoding.group(groups.first, at, contents)
    });
    collect(numbered)
}

/// Each group's list is consumed, its segments moved to the writer.
pub(super) fn moved(groups: Groups, encoding: &Encoding<'_>) -> Packs {
    let first = groups.first;
    let numbered = (groups.list.into_par_iter().enumerate()).map(|(at, (_, members))| {
        let given = members
            .into_iter()
            .inspect(|segment| encoding.tools.segments.sub(segment.held() as u64));
        encoding.group(first, at, given)
    });
    collect(numbered)
}

/// The writer gets references to the segments, which stay until all groups are done.
pub(super) fn borrowed(groups: Groups, encoding: &Encoding<'_>) -> Packs {
    let numbered = (groups.list.par_iter().enumerate())
        .map(|(at, (_, members))| encoding.group(groups.first, at, members.iter()));
    collect(numbered)
}

/// All packs in one list.
fn collect(groups: impl ParallelIterator<Item = Packs>) -> Packs {
    groups
        .flat_map_iter(|packs| match packs {
            Ok(packs) => packs.into_iter().map(Ok).collect(),
            Err(failure) => vec![Err(failure)],
        })
        .collect()
}

impl Encoding<'_> {
    /// The packs of the group at a place of the list.
    fn group<S: Handed>(&self, first: u32, at: usize, members: impl Iterator<Item = S>) -> Packs {
        if self.context.cancelled() {
            return Err(cancelled());
        }
        let packs = match first + at as u32 {
            0 => self.raw(members),
            number => self.referenced(number, members),
        };
        self.progress.add(1);
        packs
    }

    fn raw<S: Handed>(&self, members: impl Iterator<Item = S>) -> Packs {
        let mut writer = RawWriter::new(self.tools);
        for segment in members {
            writer.add_segment(segment)?;
        }
        writer.finish()
    }

    fn referenced<S: Handed>(&self, group: u32, mut members: impl Iterator<Item = S>) -> Packs {
        let Some(first) = members.next() else {
            return Ok(Vec::new());
        };
        let mut writer = GroupWriter::new(self.tools, group, first)?;
        for segment in members {
            writer.add_segment(segment)?;
        }
        writer.finish()
    }
}
