//! The exact distance: what every answer is ordered by, whoever gives it.

/// Squared Euclidean distance of two vectors of one length, in f64, added from the first coordinate on. Coordinates that
/// one has and the other has not are passed over.
#[must_use]
pub fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.iter().zip(b) {
        let difference = f64::from(*a) - f64::from(*b);
        sum += difference * difference;
    }
    sum
}
