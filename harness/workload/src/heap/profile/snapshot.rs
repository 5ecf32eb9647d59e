//! Reading a profile: plain data out of bytes that anybody may have written.

use std::fs::File;
use std::io::Read;
use std::mem::offset_of;

use super::layout::{
    DEEPEST, FLAG_C, FigureCells, HeaderCells, Layout, MAGIC, MAPS, SITES, SIZE, SiteCells,
    VERSION, WORDS,
};

/// A sampled heap profile: addresses, and what was allocated from them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SampledHeap {
    /// Mean bytes from sample to sample.
    pub every: u64,
    /// Whether C's allocations were sampled too.
    pub covers_c: bool,
    /// Programs that the process was, one after the other; the profile is the last one's.
    pub images: u32,
    /// Allocations recorded.
    pub samples: u64,
    /// Samples, and frees of samples, that were not: in signal handlers, or for want of room.
    pub missed: u64,
    /// Estimated bytes that were live when the file was last written.
    pub live: f64,
    /// The lines of `/proc/PID/maps` that have code.
    pub maps: String,
    /// One a stack that a sample was taken from.
    pub sites: Vec<SampledSite>,
}

/// A stack, and what was allocated from it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SampledSite {
    /// Whether C's malloc was asked; else Rust's global allocator.
    pub c: bool,
    /// Addresses within the calls, the innermost first, at most [`DEEPEST`]; none where there was no room for them.
    pub addresses: Vec<u64>,
    /// Allocations recorded.
    pub samples: u64,
    /// What was live when the whole heap was at its peak.
    pub at_peak: Estimate,
    /// What was live when the file was last written.
    pub live: Estimate,
    /// What was allocated in all; a reallocation counts its new size.
    pub total: Estimate,
}

/// Unbiased estimates, but for the peak's: the highest of a line that goes up and down by chance lies a little high.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    /// Bytes asked for.
    pub bytes: f64,
    /// Blocks.
    pub blocks: f64,
    /// Variance of `bytes`; that of a sum of estimates is the sum of theirs.
    pub variance: f64,
}

impl std::iter::Sum for Estimate {
    fn sum<I: Iterator<Item = Self>>(estimates: I) -> Self {
        estimates.fold(Self::default(), |sum, estimate| Self {
            bytes: sum.bytes + estimate.bytes,
            blocks: sum.blocks + estimate.blocks,
            variance: sum.variance + estimate.variance,
        })
    }
}

/// Why bytes are no profile.
#[derive(Debug, thiserror::Error)]
pub enum NotAProfile {
    /// No program has begun it, or it was cut.
    #[error(
        "no program has written the sampled heap profile: it has no `install!()`, or could not map the file"
    )]
    Unused,
    /// Written by something that does not know the layout.
    #[error("the sampled heap profile has version {0}; this plimsoll reads {VERSION}")]
    Version(u32),
    /// The file could not be read.
    #[error("reading the sampled heap profile: {0}")]
    Io(#[from] std::io::Error),
}

impl SampledHeap {
    /// Reads a file that a program wrote, or still writes.
    ///
    /// # Errors
    /// See [`NotAProfile`].
    pub fn read_file(file: &File) -> Result<Self, NotAProfile> {
        let mut bytes = Vec::new();
        file.take(SIZE as u64).read_to_end(&mut bytes)?;
        Self::read(&bytes)
    }

    /// Reads the bytes of such a file. Figures that cannot be are taken as 0, addresses that are not there left out.
    ///
    /// # Errors
    /// See [`NotAProfile`].
    pub fn read(bytes: &[u8]) -> Result<Self, NotAProfile> {
        let bytes = Bytes(bytes);
        if bytes.0.len() < SIZE || bytes.long(offset_of!(HeaderCells, magic)) != MAGIC {
            return Err(NotAProfile::Unused);
        }
        match bytes.short(offset_of!(HeaderCells, version)) {
            VERSION => Ok(bytes.heap()),
            version => Err(NotAProfile::Version(version)),
        }
    }

    /// Everything that was live at the peak.
    #[must_use]
    pub fn at_peak(&self) -> Estimate {
        self.sites.iter().map(|site| site.at_peak).sum()
    }

    /// Everything that was allocated.
    #[must_use]
    pub fn total(&self) -> Estimate {
        self.sites.iter().map(|site| site.total).sum()
    }

    #[cfg(test)]
    #[allow(unsafe_code)]
    pub(super) fn of(file: &Layout) -> Self {
        // SAFETY: atomic integers without padding between them that matters: bytes of a live, initialized value.
        let bytes = unsafe { std::slice::from_raw_parts((&raw const *file).cast(), SIZE) };
        Bytes(bytes).heap()
    }
}

/// The bytes; a place beyond them reads as zero.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn at<const N: usize>(&self, offset: usize) -> [u8; N] {
        let bytes = self.0.get(offset..).and_then(|rest| rest.first_chunk());
        bytes.copied().unwrap_or([0; N])
    }

    fn short(&self, offset: usize) -> u32 {
        u32::from_ne_bytes(self.at(offset))
    }

    fn long(&self, offset: usize) -> u64 {
        u64::from_ne_bytes(self.at(offset))
    }

    fn real(&self, offset: usize) -> f64 {
        let value = f64::from_ne_bytes(self.at(offset));
        // Sums of what comes and goes may end a hair below zero.
        if value.is_finite() {
            value.max(0.0)
        } else {
            0.0
        }
    }

    fn figures(&self, offset: usize) -> Estimate {
        Estimate {
            bytes: self.real(offset + offset_of!(FigureCells, bytes)),
            blocks: self.real(offset + offset_of!(FigureCells, blocks)),
            variance: self.real(offset + offset_of!(FigureCells, variance)),
        }
    }

    fn heap(&self) -> SampledHeap {
        let sites = self.short(offset_of!(HeaderCells, sites)) as usize;
        let peak = self.long(offset_of!(HeaderCells, peak));
        let sites = (0..sites.min(SITES))
            .map(|index| {
                self.site(
                    offset_of!(Layout, sites) + index * size_of::<SiteCells>(),
                    peak,
                )
            })
            .filter(|site| site.samples > 0);
        SampledHeap {
            every: self.long(offset_of!(HeaderCells, every)),
            covers_c: self.short(offset_of!(HeaderCells, flags)) & FLAG_C != 0,
            images: self.short(offset_of!(HeaderCells, images)),
            samples: self.long(offset_of!(HeaderCells, samples)),
            missed: self.long(offset_of!(HeaderCells, missed)),
            live: self.real(offset_of!(HeaderCells, live)),
            maps: self.maps(),
            sites: sites.collect(),
        }
    }

    fn site(&self, site: usize, peak: u64) -> SampledSite {
        let first = self.short(site + offset_of!(SiteCells, first)) as usize;
        let depth = self.short(site + offset_of!(SiteCells, depth)) as usize;
        let set_aside = self.long(site + offset_of!(SiteCells, peak)) == peak;
        let at_peak = if set_aside {
            offset_of!(SiteCells, at_peak)
        } else {
            offset_of!(SiteCells, live)
        };
        let words = first..(first + depth.min(DEEPEST)).min(WORDS);
        SampledSite {
            c: self.short(site + offset_of!(SiteCells, c)) != 0,
            addresses: words
                .map(|word| self.long(offset_of!(Layout, words) + word * size_of::<u64>()))
                .collect(),
            samples: self.long(site + offset_of!(SiteCells, samples)),
            at_peak: self.figures(site + at_peak),
            live: self.figures(site + offset_of!(SiteCells, live)),
            total: self.figures(site + offset_of!(SiteCells, total)),
        }
    }

    fn maps(&self) -> String {
        let now = self.short(offset_of!(HeaderCells, maps_now)).min(1) as usize;
        let length = self.short(offset_of!(HeaderCells, maps_length) + now * size_of::<u32>());
        let from = offset_of!(Layout, maps) + now * MAPS;
        let text = self.0.get(from..from + (length as usize).min(MAPS));
        String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_profile_says_why() {
        let why = |bytes: &[u8]| SampledHeap::read(bytes).unwrap_err().to_string();
        assert!(why(b"").starts_with("no program has written"));
        let mut bytes = vec![0; SIZE];
        assert!(why(&bytes).starts_with("no program has written"));
        bytes[..8].copy_from_slice(&MAGIC.to_ne_bytes());
        assert_eq!(
            why(&bytes),
            format!("the sampled heap profile has version 0; this plimsoll reads {VERSION}")
        );
    }

    #[test]
    fn bytes_that_make_no_sense_are_read_without_trust() {
        let mut bytes = vec![0xff; SIZE];
        bytes[..8].copy_from_slice(&MAGIC.to_ne_bytes());
        bytes[8..12].copy_from_slice(&VERSION.to_ne_bytes());
        let heap = SampledHeap::read(&bytes).unwrap();
        assert_eq!(heap.sites.len(), SITES);
        assert!(heap.sites.iter().all(|site| site.addresses.is_empty()));
        assert_eq!(heap.at_peak(), Estimate::default());
    }
}
