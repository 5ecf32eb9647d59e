//! Intervals on what a growth comes to and on its exponent, averaged over the models that the data
//! support: profile likelihoods with Student's t for few sizes, mixed by model-averaged tail areas
//! (Fletcher and Turek 2012; Turek and Fletcher 2012).

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::choose::{Growth, variance};
use super::fit::{Fit, Held};
use super::model::Shape;

/// The level of the intervals. A verdict errs on either side in at most half of what is left.
pub const GROWTH_LEVEL: f64 = 0.99;

/// Where a limit is looked for at most: a factor of a million, or 30 of an exponent.
const FURTHEST: f64 = 14.0;
/// How exactly limits are found, in logarithms or exponents.
const EXACTLY: f64 = 2e-4;

/// An estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Growth {
    /// What the metric comes to at a size, within the range or beyond it: the mean over many runs,
    /// not a single one.
    pub fn at(&self, n: f64) -> Range {
        let models = self.supported(|_| true);
        let centre = models
            .iter()
            .map(|(weight, fit)| weight * fit.ln_at(n))
            .sum();
        let (low, high) = limits(centre, |value| {
            let tails = models.iter().map(|(weight, fit)| {
                let held = fit.held(&self.data, Held::Through(n, value));
                weight * self.below(fit, &held, value - fit.ln_at(n))
            });
            tails.sum()
        });
        Range {
            value: f64::exp(centre),
            low: low.exp(),
            high: high.exp(),
        }
    }

    /// The exponent of the growing part at the largest size. The estimate is the chosen model's; the
    /// interval is that of the models that leave it free, with an intercept or without.
    pub fn exponent(&self) -> Range {
        let value = self.chosen().curve.exponent(self.largest());
        // Beside a constant that explains all there is, an exponent of the rest could be anything:
        // what can be told then is that of the whole.
        let constant = self.may_be_constant();
        let models = self.supported(|model| model.has_exponent() && !(constant && model.intercept));
        let exponents = models.iter().map(|(weight, fit)| weight * fit.curve().k);
        let centre: f64 = exponents.sum();
        let (low, high) = limits(centre, |exponent| {
            let tails = models.iter().map(|(weight, fit)| {
                let held = fit.held(&self.data, Held::Exponent(exponent));
                weight * self.below(fit, &held, exponent - fit.curve().k)
            });
            tails.sum()
        });
        // n log n has an exponent of its own at each size; the free one is an average of them.
        Range {
            value,
            low: low.min(value),
            high: high.max(value),
        }
    }

    /// Whether nothing in this range tells it from a constant.
    pub fn may_be_constant(&self) -> bool {
        let mut candidates = self.candidates.iter();
        candidates.any(|c| c.equivalent && c.curve.model.shape == Shape::Constant)
    }

    /// The probability that the true value lies below one that `held` is fitted to and that is `off`
    /// the estimate of `fit`: Student's t of the signed root of what the sum of squares rises by.
    fn below(&self, fit: &Fit, held: &Fit, off: f64) -> f64 {
        let sizes = self.points.len();
        let free = sizes.saturating_sub(fit.model.parameters()).max(1);
        let rise = (held.squares - fit.squares).max(0.0) / variance(fit, sizes);
        let root = rise.sqrt().copysign(off);
        StudentsT::new(0.0, 1.0, free as f64).map_or(0.5, |t| t.cdf(root))
    }
}

/// Where a rising probability reaches either end of the level.
fn limits(centre: f64, below: impl Fn(f64) -> f64) -> (f64, f64) {
    let tail = (1.0 - GROWTH_LEVEL) / 2.0;
    let side = |sign: f64| {
        let outside = |off: f64| {
            let below = below(centre + sign * off);
            let beyond = if sign > 0.0 { 1.0 - below } else { below };
            beyond < tail
        };
        let (mut inner, mut outer) = (0.0, 0.01);
        while !outside(outer) {
            inner = outer;
            outer *= 2.0;
            if outer > FURTHEST {
                return FURTHEST;
            }
        }
        while outer - inner > EXACTLY {
            let middle = (inner + outer) / 2.0;
            match outside(middle) {
                true => outer = middle,
                false => inner = middle,
            }
        }
        outer
    };
    (centre - side(-1.0), centre + side(1.0))
}
