//! UMIs of any form, as texts: of several lengths, with dashes here and there, with other letters, or cut to a least
//! length.

use super::code::is_encodable;
use super::neighbours::Words;
use super::walk::walk;
use super::{Strand, exchanged};
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
    pub(crate) molecule: u64,
    /// What templates are sorted by in the output.
    pub(crate) sort: u64,
    pub(crate) strand: Option<Strand>,
}

/// A template whose UMI is not as the strategy needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) template: usize,
    pub(crate) problem: RecordProblem,
}

/// Numbers the templates of one position group, in their order; how many numbers were used.
pub(crate) fn assign(
    templates: &[Template<'_>],
    settings: &Settings,
) -> Result<(Vec<Number>, u64), Wrong> {
    let mut group = Group {
        templates,
        settings,
        numbers: vec![
            Number {
                molecule: 0,
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

struct Group<'a> {
    templates: &'a [Template<'a>],
    settings: &'a Settings,
    numbers: Vec<Number>,
    used: u64,
}

/// A template, and the text that stands for its UMI.
type Member<T> = (usize, T);

/// A distinct text: its templates, in their order.
type Family<T> = Vec<Member<T>>;

/// Distinct texts in ascending order.
fn families<T: Ord + Clone>(members: Vec<Member<T>>) -> Vec<Family<T>> {
    let mut members = members;
    members.sort_by(|one, other| (&one.1, one.0).cmp(&(&other.1, other.0)));
    members
        .chunk_by(|one, next| one.1 == next.1)
        .map(<[_]>::to_vec)
        .collect()
}

fn letters(umi: &[u8]) -> Vec<u8> {
    umi.iter()
        .copied()
        .filter(|letter| *letter != b'-')
        .collect()
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
            let molecules = walk(&words, None, self.settings.edits);
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
        let molecules = walk(&words, Some(&counts), self.settings.edits);
        self.molecules(&families, &molecules.of, molecules.roots.len());
    }

    /// Gives each family a number of its own.
    fn each<T>(&mut self, families: Vec<Family<T>>) {
        let numbers: Vec<u32> = (0..families.len() as u32).collect();
        self.molecules(&families, &numbers, families.len());
    }

    /// Gives families the numbers of their molecules, of which there are so many.
    fn molecules<T>(&mut self, families: &[Family<T>], of: &[u32], count: usize) {
        for (family, molecule) in families.iter().zip(of) {
            let molecule = self.used + u64::from(*molecule);
            for (member, _) in family {
                self.numbers[*member] = Number {
                    molecule,
                    sort: molecule,
                    strand: None,
                };
            }
        }
        self.used += count as u64;
    }

    fn paired(&mut self, all: &[usize]) -> Result<(), Wrong> {
        let mut valid: Vec<Member<(&[u8], &[u8])>> = Vec::new();
        let mut odd = Vec::new();
        for member in all {
            let template = &self.templates[*member];
            let (lower, higher) = halves(template).ok_or(Wrong {
                template: *member,
                problem: RecordProblem::UmiHalves,
            })?;
            if !is_encodable(lower) || !is_encodable(higher) {
                odd.push((*member, (lower, higher, template.strand)));
                continue;
            }
            valid.push((*member, (lower, higher)));
        }
        let count = |(_, (lower, higher)): &Member<(&[u8], &[u8])>| lower.len() + higher.len();
        let other = valid
            .iter()
            .find(|member| count(member) != count(&valid[0]));
        if let Some((template, _)) = other {
            return Err(Wrong {
                template: *template,
                problem: RecordProblem::UmiLengths,
            });
        }
        let mut families = self::families(valid);
        families.sort_by_key(|family| std::cmp::Reverse(family.len()));
        let counts: Vec<u32> = families.iter().map(|family| family.len() as u32).collect();
        let joined: Vec<Vec<u8>> = families
            .iter()
            .map(|family| [family[0].1.0, family[0].1.1].concat())
            .collect();
        let words = Texts(
            joined
                .iter()
                .zip(&families)
                .map(|(text, family)| (&text[..], family[0].1.0.len()))
                .collect(),
        );
        let molecules = walk(&words, Some(&counts), self.settings.edits);
        for (family, molecule) in families.iter().zip(&molecules.of) {
            let root = &families[molecules.roots[*molecule as usize] as usize];
            let exchange = is_exchanged(root[0].1, family[0].1, self.settings.edits);
            let molecule = self.used + u64::from(*molecule);
            for (member, _) in family {
                let strand = self.templates[*member].strand;
                let strand = if exchange { strand.other() } else { strand };
                self.numbers[*member] = Number {
                    molecule,
                    sort: 2 * molecule + strand as u64,
                    strand: Some(strand),
                };
            }
        }
        self.used += molecules.roots.len() as u64;
        let mut odd = self::families(odd);
        odd.sort_by_key(|family| family[0].0);
        self.each(odd);
        Ok(())
    }
}

/// The halves around the only dash, that of the lower end first.
fn halves<'a>(template: &Template<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let mut parts = template.umi.split(|letter| *letter == b'-');
    let (first, second, more) = (parts.next()?, parts.next()?, parts.next());
    if more.is_some() {
        return None;
    }
    Some(match template.strand {
        Strand::A => (first, second),
        Strand::B => (second, first),
    })
}

/// Whether a member of the root's molecule has its strands exchanged. Where halves differ in length, those of the
/// member turned round lie elsewhere, and all of the text is compared.
fn is_exchanged(root: (&[u8], &[u8]), member: (&[u8], &[u8]), edits: u32) -> bool {
    let differ = |one: &[u8], other: &[u8]| one.iter().zip(other).filter(|(a, b)| a != b).count();
    if root.0.len() == root.1.len() {
        let apart = differ(root.0, member.0) + differ(root.1, member.1);
        let turned = differ(root.0, member.1) + differ(root.1, member.0);
        return exchanged(apart as u32, turned as u32, edits);
    }
    let told = |letters: [u8; 2], (one, other): (&[u8], &[u8])| {
        let mark = |letter: u8| vec![letter; edits as usize + 1];
        [
            &mark(letters[0])[..],
            b":",
            one,
            b"-",
            &mark(letters[1]),
            b":",
            other,
        ]
        .concat()
    };
    let root = told(*b"AB", root);
    let apart = differ(&root, &told(*b"AB", member));
    apart >= differ(&root, &told(*b"BA", (member.1, member.0)))
}

/// Distinct texts, each with a place that must be the same for two to be compared.
struct Texts<'a>(Vec<(&'a [u8], usize)>);

impl<'a> Texts<'a> {
    fn of<T>(families: &'a [Family<T>], text: impl Fn(&'a T) -> (&'a Vec<u8>, usize)) -> Self {
        let text = |family: &'a Family<T>| {
            let (text, place) = text(&family[0].1);
            (&text[..], place)
        };
        Self(families.iter().map(text).collect())
    }
}

impl Words for Texts<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn differences(&self, one: usize, other: usize) -> u32 {
        let ((one, place), (other, other_place)) = (self.0[one], self.0[other]);
        if one.len() != other.len() || place != other_place {
            return u32::MAX;
        }
        one.iter().zip(other).filter(|(a, b)| a != b).count() as u32
    }

    fn part(&self, word: usize, part: u32, parts: u32) -> u64 {
        let text = self.0[word].0;
        let bound = |part: u32| text.len() * part as usize / parts as usize;
        // FNV-1a: parts of equal texts have equal hashes, and that is all that is asked.
        text[bound(part)..bound(part + 1)]
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash, letter| {
                (hash ^ u64::from(*letter)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    }
}
