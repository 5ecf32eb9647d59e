//! What of a template's reads decides about it.

use crate::bam::{End, Record, RecordProblem, Tags, flags};

/// Which of the two reads of a template a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Not paired, or the first of the pair.
    R1,
    /// Anything else.
    R2,
}

impl Side {
    pub(crate) fn of(flags: u16) -> Self {
        if flags & flags::PAIRED == 0 || flags & flags::FIRST != 0 {
            Self::R1
        } else {
            Self::R2
        }
    }
}

/// A read, without what is only copied. Its buffer is used again for the next one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Read {
    pub(crate) present: bool,
    pub(crate) flags: u16,
    pub(crate) quality: u8,
    pub(crate) mate_quality: Option<i64>,
    pub(crate) has_umi: bool,
    /// The UMI in upper case.
    pub(crate) umi: Vec<u8>,
    pub(crate) end: Option<End>,
}

impl Read {
    pub(crate) fn unmapped(&self) -> bool {
        self.flags & flags::UNMAPPED != 0
    }

    fn forward(&self) -> bool {
        self.flags & flags::REVERSE == 0
    }
}

/// The reads of one name at one position.
#[derive(Debug, Default, Clone)]
pub(crate) struct Template {
    pub(crate) r1: Read,
    pub(crate) r2: Read,
}

impl Template {
    /// Forgets both reads.
    pub(crate) fn clear(&mut self) {
        self.r1.present = false;
        self.r2.present = false;
    }

    /// Takes a read, with its end if that will be asked for.
    ///
    /// # Errors
    /// There is one of its side already.
    #[inline]
    pub(crate) fn take(
        &mut self,
        record: &Record<'_>,
        tags: &Tags<'_>,
        with_end: bool,
    ) -> Result<Side, RecordProblem> {
        let flags = record.flags();
        let side = Side::of(flags);
        let read = match side {
            Side::R1 => &mut self.r1,
            Side::R2 => &mut self.r2,
        };
        if std::mem::replace(&mut read.present, true) {
            return Err(RecordProblem::Twice);
        }
        read.flags = flags;
        read.quality = record.mapping_quality();
        read.mate_quality = tags.mate_quality;
        read.has_umi = tags.umi.is_some();
        read.umi.clear();
        read.umi.extend_from_slice(tags.umi.unwrap_or_default());
        read.umi.make_ascii_uppercase();
        read.end = with_end.then(|| End::of(record));
        Ok(side)
    }

    /// The reads that there are, r1 first.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &Read> + Clone {
        [&self.r1, &self.r2].into_iter().filter(|read| read.present)
    }

    /// The UMI in upper case: r1's, or r2's where there is no r1.
    pub(crate) fn umi(&self) -> &[u8] {
        if self.r1.present {
            &self.r1.umi
        } else {
            &self.r2.umi
        }
    }

    /// The strands of both reads, by which subgroups are numbered: 0 for both reverse, 3 for both forward. A missing read
    /// is taken for a forward one.
    pub(crate) fn orientation(&self) -> u8 {
        let forward = |read: &Read| u8::from(!read.present || read.forward());
        2 * forward(&self.r1) + forward(&self.r2)
    }

    /// Whether r1 lies before r2, by unclipped ends that were asked for; so it is where one of them is missing.
    pub(crate) fn r1_first(&self) -> bool {
        match (&self.r1, &self.r2) {
            (r1, r2) if r1.present && r2.present => {
                let place = |read: &Read| read.end.map(|end| (end.reference, end.five_prime));
                let (one, two) = (place(r1), place(r2));
                one < two || (one == two && r1.forward())
            }
            _ => true,
        }
    }
}
