//! The filters: the first that hits decides, and the whole template goes.

use super::Template;
use crate::bam::flags;
use crate::settings::Settings;

/// Why a template is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Discard {
    /// It failed the sequencer's own check.
    NonPf,
    /// It is unmapped, poorly mapped, or has no UMI.
    PoorAlignment,
    /// Its UMI has a letter N.
    NsInUmi,
    /// Its UMI has too few letters.
    ShortUmi,
}

/// Whether and why a template is left out.
#[inline]
pub(crate) fn discard(template: &Template, settings: &Settings) -> Option<Discard> {
    let mut reads = template.reads();
    if !settings.allow_unmapped && reads.clone().all(|read| read.unmapped()) {
        return Some(Discard::PoorAlignment);
    }
    for read in reads.clone() {
        if read.flags & flags::QC_FAIL != 0 && !settings.include_non_pf {
            return Some(Discard::NonPf);
        }
        if !read.unmapped() && read.quality < settings.min_mapq {
            return Some(Discard::PoorAlignment);
        }
    }
    reads.find_map(|read| {
        let poor_mate = read.flags & flags::MATE_UNMAPPED == 0
            && read
                .mate_quality
                .is_some_and(|quality| quality < i64::from(settings.min_mapq));
        if poor_mate || !read.has_umi {
            return Some(Discard::PoorAlignment);
        }
        if read.umi.contains(&b'N') {
            return Some(Discard::NsInUmi);
        }
        let least = settings.min_umi_length?;
        let letters = read.umi.iter().filter(|letter| b"ACGT".contains(letter));
        (letters.count() < least as usize).then_some(Discard::ShortUmi)
    })
}
