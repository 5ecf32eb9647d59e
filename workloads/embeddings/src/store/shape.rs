//! How long everything in a store's file is.

use crate::codec::Codec;
use crate::encoding::Encoding;

/// Headers, parameters and records each begin at a multiple of this.
pub(super) const PAGE: u64 = 4096;

/// Bytes of a checksum.
const CHECKSUM: u64 = 4;

/// What a record of a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// What the payload holds.
    pub encoding: Encoding,
    /// Values of a row.
    pub dimension: u32,
    /// Bytes of a payload.
    pub payload: u32,
    /// Whether each record ends with a checksum of its payload.
    pub checksums: bool,
}

impl Shape {
    /// That of a codec's records. None where there is no such store: no dimension, a payload other than the encoding's, or
    /// sizes beyond the header's fields.
    #[must_use]
    pub fn of(codec: &dyn Codec, checksums: bool) -> Option<Self> {
        let shape = Self {
            encoding: codec.encoding(),
            dimension: u32::try_from(codec.dimension()).ok()?,
            payload: u32::try_from(codec.payload()).ok()?,
            checksums,
        };
        let fits = shape.dimension > 0 && shape.payload_fits() && shape.stride32().is_some();
        fits.then_some(shape)
    }

    /// Whether a vector of this dimension has a payload of this length in this encoding.
    pub(super) fn payload_fits(self) -> bool {
        match self.encoding.payload(self.dimension) {
            Some(payload) => payload == u64::from(self.payload),
            None => self.payload > 0 && self.dimension.is_multiple_of(self.payload),
        }
    }

    /// Bytes from a record to the next.
    #[must_use]
    pub fn stride(self) -> u64 {
        u64::from(self.payload).next_multiple_of(4) + if self.checksums { CHECKSUM } else { 0 }
    }

    /// The stride as the header has it.
    pub(super) fn stride32(self) -> Option<u32> {
        u32::try_from(self.stride()).ok()
    }

    /// Bytes of the parameters.
    #[must_use]
    pub fn parameters(self) -> u64 {
        self.encoding.parameters(self.dimension)
    }

    /// Where parameters begin; 0 where there are none.
    pub(super) fn parameters_at(self) -> u64 {
        if self.parameters() > 0 { PAGE } else { 0 }
    }

    /// Where records begin in a file that is written by us.
    pub(super) fn data_at(self) -> u64 {
        PAGE + self.parameters().next_multiple_of(PAGE)
    }

    /// Where a file ends that has room for so many records from `data_at` on; none from 2^63 on.
    pub(super) fn end(self, data_at: u64, records: u64) -> Option<u64> {
        let end = records.checked_mul(self.stride())?.checked_add(data_at)?;
        (end < 1 << 63).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(encoding: Encoding, dimension: u32, payload: u32, checksums: bool) -> Shape {
        Shape {
            encoding,
            dimension,
            payload,
            checksums,
        }
    }

    #[test]
    fn strides_are_multiples_of_four_and_hold_a_checksum() {
        assert_eq!(shape(Encoding::F32, 64, 256, true).stride(), 260);
        assert_eq!(shape(Encoding::Binary, 9, 2, true).stride(), 8);
        assert_eq!(shape(Encoding::Binary, 9, 2, false).stride(), 4);
        let longest = shape(Encoding::Sq8PerVector, u32::MAX - 8, u32::MAX, true);
        assert_eq!(longest.stride(), (1 << 32) + 4);
        assert_eq!(longest.stride32(), None);
    }

    #[test]
    fn payloads_are_those_of_the_encoding() {
        assert!(shape(Encoding::F32, 64, 256, true).payload_fits());
        assert!(!shape(Encoding::F32, 64, 64, true).payload_fits());
        assert!(!shape(Encoding::F32, 1 << 30, 0, true).payload_fits());
        assert!(shape(Encoding::Product, 64, 16, true).payload_fits());
        assert!(!shape(Encoding::Product, 64, 15, true).payload_fits());
        assert!(!shape(Encoding::Product, 64, 0, true).payload_fits());
    }

    #[test]
    fn records_follow_the_parameters_on_a_page_of_their_own() {
        assert_eq!(shape(Encoding::F32, 64, 256, true).data_at(), 4096);
        let coded = shape(Encoding::Sq8PerDimension, 512, 512, true);
        assert_eq!((coded.parameters_at(), coded.data_at()), (4096, 8192));
        let wider = shape(Encoding::Sq8PerDimension, 513, 513, true);
        assert_eq!(wider.data_at(), 12_288);
        assert_eq!(wider.end(12_288, u64::MAX / 500), None);
    }
}
