//! A segment's two ends, its group's key, and which way round it is stored.

use crate::kmer::{Kmer, NONE};

/// One end of a segment: a splitter, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End(Kmer);

impl End {
    /// The end of a record.
    pub const NONE: Self = Self(Kmer {
        value: NONE,
        direct: true,
    });

    /// The splitter's canonical value, or [`NONE`].
    #[must_use]
    pub fn value(self) -> u64 {
        self.0.value
    }
}

impl From<Kmer> for End {
    fn from(splitter: Kmer) -> Self {
        Self(splitter)
    }
}

/// What segments of one group have in common: the values of both their ends, in the group's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub u64, pub u64);

impl Key {
    /// The group of segments without splitters, whose members have nothing in common.
    pub const RAW: Self = Self(NONE, NONE);
}

/// The group key of a segment, and whether it is stored reverse-complemented, so that a contig and its reverse
/// complement fall into the same groups with the same codes.
#[must_use]
pub fn orient(front: End, back: End) -> (Key, bool) {
    let (End(f), End(b)) = (front, back);
    match (f.value, b.value) {
        (NONE, NONE) => (Key::RAW, false),
        (_, NONE) if f.direct => (Key(f.value, NONE), false),
        (_, NONE) => (Key(NONE, f.value), true),
        (NONE, _) if b.direct => (Key(NONE, b.value), false),
        (NONE, _) => (Key(b.value, NONE), true),
        (front, back) if front == back => (Key(front, back), !f.direct),
        (front, back) => (Key(front.min(back), front.max(back)), front > back),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(value: u64, direct: bool) -> End {
        Kmer { value, direct }.into()
    }

    #[test]
    fn both_directions_of_a_segment_have_one_key() {
        let ends = [
            end(3, true),
            end(3, false),
            end(5, true),
            end(5, false),
            End::NONE,
        ];
        for front in ends {
            for back in ends {
                let flip = |e: End| {
                    if e == End::NONE {
                        e
                    } else {
                        end(e.0.value, !e.0.direct)
                    }
                };
                let (key, turned) = orient(front, back);
                let (other, other_turned) = orient(flip(back), flip(front));
                assert_eq!(key, other);
                let raw = key == Key::RAW;
                let unequal_flags =
                    front.value() == back.value() && front.0.direct != back.0.direct;
                if !raw && !unequal_flags {
                    assert_ne!(turned, other_turned, "{front:?} {back:?}");
                }
            }
        }
    }

    #[test]
    fn keys_are_those_of_the_table() {
        assert_eq!(orient(end(3, true), end(5, true)), (Key(3, 5), false));
        assert_eq!(orient(end(5, true), end(3, true)), (Key(3, 5), true));
        assert_eq!(orient(end(3, false), end(3, true)), (Key(3, 3), true));
        assert_eq!(orient(end(3, true), End::NONE), (Key(3, NONE), false));
        assert_eq!(orient(end(3, false), End::NONE), (Key(NONE, 3), true));
        assert_eq!(orient(End::NONE, end(3, true)), (Key(NONE, 3), false));
        assert_eq!(orient(End::NONE, end(3, false)), (Key(3, NONE), true));
        assert_eq!(orient(End::NONE, End::NONE), (Key::RAW, false));
    }
}
