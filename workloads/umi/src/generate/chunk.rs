//! The records of one chunk.

use super::plan::{Chunk, Kind, STRETCH};
use super::random::{Random, mix};
use super::record::{READ, Read};

/// Distance of position groups within a chunk, and by how much a position may lie off it.
const STEP: u64 = 60;
const OFF: u64 = 50;
/// Shortest and longest template.
const TEMPLATE: (u64, u64) = (200, 500);
/// Quality scores as a sequencer that has but four of them gives them.
const SCORES: [u8; 4] = [37, 25, 11, 2];

/// Where the templates of a position group lie.
#[derive(Debug)]
struct Position {
    reference: u32,
    left: u32,
    length: u32,
    /// The bases of the read to the left and of the one to the right, as the reference has them.
    bases: [[u8; READ / 2]; 2],
}

impl Position {
    fn new(seed: u64, chunk: &Chunk, group: u64, random: &mut Random) -> Self {
        let (reference, begin) = chunk.place();
        let left = begin + group * STEP + random.below(OFF);
        let length = TEMPLATE.0 + random.below(TEMPLATE.1 - TEMPLATE.0);
        // A reference has 157 million bases.
        let bases = |at: u64| {
            let mut bases = [0; READ / 2];
            for (pair, packed) in bases.iter_mut().enumerate() {
                let at = at + 2 * pair as u64;
                *packed = base(seed, reference, at) << 4 | base(seed, reference, at + 1);
            }
            bases
        };
        Self {
            reference: reference as u32,
            left: left as u32,
            length: length as u32,
            bases: [bases(left), bases(left + length - READ as u64)],
        }
    }
}

/// The reference's base at a place, in BAM's code.
fn base(seed: u64, reference: u64, at: u64) -> u8 {
    let word = mix(seed ^ ((reference << 40) | (at / 32)).wrapping_mul(0xd134_2543_de82_ef95));
    1 << (word >> (2 * (at % 32)) & 3)
}

/// Another base, in BAM's code.
fn next_base(base: u8) -> u8 {
    if base == 8 { 1 } else { base << 1 }
}

/// A molecule: its UMI, and whether its r1 lies to the left.
#[derive(Debug, Clone)]
struct Molecule {
    umi: Vec<u8>,
    r1_left: bool,
}

impl Molecule {
    fn new(chunk: &Chunk, random: &mut Random) -> Self {
        let halves = 1 + usize::from(chunk.dual);
        let mut umi = Vec::with_capacity(40);
        for half in 0..halves {
            if half > 0 {
                umi.push(b'-');
            }
            let bits = random.bits();
            umi.extend(
                (0..chunk.letters).map(|letter| b"ACGT"[(bits >> (2 * letter) & 3) as usize]),
            );
        }
        Self {
            umi,
            r1_left: random.bits() & 1 == 1,
        }
    }

    /// The other strand: ends and halves exchanged.
    fn turned(&self) -> Self {
        let middle = self.umi.len() / 2;
        Self {
            umi: [&self.umi[middle + 1..], b"-", &self.umi[..middle]].concat(),
            r1_left: !self.r1_left,
        }
    }
}

/// Makes chunks.
#[derive(Debug)]
pub(super) struct Maker {
    seed: u64,
    random: Random,
    template: u64,
    out: Vec<u8>,
}

impl Maker {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            random: Random::stream(seed, &[]),
            template: 0,
            out: Vec::new(),
        }
    }

    /// The records of a chunk, each with its length.
    pub(super) fn make(&mut self, chunk: &Chunk) -> &[u8] {
        self.out.clear();
        self.template = chunk.first_template;
        self.random = Random::stream(self.seed, &[1, chunk.number]);
        match chunk.kind {
            Kind::Many => self.many(chunk),
            Kind::One { molecules } => self.one(chunk, molecules),
        }
        &self.out
    }

    fn many(&mut self, chunk: &Chunk) {
        let mut left = chunk.templates;
        let mut group = 0;
        while left > 0 {
            let position = Position::new(self.seed, chunk, group, &mut self.random);
            let mut templates = Vec::new();
            for _ in 0..1 + self.random.below(5) {
                let molecule = Molecule::new(chunk, &mut self.random);
                // A mean of 2.7.
                for _ in 0..self.random.run(630) {
                    templates.push(molecule.clone());
                }
            }
            templates.truncate(left as usize);
            left -= templates.len() as u64;
            group += 1;
            // Names ascend; molecules come in any order.
            for last in (1..templates.len()).rev() {
                let other = self.random.below(last as u64 + 1) as usize;
                templates.swap(last, other);
            }
            for molecule in templates {
                self.pair(&position, molecule);
            }
        }
    }

    fn one(&mut self, chunk: &Chunk, molecules: u64) {
        // All chunks of a group have its position, and know its molecules by their numbers.
        let mut random = Random::stream(self.seed, &[2, chunk.stretch]);
        let position = Position::new(self.seed, chunk, 0, &mut random);
        for _ in 0..chunk.templates {
            let number = self.random.below(molecules);
            let mut random = Random::stream(self.seed, &[3, chunk.stretch, number]);
            let molecule = Molecule::new(chunk, &mut random);
            let turned = chunk.dual && self.random.bits() & 1 == 1;
            let molecule = if turned { molecule.turned() } else { molecule };
            self.pair(&position, molecule);
        }
    }

    /// A template of a molecule, with errors in its UMI and bases.
    fn pair(&mut self, position: &Position, mut molecule: Molecule) {
        let random = &mut self.random;
        for letter in &mut molecule.umi {
            if *letter != b'-' && random.one_in(500) {
                *letter = b"ACGT"[random.below(4) as usize];
            }
        }
        if random.one_in(500) {
            molecule.umi[0] = b'N';
        }
        let quality = if random.one_in(100) { 0 } else { 60 };
        let name = format!("umi:1:1101:{:010}", self.template);
        self.template += 1;
        let right = position.left + position.length - READ as u32;
        for side in 0..2 {
            let random = &mut self.random;
            let mut bases = position.bases[side];
            let mut differences = 0;
            let mut at = random.below(700);
            while at < READ as u64 {
                let place = (at / 2) as usize;
                bases[place] = if at.is_multiple_of(2) {
                    next_base(bases[place] >> 4) << 4 | bases[place] & 15
                } else {
                    bases[place] & 0xf0 | next_base(bases[place] & 15)
                };
                differences += 1;
                at += 1 + random.below(700);
            }
            let qualities = qualities(random);
            let is_left = side == 0;
            let is_r1 = is_left == molecule.r1_left;
            let read = Read {
                name: name.as_bytes(),
                reference: position.reference,
                position: if is_left { position.left } else { right },
                mate_position: if is_left { right } else { position.left },
                template_length: position.length as i32 * if is_left { 1 } else { -1 },
                // Paired and proper; the right one of each pair is reverse.
                flags: 3 | if is_left { 0x20 } else { 0x10 } | if is_r1 { 0x40 } else { 0x80 },
                quality,
                bases: &bases,
                qualities: &qualities,
                differences,
                umi: &molecule.umi,
            };
            read.write(&mut self.out);
        }
    }
}

/// Long runs of the best score, short ones of others.
fn qualities(random: &mut Random) -> [u8; READ] {
    let mut qualities = [SCORES[0]; READ];
    let mut at = random.below(40) as usize;
    while at < READ {
        let bits = random.bits();
        let score = SCORES[[1, 1, 1, 2, 2, 1, 2, 3][(bits & 7) as usize]];
        let end = (at + 1 + (bits >> 8 & 1) as usize).min(READ);
        qualities[at..end].fill(score);
        at = end + (bits >> 32) as usize % 40;
    }
    qualities
}

// No chunk reaches into the stretch of the next.
const _: () = assert!(super::plan::CHUNK * STEP + OFF + TEMPLATE.1 < STRETCH);
