//! The walk that makes molecules of distinct UMIs: directed adjacency (Smith, Heger, Sudbery: UMI-tools, 2017) with the
//! threshold of fgumi, or single linkage where nothing is counted.

use super::neighbours::{Neighbours, Words};
use crate::account::{Account, heap_bytes};

const NONE: u32 = u32::MAX;

/// Molecules of words, which come in the order in which they may become roots.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Molecules {
    /// The molecule of each word.
    pub(crate) of: Vec<u32>,
    /// The first word of each molecule.
    pub(crate) roots: Vec<u32>,
}

/// Walks over words in their order. One that is not claimed becomes a root, and claims what can be reached from it: from word p
/// word c, where at most `edits` letters differ and, where words are counted, c is counted at most count(p) / 2 + 1 times.
/// What that takes is counted.
pub(crate) fn walk(
    words: &impl Words,
    counts: Option<&[u32]>,
    edits: u32,
    account: &Account,
) -> Molecules {
    let count = words.count();
    if edits == 0 {
        let all: Vec<u32> = (0..count as u32).collect();
        return Molecules {
            of: all.clone(),
            roots: all,
        };
    }
    let mut neighbours = Neighbours::new(words, edits, account);
    let mut of = vec![NONE; count];
    let _held = account.hold(heap_bytes(&of));
    let mut roots = Vec::new();
    let mut reached = Vec::new();
    for root in 0..count {
        if of[root] != NONE {
            continue;
        }
        let molecule = roots.len() as u32;
        roots.push(root as u32);
        of[root] = molecule;
        reached.push(root);
        while let Some(parent) = reached.pop() {
            let most = counts.map_or(u32::MAX, |counts| counts[parent] / 2 + 1);
            neighbours.visit(parent, |child| {
                if of[child] != NONE {
                    return true;
                }
                let few = counts.is_none_or(|counts| counts[child] <= most);
                let near = few && words.differences(parent, child) <= edits;
                if near {
                    of[child] = molecule;
                    reached.push(child);
                }
                near
            });
        }
    }
    Molecules { of, roots }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plimsoll_workload::Context;
    use proptest::prelude::*;

    use super::super::code::differences;
    use super::*;
    use crate::account::Ledger;

    fn account() -> Account {
        let context = Context::detached(Path::new("."));
        Ledger::new(&context).part("assign")
    }

    struct Codes(Vec<u64>);

    impl Words for Codes {
        fn count(&self) -> usize {
            self.0.len()
        }

        fn differences(&self, one: usize, other: usize) -> u32 {
            differences(self.0[one], self.0[other])
        }

        fn letters(&self) -> Option<u32> {
            Some(5)
        }

        fn code(&self, word: usize) -> u64 {
            self.0[word]
        }

        fn part(&self, word: usize, part: u32, parts: u32) -> u64 {
            super::super::codes::part(self.0[word], 5, part, parts)
        }
    }

    /// The same by comparing everything with everything.
    fn plainly(words: &Codes, counts: Option<&[u32]>, edits: u32) -> Vec<u32> {
        let mut of = vec![NONE; words.count()];
        let mut next = 0;
        for root in 0..of.len() {
            if of[root] != NONE {
                continue;
            }
            of[root] = next;
            let mut reached = vec![root];
            while let Some(parent) = reached.pop() {
                for child in 0..of.len() {
                    let few = counts.is_none_or(|counts| counts[child] <= counts[parent] / 2 + 1);
                    if of[child] == NONE && few && words.differences(parent, child) <= edits {
                        of[child] = next;
                        reached.push(child);
                    }
                }
            }
            next += 1;
        }
        of
    }

    #[test]
    fn a_child_is_counted_at_most_half_as_often_and_one_more() {
        for (parent, most) in [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (10, 6)] {
            for child in 1..=parent {
                let walked = walk(&Codes(vec![0, 1]), Some(&[parent, child]), 1, &account());
                let one = walked.roots.len() == 1;
                assert_eq!(one, child <= most, "{child} by {parent}");
            }
        }
    }

    proptest! {
        #[test]
        fn buckets_find_what_comparing_all_finds(
            words in proptest::collection::btree_set(0_u64..1024, 0..400),
            edits in 0_u32..=3,
            counted in proptest::option::of(1_u32..40),
        ) {
            let words = Codes(words.into_iter().collect());
            let counts = counted.map(|most| {
                let mut counts: Vec<u32> = words.0.iter().map(|word| 1 + (*word as u32 * 7) % most).collect();
                counts.sort_by(|one, other| other.cmp(one));
                counts
            });
            let walked = walk(&words, counts.as_deref(), edits, &account());
            prop_assert_eq!(&walked.of, &plainly(&words, counts.as_deref(), edits));
            for (molecule, root) in walked.roots.iter().enumerate() {
                let first = walked.of.iter().position(|of| *of as usize == molecule);
                prop_assert_eq!(first, Some(*root as usize));
            }
        }
    }
}
