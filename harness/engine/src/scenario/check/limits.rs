//! Limits, of which none is 0.

use crate::scenario::Limits;
use crate::scenario::document::LimitsDoc;
use crate::scenario::error::Mistakes;
use crate::scenario::source::Span;

/// Limits with their defaults.
pub(crate) fn check_limits(doc: Option<&LimitsDoc>, mistakes: &mut Mistakes) -> Limits {
    let mut limits = Limits::default();
    let Some(doc) = doc else { return limits };
    let times = [
        ("wall", &doc.wall),
        ("cpu", &doc.cpu),
        ("stall", &doc.stall),
        ("total", &doc.total),
    ];
    for (name, field) in times {
        if let Some(at) = field.get().filter(|at| at.value.0.is_zero()) {
            refuse_zero(name, at.span, mistakes);
        }
    }
    for (name, field) in [
        ("memory", &doc.memory),
        ("address_space", &doc.address_space),
    ] {
        if let Some(at) = field.get().filter(|at| at.value.0 == 0) {
            refuse_zero(name, at.span, mistakes);
        }
    }
    limits.wall = doc.wall.value().map_or(limits.wall, |t| t.0);
    limits.cpu = doc.cpu.value().map(|t| t.0);
    limits.stall = doc.stall.value().map(|t| t.0);
    limits.memory = doc.memory.value().map(|b| b.0);
    limits.address_space = doc.address_space.value().map(|b| b.0);
    limits.grace = doc.grace.value().map_or(limits.grace, |t| t.0);
    limits.total = doc.total.value().map(|t| t.0);
    limits.output = doc.output.value().map_or(limits.output, |b| b.0);
    limits
}

fn refuse_zero(name: &str, span: Span, mistakes: &mut Mistakes) {
    mistakes.add(
        span,
        format!("with `{name}` at 0 nothing could run"),
        "zero",
        format!("leave `{name}` out for no limit of yours"),
    );
}
