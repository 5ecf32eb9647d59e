//! From the texts of a position group to numbers, strategy by strategy.

use super::super::Strand;
use super::super::code::is_encodable;
use super::super::walk::walk;
use super::words::{Family, Member, Texts, families, letters};
use crate::account::Account;
use crate::bam::RecordProblem;
use crate::settings::{Settings, Strategy};

/// A template as far as its number depends on it.
#[derive(Debug, Clone)]
pub(crate) struct Template<'a> {
    /// In upper case.
    pub(crate) umi: &'a [u8],
    pub(crate) orientation: u8,
    pub(crate) strand: Strand,
}

/// What a template is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    /// What templates are sorted by in the output: the molecule, or where it has strands, twice that and one more for B.
    pub(crate) sort: u64,
    pub(crate) strand: Option<Strand>,
}

/// A template whose UMI is not as the strategy needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) template: usize,
    pub(crate) problem: RecordProblem,
}

/// Bytes that a template takes, about: its number and place, and its text in its subgroup and in its family.
const TEMPLATE: usize = size_of::<Number>() + size_of::<usize>() + 2 * size_of::<Member<Vec<u8>>>();

/// Numbers the templates of one position group, in their order; how many numbers were used. What that takes is counted.
pub(crate) fn assign(
    templates: &[Template<'_>],
    settings: &Settings,
    account: &Account,
) -> Result<(Vec<Number>, u64), Wrong> {
    let letters = templates.iter().map(|template| template.umi.len());
    let _held = account.hold((templates.len() * TEMPLATE + 2 * letters.sum::<usize>()) as u64);
    let mut group = Group {
        templates,
        settings,
        account,
        numbers: vec![
            Number {
                sort: 0,
                strand: None
            };
            templates.len()
        ],
        used: 0,
    };
    let all: Vec<usize> = (0..templates.len()).collect();
    if settings.strategy == Strategy::Paired {
        group.paired(&all)?;
        return Ok((group.numbers, group.used));
    }
    for orientation in 0..4 {
        let is_in = |member: &usize| templates[*member].orientation == orientation;
        let members: Vec<usize> = all.iter().copied().filter(is_in).collect();
        group.subgroup(&members)?;
    }
    Ok((group.numbers, group.used))
}

pub(super) struct Group<'a> {
    pub(super) templates: &'a [Template<'a>],
    pub(super) settings: &'a Settings,
    pub(super) account: &'a Account,
    pub(super) numbers: Vec<Number>,
    pub(super) used: u64,
}

impl Group<'_> {
    /// Numbers the templates of one orientation.
    fn subgroup(&mut self, members: &[usize]) -> Result<(), Wrong> {
        let Some(least) = self.settings.min_umi_length else {
            let texts = members
                .iter()
                .map(|member| (*member, self.templates[*member].umi.to_vec()));
            return self.strategy(texts.collect());
        };
        let least = least as usize;
        let only = |umi: &[u8]| -> Vec<u8> {
            umi.iter()
                .copied()
                .filter(|letter| b"ACGT".contains(letter))
                .collect()
        };
        let mut texts: Vec<Member<Vec<u8>>> = members
            .iter()
            .map(|member| (*member, only(self.templates[*member].umi)))
            .collect();
        let mut splits = vec![texts.len()];
        if self.settings.edits == 0 {
            // What is sorted by its beginning stays in the order of the templates.
            texts.sort_by(|one, other| one.1[..least].cmp(&other.1[..least]));
            splits = texts
                .chunk_by(|one, next| one.1[..least] == next.1[..least])
                .map(<[_]>::len)
                .collect();
        }
        for count in splits {
            let rest = texts.split_off(count);
            let shortest = texts.iter().map(|member| member.1.len()).min();
            let cut = |(member, mut text): Member<Vec<u8>>| {
                text.truncate(shortest.unwrap_or(least));
                (member, text)
            };
            self.strategy(texts.into_iter().map(cut).collect())?;
            texts = rest;
        }
        Ok(())
    }

    /// Numbers templates by texts that are compared as they are.
    fn strategy(&mut self, members: Vec<Member<Vec<u8>>>) -> Result<(), Wrong> {
        if self.settings.strategy == Strategy::Identity {
            self.each(families(members));
            return Ok(());
        }
        let (valid, odd): (Vec<_>, Vec<_>) = members
            .into_iter()
            .partition(|member| is_encodable(&member.1));
        if let [first, ..] = &valid[..] {
            let count = letters(&first.1).len();
            let other = valid
                .iter()
                .find(|member| letters(&member.1).len() != count);
            if let Some((template, _)) = other {
                return Err(Wrong {
                    template: *template,
                    problem: RecordProblem::UmiLengths,
                });
            }
        }
        if self.settings.strategy == Strategy::Edit {
            let families = families(valid);
            let words = Texts::of(&families, |text| (text, 0));
            let molecules = walk(&words, None, self.settings.edits, self.account);
            self.molecules(&families, &molecules.of, molecules.roots.len());
        } else {
            self.adjacency(valid);
        }
        let mut odd = families(odd);
        odd.sort_by_key(|family| family[0].0);
        self.each(odd);
        Ok(())
    }

    fn adjacency(&mut self, members: Vec<Member<Vec<u8>>>) {
        // Families by their letters; the text with dashes that was seen first stands for all.
        let mut seen: Vec<_> = members
            .into_iter()
            .map(|(member, text)| (member, (letters(&text), text)))
            .collect();
        seen.sort_by(|one, other| (&one.1.0, one.0).cmp(&(&other.1.0, other.0)));
        let mut families: Vec<Family<(Vec<u8>, Vec<u8>)>> = seen
            .chunk_by(|one, next| one.1.0 == next.1.0)
            .map(<[_]>::to_vec)
            .collect();
        families.sort_by(|one, other| {
            (other.len().cmp(&one.len())).then_with(|| one[0].1.1.cmp(&other[0].1.1))
        });
        let counts: Vec<u32> = families.iter().map(|family| family.len() as u32).collect();
        let words = Texts::of(&families, |(letters, _)| (letters, 0));
        let molecules = walk(&words, Some(&counts), self.settings.edits, self.account);
        self.molecules(&families, &molecules.of, molecules.roots.len());
    }

    /// Gives each family a number of its own.
    pub(super) fn each<T>(&mut self, families: Vec<Family<T>>) {
        let numbers: Vec<u32> = (0..families.len() as u32).collect();
        self.molecules(&families, &numbers, families.len());
    }

    /// Gives families the numbers of their molecules, of which there are so many.
    fn molecules<T>(&mut self, families: &[Family<T>], of: &[u32], count: usize) {
        for (family, molecule) in families.iter().zip(of) {
            let molecule = self.used + u64::from(*molecule);
            for (member, _) in family {
                self.numbers[*member] = Number {
                    sort: molecule,
                    strand: None,
                };
            }
        }
        self.used += count as u64;
    }
}
