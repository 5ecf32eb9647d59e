//! UMIs of two halves, as texts.

use std::cmp::Reverse;

use super::super::code::is_encodable;
use super::super::walk::walk;
use super::super::{Strand, exchanged};
use super::group::{Group, Number, Template, Wrong};
use super::words::{Member, Texts, families};
use crate::bam::RecordProblem;

impl Group<'_> {
    /// Numbers all templates by the halves of their UMIs.
    pub(super) fn paired(&mut self, all: &[usize]) -> Result<(), Wrong> {
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
        let mut distinct = families(valid);
        distinct.sort_by_key(|family| Reverse(family.len()));
        let counts: Vec<u32> = distinct.iter().map(|family| family.len() as u32).collect();
        let joined: Vec<Vec<u8>> = distinct
            .iter()
            .map(|family| [family[0].1.0, family[0].1.1].concat())
            .collect();
        let words = Texts(
            joined
                .iter()
                .zip(&distinct)
                .map(|(text, family)| (&text[..], family[0].1.0.len()))
                .collect(),
        );
        let molecules = walk(&words, Some(&counts), self.settings.edits, self.account);
        for (family, molecule) in distinct.iter().zip(&molecules.of) {
            let root = &distinct[molecules.roots[*molecule as usize] as usize];
            let exchange = is_exchanged(root[0].1, family[0].1, self.settings.edits);
            let molecule = self.used + u64::from(*molecule);
            for (member, _) in family {
                let strand = self.templates[*member].strand;
                let strand = if exchange { strand.other() } else { strand };
                self.numbers[*member] = Number {
                    sort: 2 * molecule + strand as u64,
                    strand: Some(strand),
                };
            }
        }
        self.used += molecules.roots.len() as u64;
        let mut odd = families(odd);
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
