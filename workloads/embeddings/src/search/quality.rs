//! How good codes are: what they find, and how far off decoded vectors are.

use super::top::Hit;

/// The share of the `truth` that was `found`; 1 where there is nothing to find.
#[must_use]
pub fn recall(found: &[Hit], truth: &[Hit]) -> f64 {
    if truth.is_empty() {
        return 1.0;
    }
    let is_found = |hit: &&Hit| found.iter().any(|other| other.index == hit.index);
    truth.iter().filter(is_found).count() as f64 / truth.len() as f64
}

/// Whether the same was `found` in the same order with the same scores, to the bit.
#[must_use]
pub fn identical(found: &[Hit], truth: &[Hit]) -> bool {
    let same = |(a, b): (&Hit, &Hit)| a.index == b.index && a.score.to_bits() == b.score.to_bits();
    found.len() == truth.len() && found.iter().zip(truth).all(same)
}

/// Differences of decoded vectors from the original ones.
#[derive(Debug, Clone, Default)]
pub struct Differences {
    values: u64,
    squares: f64,
    cosines: f64,
    most: f64,
    relative: Vec<f64>,
}

impl Differences {
    /// Adds a vector and what it became.
    pub fn add(&mut self, row: &[f32], decoded: &[f32]) {
        let (mut error, mut own, mut other, mut both) = (0.0, 0.0, 0.0, 0.0);
        for (&x, &y) in row.iter().zip(decoded) {
            let (x, y) = (f64::from(x), f64::from(y));
            error += (x - y) * (x - y);
            own += x * x;
            other += y * y;
            both += x * y;
            self.most = self.most.max((x - y).abs());
        }
        self.values += row.len() as u64;
        self.squares += error;
        // Of a vector of zeros: nothing is lost if it stays one.
        self.cosines += if own * other > 0.0 {
            1.0 - both / (own.sqrt() * other.sqrt())
        } else {
            f64::from(error > 0.0)
        };
        self.relative
            .push(if own > 0.0 { error / own } else { error });
    }

    /// The mean square difference of a value.
    #[must_use]
    pub fn mean_square(&self) -> f64 {
        self.squares / self.values as f64
    }

    /// One less the mean cosine.
    #[must_use]
    pub fn mean_cosine_error(&self) -> f64 {
        self.cosines / self.relative.len() as f64
    }

    /// The greatest difference of a value.
    #[must_use]
    pub fn most(&self) -> f64 {
        self.most
    }

    /// The mean over all vectors of their square difference as a share of their square length.
    #[must_use]
    pub fn mean_relative(&self) -> f64 {
        self.relative.iter().sum::<f64>() / self.relative.len() as f64
    }

    /// What that share is at most for this share of all vectors.
    #[must_use]
    pub fn relative_within(&self, share: f64) -> f64 {
        let mut sorted = self.relative.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = (share * sorted.len() as f64).ceil() as usize;
        sorted
            .get(at.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }
}
