//! The repeated k-mers of a bucket that has more k-mers, equal ones counted, than there is room for.

use super::remainder::Remainder;

/// Some of a bucket's remainders: two of each that is at most `upper`, and was met twice or more.
///
/// Two of equal ones are enough, so one k-mer may occur any number of times. If there are too many different ones,
/// the larger ones are left to another turn.
pub(super) struct Sweep<'a, R> {
    held: &'a mut [R],
    count: usize,
    low: u64,
    upper: u64,
}

impl<'a, R: Remainder> Sweep<'a, R> {
    /// To take remainders from `low` to `high`, both included, with room for 8 or more.
    pub(super) fn new(held: &'a mut [R], low: u64, high: u64) -> Self {
        debug_assert!(held.len() >= 8, "room for {}", held.len());
        Self {
            held,
            count: 0,
            low,
            upper: high,
        }
    }

    /// Takes a remainder, if it is in range.
    pub(super) fn push(&mut self, remainder: u64) {
        if !(self.low..=self.upper).contains(&remainder) {
            return;
        }
        if self.count == self.held.len() {
            self.make_room();
            if remainder > self.upper {
                return;
            }
        }
        self.held[self.count] = R::new(remainder);
        self.count += 1;
    }

    /// Keeps two of equal remainders, and if that leaves more than half, only the smaller ones.
    fn make_room(&mut self) {
        self.held.sort_unstable();
        let mut kept = 0;
        for at in 0..self.held.len() {
            if kept < 2 || self.held[kept - 2] != self.held[at] {
                self.held[kept] = self.held[at];
                kept += 1;
            }
        }
        self.count = kept;
        if kept > self.held.len() / 2 {
            // At most two are equal, so that there are smaller ones: each turn does a part of the range.
            let cut = self.held[self.held.len() / 4];
            self.upper = cut.value() - 1;
            self.count = self.held[..kept].partition_point(|held| *held < cut);
        }
    }

    /// The largest remainder of which repeats were found, and all the remainders taken.
    pub(super) fn finish(self) -> (u64, &'a mut [R]) {
        (self.upper, &mut self.held[..self.count])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn turns_that_follow_each_other_find_all(
            room in 8_usize..40,
            numbers in prop::collection::vec(prop_oneof![0_u64..10, 0_u64..200, Just(255)], 0..400),
        ) {
            let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
            for number in &numbers {
                *counts.entry(*number).or_default() += 1;
            }
            let mut held = vec![0_u32; room];
            let mut low = 0;
            while low <= 255 {
                let mut sweep = Sweep::new(&mut held, low, 255);
                numbers.iter().for_each(|number| sweep.push(*number));
                let (upper, taken) = sweep.finish();
                prop_assert!((low..=255).contains(&upper));
                for number in low..=upper {
                    let expected = counts.get(&number).copied().unwrap_or(0);
                    let found = taken.iter().filter(|held| held.value() == number).count();
                    prop_assert_eq!(found.min(2), expected.min(2), "{}", number);
                }
                low = upper + 1;
            }
        }
    }
}
