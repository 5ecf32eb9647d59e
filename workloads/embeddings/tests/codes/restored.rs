//! Codecs from what a store holds of them.

use plimsoll_embeddings::codec::{
    Binary, BinaryQuery, Full, Half, Product, Ranges, Sq8PerVector, codec_of,
};
use plimsoll_embeddings::{Codec, CodecError, Encoding};

use super::golden::{self, DIMENSION};
use super::payloads::{bits, decoded, encoded, scores};

fn all(rows: &[f32]) -> Vec<Box<dyn Codec>> {
    let mut ranges = Ranges::new(DIMENSION).expect("good input");
    ranges.add(rows).expect("good input");
    vec![
        Box::new(Full::new(DIMENSION).expect("good input")),
        Box::new(ranges.codec().expect("good input")),
        Box::new(Sq8PerVector::new(DIMENSION).expect("good input")),
        Box::new(Product::train(DIMENSION, 8, rows, 3).expect("good input")),
        Box::new(Binary::new(DIMENSION, BinaryQuery::Values).expect("good input")),
        Box::new(Half::new(DIMENSION).expect("good input")),
    ]
}

#[test]
fn a_codec_made_again_does_the_same() {
    let rows = golden::floats("vectors.f32");
    for (number, codec) in (0..).zip(all(&rows)) {
        assert_eq!(codec.encoding().number(), number);
        let dimension = DIMENSION as u32;
        let parameters = codec.parameters();
        assert_eq!(
            parameters.len() as u64,
            codec.encoding().parameters(dimension)
        );
        let payload = codec.encoding().payload(dimension);
        assert_eq!(codec.payload() as u64, payload.unwrap_or(8));
        let again = codec_of(codec.encoding(), DIMENSION, codec.payload(), &parameters).unwrap();
        let payloads = encoded(&*codec, &rows);
        assert!(payloads == encoded(&*again, &rows));
        assert_eq!(
            bits(&decoded(&*codec, &payloads)),
            bits(&decoded(&*again, &payloads))
        );
        let query = &golden::floats("queries.f32")[..DIMENSION];
        assert_eq!(
            bits(&scores(&*codec, query, &payloads)),
            bits(&scores(&*again, query, &payloads))
        );
    }
}

#[test]
fn parameters_that_no_training_leaves_are_refused() {
    let problem = |encoding, payload, bytes: &[u8]| codec_of(encoding, 2, payload, bytes).err();
    let encoding = Encoding::Sq8PerDimension;
    let wrong = |encoding, expected, found| {
        Some(CodecError::Parameters {
            encoding,
            expected,
            found,
        })
    };
    assert_eq!(problem(encoding, 2, &[0; 15]), wrong(encoding, 16, 15));
    assert_eq!(
        problem(Encoding::F32, 8, &[0; 15]),
        wrong(Encoding::F32, 0, 15)
    );
    let value = |encoding, index| Some(CodecError::ParameterValue { encoding, index });
    let bytes = |values: [f32; 4]| values.map(f32::to_le_bytes).concat();
    assert_eq!(
        problem(encoding, 2, &bytes([0.0, f32::NAN, 1.0, 1.0])),
        value(encoding, 1)
    );
    assert_eq!(
        problem(encoding, 2, &bytes([0.0, 0.0, 1.0, -1.0])),
        value(encoding, 3)
    );
    let encoding = Encoding::Product;
    assert_eq!(
        problem(encoding, 2, &[0; 2047]),
        wrong(encoding, 2048, 2047)
    );
    assert_eq!(problem(encoding, 2, &[0xFF; 2048]), value(encoding, 0));
    let codes = CodecError::Codes {
        codes: 3,
        dimension: 2,
    };
    assert_eq!(problem(encoding, 3, &[0; 2048]), Some(codes));
    assert_eq!(
        codec_of(Encoding::F32, 0, 0, &[]).err(),
        Some(CodecError::Dimension(0))
    );
}
