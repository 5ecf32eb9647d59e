//! The candidate models: `a + b g(n)` with `a >= 0`, `b > 0`, and one of five shapes for `g`.

use std::fmt;

/// The growing part of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It does not grow.
    Constant,
    /// `log n`.
    Logarithmic,
    /// `n`.
    Linear,
    /// `n log n`.
    Linearithmic,
    /// `n^k`, `k` free.
    Power,
}

/// A candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// The growing part.
    pub shape: Shape,
    /// Whether there is a constant part beside it.
    pub intercept: bool,
}

/// A fitted candidate: `a + b g(n)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// What it is.
    pub model: Model,
    /// The constant part, 0 or more, in the metric's unit.
    pub a: f64,
    /// The factor of the growing part; 0 for a constant.
    pub b: f64,
    /// The exponent of a power; 0 for other shapes.
    pub k: f64,
}

impl Model {
    /// All candidates, the simpler ones first.
    pub const ALL: [Model; 9] = [
        Model::new(Shape::Constant, false),
        Model::new(Shape::Linear, false),
        Model::new(Shape::Linearithmic, false),
        Model::new(Shape::Logarithmic, false),
        Model::new(Shape::Logarithmic, true),
        Model::new(Shape::Linear, true),
        Model::new(Shape::Linearithmic, true),
        Model::new(Shape::Power, false),
        Model::new(Shape::Power, true),
    ];

    const fn new(shape: Shape, intercept: bool) -> Model {
        Model { shape, intercept }
    }

    /// How many parameters are fitted: factor, intercept, exponent.
    pub fn parameters(self) -> usize {
        1 + usize::from(self.intercept) + usize::from(self.shape == Shape::Power)
    }

    /// Whether the exponent is fitted.
    pub(super) fn has_exponent(self) -> bool {
        self.shape == Shape::Power
    }

    /// Whether it can be told of sizes from `smallest` up: logarithms must be above 0.
    pub(super) fn fits_from(self, smallest: f64) -> bool {
        !matches!(self.shape, Shape::Logarithmic | Shape::Linearithmic) || smallest > 1.0
    }

    /// `ln g(n)`; for a power with this exponent.
    pub(super) fn ln_g(self, n: f64, k: f64) -> f64 {
        match self.shape {
            Shape::Constant => 0.0,
            Shape::Logarithmic => n.ln().ln(),
            Shape::Linear => n.ln(),
            Shape::Linearithmic => n.ln() + n.ln().ln(),
            Shape::Power => k * n.ln(),
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match (self.shape, self.intercept) {
            (Shape::Constant, _) => "constant",
            (Shape::Logarithmic, true) => "a + b log n",
            (Shape::Logarithmic, false) => "b log n",
            (Shape::Linear, true) => "a + b n",
            (Shape::Linear, false) => "b n",
            (Shape::Linearithmic, true) => "a + b n log n",
            (Shape::Linearithmic, false) => "b n log n",
            (Shape::Power, true) => "a + b n^k",
            (Shape::Power, false) => "b n^k",
        };
        f.pad(text)
    }
}

impl Curve {
    /// Its value at a size.
    pub fn at(&self, n: f64) -> f64 {
        match self.model.shape {
            Shape::Constant => self.a,
            _ => self.a + self.b * self.model.ln_g(n, self.k).exp(),
        }
    }

    /// The exponent of the growing part, the intercept left out: the slope of `ln g` over `ln n`, at
    /// this size where it depends on it.
    pub fn exponent(&self, n: f64) -> f64 {
        match self.model.shape {
            Shape::Constant => 0.0,
            Shape::Logarithmic => 1.0 / n.ln(),
            Shape::Linear => 1.0,
            Shape::Linearithmic => 1.0 + 1.0 / n.ln(),
            Shape::Power => self.k,
        }
    }
}
