//! The numbers of files, and how they become f32.

/// A type of numbers, little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    F64,
    F32,
    F16,
    U8,
    I8,
}

/// A value that is no finite f32.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NotFinite {
    pub(super) column: usize,
    pub(super) value: f64,
}

impl Element {
    /// Bytes of a number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 => 2,
            Self::U8 | Self::I8 => 1,
        }
    }

    /// Appends a row to `out`; of an f64 the nearest f32.
    pub(super) fn decode(self, row: &[u8], out: &mut Vec<f32>) -> Result<(), NotFinite> {
        match self {
            Self::F64 => decode(row, f64::from_le_bytes, out),
            Self::F32 => decode(row, |bytes| f64::from(f32::from_le_bytes(bytes)), out),
            Self::F16 => decode(row, |bytes| half(u16::from_le_bytes(bytes)), out),
            Self::U8 => decode(row, |[byte]: [u8; 1]| f64::from(byte), out),
            Self::I8 => decode(row, |bytes| f64::from(i8::from_le_bytes(bytes)), out),
        }
    }
}

fn decode<const SIZE: usize>(
    row: &[u8],
    number: impl Fn([u8; SIZE]) -> f64,
    out: &mut Vec<f32>,
) -> Result<(), NotFinite> {
    for (column, bytes) in row.as_chunks().0.iter().enumerate() {
        let value = number(*bytes);
        let nearest = value as f32;
        if !nearest.is_finite() {
            return Err(NotFinite { column, value });
        }
        out.push(nearest);
    }
    Ok(())
}

/// A 16-bit float (IEEE 754 binary16), exactly.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(element: Element, bytes: &[u8]) -> Result<Vec<f32>, NotFinite> {
        let mut out = Vec::new();
        element.decode(bytes, &mut out).map(|()| out)
    }

    #[test]
    fn halves_are_what_the_standard_says() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x03ff, 6.097_555_160_522_461e-5),
            (0x0400, 6.103_515_625e-5),
            (0x3555, 0.333_251_953_125),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
        ] {
            assert_eq!(half(bits).to_bits(), f64::to_bits(value), "{bits:x}");
        }
        assert!(half(0x7c00).is_infinite() && half(0xfe00).is_nan());
    }

    #[test]
    fn every_type_becomes_the_nearest_f32() {
        let doubles: Vec<u8> = [0.1, -3.0, f64::from(f32::MAX)]
            .iter()
            .flat_map(|v: &f64| v.to_le_bytes())
            .collect();
        assert_eq!(
            decoded(Element::F64, &doubles),
            Ok(vec![0.1, -3.0, f32::MAX])
        );
        assert_eq!(
            decoded(Element::U8, &[0, 128, 255]),
            Ok(vec![0.0, 128.0, 255.0])
        );
        assert_eq!(
            decoded(Element::I8, &[0, 128, 255]),
            Ok(vec![0.0, -128.0, -1.0])
        );
        assert_eq!(decoded(Element::F16, &[0, 0x3c]), Ok(vec![1.0]));
    }

    #[test]
    fn what_is_not_finite_is_told_with_its_column() {
        let mut row = [0u8; 16];
        row[8..].copy_from_slice(&1e300f64.to_le_bytes());
        let beyond = decoded(Element::F64, &row);
        assert_eq!(
            beyond,
            Err(NotFinite {
                column: 1,
                value: 1e300
            })
        );
        let nan = decoded(Element::F32, &f32::NAN.to_le_bytes()).unwrap_err();
        assert!(nan.column == 0 && nan.value.is_nan());
        let infinite = decoded(Element::F16, &[0, 0xfc]).unwrap_err();
        assert_eq!(infinite.value, f64::NEG_INFINITY);
    }
}
