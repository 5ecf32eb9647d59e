//! References against references: what a new group's reference is likely made of.
//!
//! Most groups that are new in a genome join what is apart in others: where the splitter between (A, B) and (B, C) has
//! mutated, the segment falls into the group (A, C), whose reference is nearly theirs, end to end. So a reference is
//! encoded, by the rule of all deltas, against the references of a few earlier groups with which it shares an end.

use rustc_hash::FxHashMap;

use crate::code;
use crate::delta::{Columns, Encoder};
use crate::kmer::NONE;
use crate::segment::Key;

/// How many groups are candidates for each end.
const CANDIDATES: usize = 2;

/// Which groups have a splitter in their key: of each splitter the first few.
#[derive(Debug, Default)]
pub struct Directory {
    groups: FxHashMap<u64, [Entry; CANDIDATES]>,
}

/// A group that has a splitter in its key; group 0 stands for none.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    group: u32,
    first: bool,
    second: bool,
}

/// A group whose reference may be like that of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The group.
    pub group: u32,
    /// Its reference is likely like the other's reverse complement.
    pub turned: bool,
}

impl Directory {
    /// Notes a group and its key. Groups come in the order of their numbers, from 1 on.
    pub fn note(&mut self, group: u32, key: Key) {
        let Key(first, second) = key;
        self.note_end(first, group, key);
        if second != first {
            self.note_end(second, group, key);
        }
    }

    fn note_end(&mut self, splitter: u64, group: u32, Key(first, second): Key) {
        if splitter == NONE {
            return;
        }
        let entries = self.groups.entry(splitter).or_default();
        if let Some(free) = entries.iter_mut().find(|entry| entry.group == 0) {
            *free = Entry {
                group,
                first: first == splitter,
                second: second == splitter,
            };
        }
    }

    /// The candidates for the reference of a group: of those before it, whether it is noted itself or not, the first
    /// two that have its key's first value, turned unless that is their first too; then the first two that have its
    /// second value, turned unless that is their second.
    ///
    /// A group may come twice, if both values of the key are equal: then once in either direction.
    pub fn candidates(&self, group: u32, key: Key) -> impl Iterator<Item = Candidate> + use<> {
        let before = move |entry: &Entry| (1..group).contains(&entry.group);
        let at = |splitter| self.groups.get(&splitter).copied().unwrap_or_default();
        let fronts = at(key.0).into_iter().filter(before).map(|entry| Candidate {
            group: entry.group,
            turned: !entry.first,
        });
        let backs = at(key.1).into_iter().filter(before).map(|entry| Candidate {
            group: entry.group,
            turned: !entry.second,
        });
        fronts.chain(backs)
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        // An entry, and the byte of control that the table keeps beside it.
        self.groups.capacity() * (size_of::<(u64, [Entry; CANDIDATES])>() + 1)
    }
}

/// Joins the references of candidates into one string, each turned as it says, in place of what `out` held.
/// `append` adds the codes of a group's reference to what it is given.
///
/// # Errors
/// Those of `append`.
pub fn join<E>(
    candidates: impl Iterator<Item = Candidate>,
    mut append: impl FnMut(u32, &mut Vec<u8>) -> Result<(), E>,
    out: &mut Vec<u8>,
) -> Result<(), E> {
    out.clear();
    for candidate in candidates {
        let start = out.len();
        append(candidate.group, out)?;
        if candidate.turned {
            code::reverse_complement(&mut out[start..]);
        }
    }
    Ok(())
}

/// Encodes a reference against the joined references of its candidates; whether the delta is worth more than the plain
/// block of `plain` bytes. Nothing is against nothing: without candidates it is not.
pub fn encode(
    reference: &[u8],
    joined: &[u8],
    plain: usize,
    encoder: &mut Encoder,
    out: &mut Columns,
) -> bool {
    if joined.is_empty() {
        return false;
    }
    encoder.encode(reference, joined, out);
    is_small(out, plain)
}

/// Whether a delta, its literals counted at two bits, takes less than half of `plain` bytes.
fn is_small(delta: &Columns, plain: usize) -> bool {
    let quarters = 4 * (delta.lens.len() + delta.pos.len()) + delta.lits.len();
    quarters < 2 * plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::delta::decode;
    use crate::plain;

    fn candidate(group: u32, turned: bool) -> Candidate {
        Candidate { group, turned }
    }

    fn noted(keys: &[Key]) -> Directory {
        let mut directory = Directory::default();
        for (group, key) in (1..).zip(keys) {
            directory.note(group, *key);
        }
        directory
    }

    fn candidates(keys: &[Key], key: Key) -> Vec<Candidate> {
        let group = keys.len() as u32 + 1;
        noted(keys).candidates(group, key).collect()
    }

    #[test]
    fn a_fusion_finds_both_of_its_parts() {
        // A = 10, B = 20 or 5, C = 30: parts are turned if B is smaller, or larger, than their other end.
        let (a, c) = (10, 30);
        let straight = [Key(a, 20), Key(20, c)];
        assert_eq!(
            candidates(&straight, Key(a, c)),
            [candidate(1, false), candidate(2, false)]
        );
        let before_both = [Key(5, a), Key(5, c)];
        assert_eq!(
            candidates(&before_both, Key(a, c)),
            [candidate(1, true), candidate(2, false)]
        );
        let behind_both = [Key(a, 40), Key(c, 40)];
        assert_eq!(
            candidates(&behind_both, Key(a, c)),
            [candidate(1, false), candidate(2, true)]
        );
    }

    #[test]
    fn the_end_of_a_record_is_no_splitter() {
        let keys = [Key(7, NONE), Key(NONE, 8), Key(7, 8)];
        assert_eq!(candidates(&keys, Key(9, NONE)), []);
        assert_eq!(candidates(&keys, Key(NONE, 9)), []);
        assert_eq!(
            candidates(&keys, Key(NONE, 7)),
            [candidate(1, true), candidate(3, true)]
        );
    }

    #[test]
    fn equal_ends_give_their_candidates_in_both_directions() {
        let keys = [Key(4, 6), Key(4, 4), Key(2, 4)];
        assert_eq!(
            candidates(&keys, Key(4, 9)),
            [candidate(1, false), candidate(2, false)]
        );
        let other = [Key(4, 6), Key(2, 4)];
        assert_eq!(
            candidates(&other, Key(4, 4)),
            [
                candidate(1, false),
                candidate(2, true),
                candidate(1, true),
                candidate(2, false)
            ]
        );
    }

    /// The rule word for word.
    fn plainly(keys: &[Key], group: u32) -> Vec<Candidate> {
        let key = keys[group as usize - 1];
        let having = |value: u64, is_there: fn(&Key, u64) -> bool| {
            let before = (1..group).zip(keys);
            let with =
                before.filter(move |(_, key)| value != NONE && [key.0, key.1].contains(&value));
            with.take(2)
                .map(move |(group, key)| candidate(group, !is_there(key, value)))
        };
        let first = having(key.0, |key, value| key.0 == value);
        first
            .chain(having(key.1, |key, value| key.1 == value))
            .collect()
    }

    proptest! {
        #[test]
        fn a_full_directory_says_what_a_growing_one_did(
            ends in proptest::collection::vec(prop_oneof![6 => 0_u64..9, 1 => Just(NONE)], 0..60),
        ) {
            let mut keys: Vec<Key> = Vec::new();
            for pair in ends.chunks_exact(2) {
                let sorted = pair.contains(&NONE) || pair[0] <= pair[1];
                let key = if sorted { Key(pair[0], pair[1]) } else { Key(pair[1], pair[0]) };
                if key != Key::RAW && !keys.contains(&key) {
                    keys.push(key);
                }
            }
            let full = noted(&keys);
            let mut growing = Directory::default();
            for (group, key) in (1..).zip(&keys) {
                let found: Vec<_> = growing.candidates(group, *key).collect();
                prop_assert_eq!(&found, &plainly(&keys, group));
                prop_assert_eq!(&full.candidates(group, *key).collect::<Vec<_>>(), &found);
                // No string is joined twice.
                for (at, candidate) in found.iter().enumerate() {
                    prop_assert!(!found[..at].contains(candidate));
                }
                growing.note(group, *key);
            }
        }

        #[test]
        fn a_fusion_is_small_and_comes_back(
            a in proptest::collection::vec(0_u8..4, 200..400),
            b in proptest::collection::vec(0_u8..4, 200..400),
            turned: (bool, bool),
        ) {
            let fusion = [&a[..], &b[21..]].concat();
            let mut parts = [a, b];
            for (part, turned) in parts.iter_mut().zip([turned.0, turned.1]) {
                if turned {
                    code::reverse_complement(part);
                }
            }
            let wanted = [candidate(1, turned.0), candidate(2, turned.1)];
            let append = |group: u32, out: &mut Vec<u8>| {
                out.extend_from_slice(&parts[group as usize - 1]);
                Ok::<_, ()>(())
            };
            let mut joined = vec![1];
            join(wanted.into_iter(), append, &mut joined).unwrap();
            let mut block = Vec::new();
            plain::write(&fusion, &mut block);
            let (mut encoder, mut delta) = (Encoder::new(20), Columns::default());
            prop_assert!(encode(&fusion, &joined, block.len(), &mut encoder, &mut delta));
            let mut back = Vec::new();
            decode(&delta.lens, &delta.pos, &delta.lits, &joined, fusion.len(), &mut back).unwrap();
            prop_assert_eq!(back, fusion);
        }

        #[test]
        fn what_is_not_alike_is_stored_by_itself(
            a in proptest::collection::vec(0_u8..4, 100..400),
            b in proptest::collection::vec(0_u8..4, 0..400),
        ) {
            let mut block = Vec::new();
            plain::write(&a, &mut block);
            let (mut encoder, mut delta) = (Encoder::new(20), Columns::default());
            prop_assert!(!encode(&a, &b, block.len(), &mut encoder, &mut delta));
        }
    }

    #[test]
    fn half_of_the_block_is_too_much() {
        let delta = |lens, lits| Columns {
            lens: vec![0; lens],
            pos: vec![0; 1],
            lits: vec![0; lits],
        };
        assert!(!is_small(&delta(1, 32), 20));
        assert!(is_small(&delta(1, 31), 20));
        assert!(!is_small(&delta(9, 0), 20));
        assert!(is_small(&delta(8, 3), 20));
    }

    #[test]
    fn errors_of_reading_a_reference_pass_through() {
        let failing = |group: u32, _: &mut Vec<u8>| if group == 2 { Err("gone") } else { Ok(()) };
        let both = [candidate(1, true), candidate(2, false)];
        assert_eq!(
            join(both.into_iter(), failing, &mut Vec::new()),
            Err("gone")
        );
    }
}
