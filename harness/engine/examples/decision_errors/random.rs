//! Random values that only simulations need.

use plimsoll::random::Random;

pub(crate) fn coin(random: &mut Random) -> bool {
    random.bits() & 1 == 0
}

pub(crate) fn laplace(random: &mut Random) -> f64 {
    -random.unit().ln() * if coin(random) { 1.0 } else { -1.0 }
}

/// Student's t with 2 degrees of freedom: a normal value over the root of an exponential one.
pub(crate) fn student2(random: &mut Random) -> f64 {
    random.normal() / (-random.unit().ln()).sqrt()
}
