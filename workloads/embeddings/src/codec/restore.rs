//! Codecs from what a store holds.

use super::{
    Binary, BinaryQuery, Codec, CodecError, Full, Half, Product, Sq8PerDimension, Sq8PerVector,
};
use crate::encoding::Encoding;

/// The codec of a store's encoding, dimension, payload and parameters.
///
/// # Errors
/// They are none that a codec has.
pub fn codec_of(
    encoding: Encoding,
    dimension: usize,
    payload: usize,
    parameters: &[u8],
) -> Result<Box<dyn Codec>, CodecError> {
    let codec: Box<dyn Codec> = match encoding {
        Encoding::Sq8PerDimension => {
            Box::new(Sq8PerDimension::from_parameters(dimension, parameters)?)
        }
        Encoding::Product => Box::new(Product::from_parameters(dimension, payload, parameters)?),
        _ if !parameters.is_empty() => {
            return Err(CodecError::Parameters {
                encoding,
                expected: 0,
                found: parameters.len(),
            });
        }
        Encoding::F32 => Box::new(Full::new(dimension)?),
        Encoding::Sq8PerVector => Box::new(Sq8PerVector::new(dimension)?),
        Encoding::Binary => Box::new(Binary::new(dimension, BinaryQuery::default())?),
        Encoding::F16 => Box::new(Half::new(dimension)?),
    };
    Ok(codec)
}
