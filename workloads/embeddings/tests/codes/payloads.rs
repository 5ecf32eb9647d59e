//! Payloads and rows of many vectors at once.

use plimsoll_embeddings::Codec;

/// The payloads of rows, one after the other.
pub(crate) fn encoded(codec: &dyn Codec, rows: &[f32]) -> Vec<u8> {
    let mut payloads = vec![0; rows.len() / codec.dimension() * codec.payload()];
    let pairs = rows.chunks_exact(codec.dimension());
    for (row, payload) in pairs.zip(payloads.chunks_exact_mut(codec.payload())) {
        codec
            .encode(row, payload)
            .expect("a row that can be encoded");
    }
    payloads
}

/// The rows of payloads.
pub(crate) fn decoded(codec: &dyn Codec, payloads: &[u8]) -> Vec<f32> {
    let mut rows = vec![0.0; payloads.len() / codec.payload() * codec.dimension()];
    let pairs = rows.chunks_exact_mut(codec.dimension());
    for (row, payload) in pairs.zip(payloads.chunks_exact(codec.payload())) {
        codec.decode(payload, row);
    }
    rows
}

/// The scores of payloads.
pub(crate) fn scores(codec: &dyn Codec, query: &[f32], payloads: &[u8]) -> Vec<f32> {
    let mut scores = vec![0.0; payloads.len() / codec.payload()];
    codec
        .scorer(query)
        .score(payloads, codec.payload(), &mut scores);
    scores
}

/// The mean square difference of values.
pub(crate) fn mean_square(one: &[f32], other: &[f32]) -> f64 {
    let square = |(a, b): (&f32, &f32)| (f64::from(*a) - f64::from(*b)).powi(2);
    one.iter().zip(other).map(square).sum::<f64>() / one.len() as f64
}

pub(crate) fn bits(floats: &[f32]) -> Vec<u32> {
    floats.iter().map(|float| float.to_bits()).collect()
}
