//! Which templates lie where: a file is a row of chunks, each at a stretch of the references that no other one has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::random::named;

/// What a generated file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Position groups of about three molecules, 2.7 templates each; UMIs of 12 letters.
    Many,
    /// Nine tenths of the templates in one to four position groups, of some 1.1 million templates where there are so many;
    /// the rest as in `many`.
    Deep,
    /// The same with UMIs of 16 to 18 letters, so many at each position.
    AmpliconAdjacency,
    /// UMIs of two halves, 8 letters each, from both strands; 2,000 to 20,000 distinct ones at each position.
    DualPaired,
}

/// Templates of a chunk at most.
pub(super) const CHUNK: u64 = 4096;
/// Bases of the stretch of a chunk; position groups of one chunk have 60 each and more.
pub(super) const STRETCH: u64 = CHUNK * 64;
/// Stretches of a reference.
const STRETCHES: u64 = 600;
/// Bases of a reference.
pub(super) const REFERENCE: u64 = STRETCH * STRETCHES;
/// Templates of a deep group, about, where there are but a few.
const DEEP: u64 = 1_125_000;

/// Templates that are made in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    kind: Kind,
    first_chunk: u64,
    first_template: u64,
    templates: u64,
    first_stretch: u64,
}

/// How templates are spread over positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Over many.
    Many,
    /// All at one, with so many molecules.
    One { molecules: u64 },
}

/// One chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) kind: Kind,
    pub(super) number: u64,
    pub(super) first_template: u64,
    pub(super) templates: u64,
    pub(super) stretch: u64,
    /// Letters of a UMI, of each half where it has two.
    pub(super) letters: u32,
    pub(super) dual: bool,
}

impl Chunk {
    /// The reference, and the first base of the chunk's stretch.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.stretch / STRETCHES, self.stretch % STRETCHES * STRETCH)
    }
}

/// All chunks of a file.
#[derive(Debug)]
pub(super) struct Plan {
    shape: Shape,
    parts: Vec<Part>,
    chunks: u64,
    stretches: u64,
}

impl Plan {
    pub(super) fn new(shape: Shape, templates: u64, seed: u64) -> Self {
        let mut plan = Self {
            shape,
            parts: Vec::new(),
            chunks: 0,
            stretches: 0,
        };
        let mut left = templates;
        match shape {
            Shape::Many => plan.many(&mut left, templates),
            Shape::Deep | Shape::AmpliconAdjacency => {
                let deep = templates / 10 * 9;
                let groups = ((deep + DEEP / 2) / DEEP).clamp(1, 4);
                let between = (templates - deep) / (groups + 1);
                for group in 0..groups {
                    plan.many(&mut left, between);
                    plan.one(&mut left, deep / groups + u64::from(group < deep % groups));
                }
                let rest = left;
                plan.many(&mut left, rest);
            }
            Shape::DualPaired => {
                while left > 0 {
                    let place = plan.stretches;
                    plan.one(&mut left, 5000 << (named(seed, &[0xd, place]) % 4));
                }
            }
        }
        plan
    }

    fn many(&mut self, left: &mut u64, templates: u64) {
        let templates = templates.min(*left);
        let chunks = templates.div_ceil(CHUNK);
        self.push(left, Kind::Many, templates, chunks);
    }

    fn one(&mut self, left: &mut u64, templates: u64) {
        let templates = templates.min(*left);
        // With a mean of 2.45 the molecules that have any template have 2.7.
        let molecules = (templates * 100 / 245).max(1);
        self.push(left, Kind::One { molecules }, templates, 1);
    }

    fn push(&mut self, left: &mut u64, kind: Kind, templates: u64, stretches: u64) {
        if templates == 0 {
            return;
        }
        let first_template = self
            .parts
            .last()
            .map_or(0, |part| part.first_template + part.templates);
        self.parts.push(Part {
            kind,
            first_chunk: self.chunks,
            first_template,
            templates,
            first_stretch: self.stretches,
        });
        self.chunks += templates.div_ceil(CHUNK);
        self.stretches += stretches;
        *left -= templates;
    }

    pub(super) fn chunks(&self) -> u64 {
        self.chunks
    }

    pub(super) fn references(&self) -> u64 {
        self.stretches.div_ceil(STRETCHES).max(1)
    }

    /// A chunk by its number.
    pub(super) fn chunk(&self, number: u64) -> Option<Chunk> {
        let after = self
            .parts
            .partition_point(|part| part.first_chunk <= number);
        let place = after.checked_sub(1)?;
        let part = self.parts.get(place)?;
        let index = number - part.first_chunk;
        let begin = index * CHUNK;
        let templates = part
            .templates
            .checked_sub(begin)
            .filter(|left| *left > 0)?
            .min(CHUNK);
        let many = part.kind == Kind::Many;
        let letters = match self.shape {
            Shape::Many | Shape::Deep => 12,
            Shape::AmpliconAdjacency => 16 + (place / 2 % 3) as u32,
            Shape::DualPaired => 8,
        };
        Some(Chunk {
            kind: part.kind,
            number,
            first_template: part.first_template + begin,
            templates,
            stretch: part.first_stretch + if many { index } else { 0 },
            letters,
            dual: self.shape == Shape::DualPaired,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_in_one_chunk_and_stretches_ascend() {
        for shape in [
            Shape::Many,
            Shape::Deep,
            Shape::AmpliconAdjacency,
            Shape::DualPaired,
        ] {
            for templates in [1, 9, 4096, 50_000, 3_000_001] {
                let plan = Plan::new(shape, templates, 7);
                let (mut next, mut stretch) = (0, 0);
                for number in 0..plan.chunks() {
                    let chunk = plan.chunk(number).unwrap();
                    assert_eq!(chunk.first_template, next);
                    assert!((1..=CHUNK).contains(&chunk.templates));
                    assert!(chunk.stretch >= stretch, "{shape:?} {templates}");
                    next += chunk.templates;
                    stretch = chunk.stretch;
                }
                assert_eq!(next, templates, "{shape:?}");
                assert_eq!(plan.chunk(plan.chunks()), None);
                assert!(stretch < plan.references() * STRETCHES);
            }
        }
    }

    #[test]
    fn deep_files_have_their_templates_in_few_groups() {
        let groups = |templates| {
            let plan = Plan::new(Shape::Deep, templates, 1);
            let deep = plan.parts.iter().filter(|part| part.kind != Kind::Many);
            let sizes: Vec<_> = deep.map(|part| part.templates).collect();
            assert_eq!(sizes.iter().sum::<u64>(), templates / 10 * 9);
            sizes
        };
        assert_eq!(groups(10_000_000), [2_250_000; 4]);
        assert_eq!(groups(2_500_000), [1_125_000; 2]);
        assert_eq!(groups(1000), [900]);
    }
}
