//! The ways a vector can lie in a record.

/// What the payload of a record holds. The numbers are those of the store's header.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[repr(u32)]
pub enum Encoding {
    /// The values themselves, four bytes each, little-endian.
    F32 = 0,
    /// A byte for each value, between the least and the greatest of its dimension.
    Sq8PerDimension = 1,
    /// Least value and step of the row, then a byte for each value.
    Sq8PerVector = 2,
    /// A byte for each group of neighbouring dimensions: its nearest centroid (Jégou et al. 2011).
    Product = 3,
    /// The sign of each value.
    Binary = 4,
    /// The values in half precision, two bytes each, little-endian.
    F16 = 5,
}

impl Encoding {
    /// The encoding of this number.
    #[must_use]
    pub const fn of_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::F32,
            1 => Self::Sq8PerDimension,
            2 => Self::Sq8PerVector,
            3 => Self::Product,
            4 => Self::Binary,
            5 => Self::F16,
            _ => return None,
        })
    }

    /// Its number in the store's header.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// Bytes of a vector's payload; nothing for [`Product`](Self::Product), whose codebook tells.
    #[must_use]
    pub const fn payload(self, dimension: u32) -> Option<u64> {
        let dimension = dimension as u64;
        Some(match self {
            Self::F32 => 4 * dimension,
            Self::Sq8PerDimension => dimension,
            Self::Sq8PerVector => 8 + dimension,
            Self::Product => return None,
            Self::Binary => dimension.div_ceil(8),
            Self::F16 => 2 * dimension,
        })
    }

    /// Bytes of the parameters that all records of a store share.
    #[must_use]
    pub const fn parameters(self, dimension: u32) -> u64 {
        match self {
            Self::Sq8PerDimension => 8 * dimension as u64,
            Self::Product => 1024 * dimension as u64,
            Self::F32 | Self::Sq8PerVector | Self::Binary | Self::F16 => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back_to_their_encodings() {
        for number in 0..6 {
            assert_eq!(
                Encoding::of_number(number).map(Encoding::number),
                Some(number)
            );
        }
        assert_eq!(Encoding::of_number(6), None);
    }

    #[test]
    fn payloads_of_the_largest_dimension_are_no_overflow() {
        assert_eq!(
            Encoding::F32.payload(u32::MAX),
            Some(4 * u64::from(u32::MAX))
        );
        assert_eq!(
            Encoding::Product.parameters(u32::MAX),
            1024 * u64::from(u32::MAX)
        );
        assert_eq!(Encoding::Binary.payload(9), Some(2));
    }
}
