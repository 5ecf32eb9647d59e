//! UMIs of one form, as codes: runs of equal ones in a sorted list are the distinct UMIs with their counts.

use std::cmp::Reverse;

use super::code::{differences, turn};
use super::neighbours::Words;
use super::walk::walk;
use super::{Form, Strand, exchanged};
use crate::account::{Account, heap_bytes};
use crate::settings::{Settings, Strategy};

/// A template as far as its number depends on it.
pub(crate) trait Numbered {
    /// Orientation and code; with paired the orientation is the same for all.
    fn umi(&self) -> (u8, u64);

    /// Its strand, before it is numbered.
    fn strand(&self) -> Strand;

    /// Gives it what it is sorted by: its molecule's number, or where it has a strand, twice that and one more for B.
    fn number(&mut self, sort: u64, strand: Option<Strand>);
}

/// A distinct UMI: its code, and the templates that have it.
#[derive(Debug, Clone, Copy)]
struct Distinct {
    code: u64,
    begin: u32,
    count: u32,
}

/// Numbers the templates of one position group, which are sorted by orientation and code; how many numbers were used.
/// What that takes is counted.
pub(crate) fn assign<T: Numbered>(
    templates: &mut [T],
    form: Form,
    settings: &Settings,
    account: &Account,
) -> u64 {
    let mut used = 0;
    for group in templates.chunk_by_mut(|one, next| one.umi().0 == next.umi().0) {
        used += match settings.strategy {
            Strategy::Identity => identity(group, used),
            _ => clustered(group, used, form, settings, account),
        };
    }
    used
}

fn identity<T: Numbered>(group: &mut [T], base: u64) -> u64 {
    let mut number = base;
    for family in group.chunk_by_mut(|one, next| one.umi() == next.umi()) {
        for template in family {
            template.number(number, None);
        }
        number += 1;
    }
    number - base
}

fn clustered<T: Numbered>(
    group: &mut [T],
    base: u64,
    form: Form,
    settings: &Settings,
    account: &Account,
) -> u64 {
    let (strategy, edits) = (settings.strategy, settings.edits);
    let mut begin = 0;
    let mut distinct: Vec<Distinct> = group
        .chunk_by(|one, next| one.umi() == next.umi())
        .map(|family| {
            // The templates of a group are counted in 32 bits.
            let count = family.len() as u32;
            let found = Distinct {
                code: family[0].umi().1,
                begin,
                count,
            };
            begin += count;
            found
        })
        .collect();
    if strategy != Strategy::Edit {
        // Equal counts stay in the order of their codes.
        distinct.sort_by_key(|umi| Reverse(umi.count));
    }
    let counts: Vec<u32> = distinct.iter().map(|umi| umi.count).collect();
    let words = Codes {
        codes: distinct.iter().map(|umi| umi.code).collect(),
        letters: u32::from(form.letters),
    };
    let lists = heap_bytes(&distinct) + heap_bytes(&counts) + heap_bytes(&words.codes);
    let _held = account.hold(lists);
    let counted = (strategy != Strategy::Edit).then_some(&counts[..]);
    let molecules = walk(&words, counted, edits, account);
    for (umi, &molecule) in distinct.iter().zip(&molecules.of) {
        let number = base + u64::from(molecule);
        let family = &mut group[umi.begin as usize..][..umi.count as usize];
        if strategy == Strategy::Paired {
            let root = words.codes[molecules.roots[molecule as usize] as usize];
            let turned = turn(umi.code, form.letters);
            let exchange = exchanged(
                differences(root, umi.code),
                differences(root, turned),
                edits,
            );
            for template in family {
                let strand = template.strand();
                let strand = if exchange { strand.other() } else { strand };
                template.number(2 * number + strand as u64, Some(strand));
            }
        } else {
            for template in family {
                template.number(number, None);
            }
        }
    }
    molecules.roots.len() as u64
}

/// Distinct codes of so many letters.
struct Codes {
    codes: Vec<u64>,
    letters: u32,
}

impl Words for Codes {
    fn count(&self) -> usize {
        self.codes.len()
    }

    #[inline]
    fn differences(&self, one: usize, other: usize) -> u32 {
        differences(self.codes[one], self.codes[other])
    }

    fn letters(&self) -> Option<u32> {
        Some(self.letters)
    }

    fn code(&self, word: usize) -> u64 {
        self.codes[word]
    }

    fn part(&self, word: usize, part: u32, parts: u32) -> u64 {
        self::part(self.codes[word], self.letters, part, parts)
    }
}

/// The letters that a code has in one of so many parts.
pub(crate) fn part(code: u64, letters: u32, part: u32, parts: u32) -> u64 {
    let bound = |part: u32| 2 * (letters * part / parts);
    let (from, to) = (bound(part), bound(part + 1));
    if from == to {
        return 0;
    }
    (code >> from) & (u64::MAX >> (64 - (to - from)))
}
