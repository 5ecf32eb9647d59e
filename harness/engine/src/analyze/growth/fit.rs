//! Least squares on logarithms for one model: the errors are relative, and the factor drops out as
//! a mean, which leaves at most two parameters to search for.
//!
//! A model is written `s (e^h + g(n)/g(n0))`, `n0` the geometric mean of the sizes: `s > 0` and
//! `e^h > 0` keep both parts from being negative, and `h` far below 0 is a model without an
//! intercept. The search is that of Levenberg (1944) and Marquardt (1963).

use super::model::{Curve, Model, Shape};

/// Bounds of `h`: beyond them one part is a millionth of the other.
const SHARE: (f64, f64) = (-16.0, 16.0);
/// Where an intercept, or a growing part, is as good as not there.
const NONE: f64 = 11.0;
/// Bounds of exponents.
const EXPONENT: (f64, f64) = (-4.0, 8.0);
/// Steps of a search at most; it takes about ten.
const STEPS: usize = 80;

/// Medians by size.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Data {
    /// Sizes, above 0.
    pub(super) n: Vec<f64>,
    /// Logarithms of the values.
    pub(super) ln_y: Vec<f64>,
    /// The geometric mean of the sizes.
    pub(super) middle: f64,
}

/// What a search is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Held {
    /// Nothing.
    Free,
    /// The curve passes through this logarithm at this size.
    Through(f64, f64),
    /// The exponent is this.
    Exponent(f64),
}

/// A fitted model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    pub(super) model: Model,
    /// `h`.
    share: f64,
    /// `k`.
    exponent: f64,
    /// `ln s`.
    scale: f64,
    /// The geometric mean of the sizes that it was fitted to.
    middle: f64,
    /// Sum of squared residuals of the logarithms.
    pub(super) squares: f64,
}

impl Data {
    /// From sizes and values, all above 0.
    pub(super) fn new(points: &[(f64, f64)]) -> Data {
        let n: Vec<f64> = points.iter().map(|point| point.0).collect();
        let mean = n.iter().map(|n| n.ln()).sum::<f64>() / n.len().max(1) as f64;
        Data {
            ln_y: points.iter().map(|point| point.1.ln()).collect(),
            middle: mean.exp(),
            n,
        }
    }

    /// All but one.
    pub(super) fn without(&self, place: usize) -> Data {
        let rest = (0..self.n.len()).filter(|other| *other != place);
        let points: Vec<(f64, f64)> = rest.map(|i| (self.n[i], self.ln_y[i].exp())).collect();
        Data::new(&points)
    }
}

impl Fit {
    /// The best fit of a model, searched for from several places.
    pub(super) fn new(model: Model, data: &Data) -> Fit {
        let shares: &[f64] = match model.intercept {
            true => &[-5.0, -2.0, 0.0, 3.0],
            false => &[f64::NEG_INFINITY],
        };
        let slope = slope(data);
        let slopes = [slope, 0.5, 1.2, 2.0, 3.5];
        let exponents = match (model.has_exponent(), model.intercept) {
            (true, true) => &slopes[..],
            (true, false) => &slopes[..1],
            (false, _) => &[0.0],
        };
        let mut best: Option<Fit> = None;
        for &share in shares {
            for &exponent in exponents {
                let found = search(model, data, Held::Free, (share, exponent));
                if best.is_none_or(|best| found.squares < best.squares) {
                    best = Some(found);
                }
            }
        }
        best.unwrap_or_else(|| search(model, data, Held::Free, (0.0, 1.0)))
    }

    /// The same model where it is held to something, searched for from here.
    pub(super) fn held(&self, data: &Data, held: Held) -> Fit {
        search(self.model, data, held, (self.share, self.exponent))
    }

    /// Whether its intercept, or its growing part, is as good as not there, so that it says what a
    /// simpler model says.
    pub(super) fn degenerate(&self) -> bool {
        self.model.intercept && self.share.abs() > NONE
    }

    /// The logarithm of the curve at a size.
    pub(super) fn ln_at(&self, n: f64) -> f64 {
        self.scale + shape(self.model, self.middle, n, self.share, self.exponent).value
    }

    /// The curve with its parameters as they are written.
    pub(super) fn curve(&self) -> Curve {
        let model = self.model;
        if model.shape == Shape::Constant {
            let a = self.scale.exp();
            let (b, k) = (0.0, 0.0);
            return Curve { model, a, b, k };
        }
        let k = if model.has_exponent() {
            self.exponent
        } else {
            0.0
        };
        Curve {
            model,
            a: if model.intercept {
                (self.scale + self.share).exp()
            } else {
                0.0
            },
            b: (self.scale - model.ln_g(self.middle, k)).exp(),
            k,
        }
    }
}

/// The slope of the logarithms.
fn slope(data: &Data) -> f64 {
    let mean_y = data.ln_y.iter().sum::<f64>() / data.ln_y.len().max(1) as f64;
    let (mut above, mut below) = (0.0, 0.0);
    for (n, y) in data.n.iter().zip(&data.ln_y) {
        let x = (n / data.middle).ln();
        above += x * (y - mean_y);
        below += x * x;
    }
    (above / below.max(f64::MIN_POSITIVE)).clamp(EXPONENT.0, EXPONENT.1)
}

/// `ln(e^h + g(n)/g(n0))` and how it changes with `h` and `k`.
struct Shaped {
    value: f64,
    by: [f64; 2],
}

fn shape(model: Model, middle: f64, n: f64, share: f64, exponent: f64) -> Shaped {
    let growing = model.ln_g(n, exponent) - model.ln_g(middle, exponent);
    let by_exponent = if model.has_exponent() {
        (n / middle).ln()
    } else {
        0.0
    };
    if !model.intercept {
        return Shaped {
            value: growing,
            by: [0.0, by_exponent],
        };
    }
    // Neither power may overflow: the larger one is taken out.
    let (more, less) = (share.max(growing), share.min(growing));
    let value = more + (less - more).exp().ln_1p();
    Shaped {
        value,
        by: [(share - value).exp(), (growing - value).exp() * by_exponent],
    }
}

/// Residuals and their derivatives at a place, the factor put where it is best or held to.
struct Looked {
    scale: f64,
    squares: f64,
    residuals: Vec<f64>,
    by: Vec<[f64; 2]>,
}

fn look(model: Model, data: &Data, held: Held, (share, exponent): (f64, f64)) -> Looked {
    let at = |n: f64| shape(model, data.middle, n, share, exponent);
    let shaped: Vec<Shaped> = data.n.iter().map(|n| at(*n)).collect();
    let (scale, origin) = match held {
        Held::Through(n, ln_y) => {
            let there = at(n);
            (ln_y - there.value, there.by)
        }
        Held::Free | Held::Exponent(_) => {
            let count = shaped.len().max(1) as f64;
            let mean = |of: &dyn Fn(usize) -> f64| (0..shaped.len()).map(of).sum::<f64>() / count;
            let scale = mean(&|i| data.ln_y[i] - shaped[i].value);
            (
                scale,
                [mean(&|i| shaped[i].by[0]), mean(&|i| shaped[i].by[1])],
            )
        }
    };
    let residuals: Vec<f64> = data
        .ln_y
        .iter()
        .zip(&shaped)
        .map(|(y, shaped)| y - scale - shaped.value)
        .collect();
    let by = shaped.iter().map(|shaped| {
        let frozen = matches!(held, Held::Exponent(_));
        let k = if frozen {
            0.0
        } else {
            origin[1] - shaped.by[1]
        };
        [origin[0] - shaped.by[0], k]
    });
    Looked {
        scale,
        squares: residuals.iter().map(|r| r * r).sum(),
        by: by.collect(),
        residuals,
    }
}

/// Searches from a place for the least squares.
fn search(model: Model, data: &Data, held: Held, start: (f64, f64)) -> Fit {
    let mut place = match held {
        Held::Exponent(exponent) => (start.0, exponent),
        Held::Free | Held::Through(..) => start,
    };
    let mut here = look(model, data, held, place);
    let mut damping = 1e-3;
    for _ in 0..STEPS {
        let Some(step) = step(&here, damping) else {
            break;
        };
        let next = (
            if model.intercept {
                (place.0 + step[0]).clamp(SHARE.0, SHARE.1)
            } else {
                place.0
            },
            match held {
                Held::Exponent(exponent) => exponent,
                _ => (place.1 + step[1]).clamp(EXPONENT.0, EXPONENT.1),
            },
        );
        let there = look(model, data, held, next);
        if there.squares < here.squares {
            let gained = here.squares - there.squares;
            let enough = gained <= 1e-10 * here.squares;
            (place, here) = (next, there);
            damping = (damping * 0.2_f64).max(1e-12);
            if enough {
                break;
            }
        } else {
            damping *= 8.0;
            if damping > 1e9 {
                break;
            }
        }
    }
    Fit {
        model,
        share: place.0,
        exponent: place.1,
        scale: here.scale,
        middle: data.middle,
        squares: here.squares,
    }
}

/// The damped step: solves `(J'J + damping D) step = -J'r` in two unknowns; an unknown that changes
/// nothing stays. Nothing where none changes anything.
fn step(looked: &Looked, damping: f64) -> Option<[f64; 2]> {
    let (mut a, mut b, mut d, mut u, mut v) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (r, by) in looked.residuals.iter().zip(&looked.by) {
        a += by[0] * by[0];
        b += by[0] * by[1];
        d += by[1] * by[1];
        u -= by[0] * r;
        v -= by[1] * r;
    }
    const FLAT: f64 = 1e-18;
    match (a > FLAT, d > FLAT) {
        (false, false) => None,
        (true, false) => Some([u / (a * (1.0 + damping)), 0.0]),
        (false, true) => Some([0.0, v / (d * (1.0 + damping))]),
        (true, true) => {
            let (a, d) = (a * (1.0 + damping), d * (1.0 + damping));
            let determinant = a * d - b * b;
            (determinant > 0.0)
                .then(|| [(u * d - v * b) / determinant, (v * a - u * b) / determinant])
        }
    }
}
