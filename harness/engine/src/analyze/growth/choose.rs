//! Which model: the corrected information criterion, and what each predicts of a size left out.

use super::fit::{Data, Fit};
use super::model::{Curve, Model};
use crate::scenario::FEWEST_SIZES;

/// Relative differences below this tell nothing: no metric is known better than to one part in a
/// thousand, and a perfect fit must not count for infinitely much.
const RESOLUTION: f64 = 1e-3;
/// Models within this of the best one's criterion are as good over the range: to the data of a few
/// sizes they are worth at least a twentieth of the best one (Burnham and Anderson 2002, section 2.6,
/// find "considerably less" support from 4 to 7 on), and further beyond the range they may differ.
const EQUIVALENT: f64 = 6.0;

/// A candidate fitted to the sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The fitted curve.
    pub curve: Curve,
    /// AICc less that of the best candidate.
    pub behind: f64,
    /// Its Akaike weight among all candidates.
    pub weight: f64,
    /// Root mean square of how far off it predicts each size from the others, as a share.
    pub left_out: f64,
    /// Whether nothing in this range tells it from the chosen one.
    pub equivalent: bool,
    pub(super) fit: Fit,
}

/// How a metric grows over a range of sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// Sizes and the medians at them, ascending.
    pub points: Vec<(f64, f64)>,
    /// Every candidate that can be told apart from simpler ones, the best first.
    pub candidates: Vec<Candidate>,
    pub(super) data: Data,
}

impl Growth {
    /// Fits every candidate to medians by size, ascending.
    ///
    /// # Errors
    /// Why no growth can be told: fewer than [`FEWEST_SIZES`] sizes, or values of 0 or less, whose
    /// relative errors mean nothing.
    pub fn fit(points: Vec<(f64, f64)>) -> Result<Growth, String> {
        if points.len() < FEWEST_SIZES {
            return Err(format!(
                "{} of at least {FEWEST_SIZES} sizes are known",
                points.len()
            ));
        }
        if let Some((n, y)) = points.iter().find(|(n, y)| !(*n > 0.0 && *y > 0.0)) {
            return Err(format!(
                "it is {y} at {n}, and a growth is told of values above 0"
            ));
        }
        let data = Data::new(&points);
        let smallest = points.first().map_or(0.0, |point| point.0);
        let mut candidates: Vec<Candidate> = Model::ALL
            .into_iter()
            .filter(|model| model.fits_from(smallest))
            .map(|model| Fit::new(model, &data))
            .filter(|fit| !fit.degenerate())
            .map(|fit| Candidate {
                curve: fit.curve(),
                behind: criterion(&fit, data.n.len()),
                weight: 0.0,
                left_out: left_out(fit.model, &data),
                equivalent: false,
                fit,
            })
            .collect();
        // The sort is stable: of equals the simpler one comes first.
        candidates.sort_by(|a, b| a.behind.total_cmp(&b.behind));
        let best = candidates.first().map_or(0.0, |candidate| candidate.behind);
        let foretells = candidates.iter().map(|candidate| candidate.left_out);
        let foretells = foretells.fold(f64::INFINITY, f64::min);
        let mut total = 0.0;
        for candidate in &mut candidates {
            candidate.behind -= best;
            candidate.weight = (-candidate.behind / 2.0).exp();
            total += candidate.weight;
            candidate.equivalent =
                candidate.behind <= EQUIVALENT || candidate.left_out <= foretells;
        }
        for candidate in &mut candidates {
            candidate.weight /= total;
        }
        Ok(Growth {
            points,
            candidates,
            data,
        })
    }

    /// The candidate with the best criterion.
    pub fn chosen(&self) -> &Candidate {
        &self.candidates[0]
    }

    /// The candidate that predicts sizes left out best.
    pub fn foretelling(&self) -> &Candidate {
        let mut candidates = self.candidates.iter();
        let first = candidates.next().unwrap_or(&self.candidates[0]);
        candidates.fold(first, |best, other| {
            if other.left_out < best.left_out {
                other
            } else {
                best
            }
        })
    }

    /// The largest size.
    pub fn largest(&self) -> f64 {
        self.points.last().map_or(f64::NAN, |point| point.0)
    }

    /// The smallest size.
    pub fn smallest(&self) -> f64 {
        self.points.first().map_or(f64::NAN, |point| point.0)
    }

    /// The equivalent ones among some models, with weights that add up to 1.
    pub(super) fn supported(&self, of: impl Fn(Model) -> bool) -> Vec<(f64, &Fit)> {
        let all = || self.candidates.iter().filter(|c| of(c.fit.model));
        let best = all().map(|c| c.behind).fold(f64::INFINITY, f64::min);
        let chosen: Vec<&Candidate> = all().filter(|c| c.behind - best <= EQUIVALENT).collect();
        let total: f64 = chosen.iter().map(|c| c.weight).sum();
        chosen.iter().map(|c| (c.weight / total, &c.fit)).collect()
    }
}

/// The residuals' variance with that of the resolution added, `parameters` taken off the sizes.
pub(super) fn variance(fit: &Fit, sizes: usize) -> f64 {
    let free = sizes.saturating_sub(fit.model.parameters()).max(1) as f64;
    fit.squares / free + RESOLUTION * RESOLUTION
}

/// AICc (Hurvich and Tsai 1989) for normal errors of the logarithms, their variance one more
/// parameter. Where there are too few sizes for it to be defined, the correction's denominator is
/// held at 1, which leaves a large but finite price for another parameter.
fn criterion(fit: &Fit, sizes: usize) -> f64 {
    let n = sizes as f64;
    let k = fit.model.parameters() as f64 + 1.0;
    let spread = fit.squares / n + RESOLUTION * RESOLUTION;
    n * spread.ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0).max(1.0)
}

/// How far off each size is predicted from the others, as a root mean square of logarithms.
fn left_out(model: Model, data: &Data) -> f64 {
    let off = (0..data.n.len()).map(|place| {
        let fit = Fit::new(model, &data.without(place));
        fit.ln_at(data.n[place]) - data.ln_y[place]
    });
    let mean = off.map(|off| off * off).sum::<f64>() / data.n.len().max(1) as f64;
    mean.sqrt()
}
