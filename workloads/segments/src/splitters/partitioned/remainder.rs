//! What is left of a hash in its bucket, in four bytes if that is enough; which of them occur more than once.

/// A hash without the bits that its bucket tells.
pub(super) trait Remainder: Copy + Ord + Default {
    /// The largest one.
    const MAX: Self;

    /// Of a number that fits.
    fn new(value: u64) -> Self;

    /// The number.
    fn value(self) -> u64;
}

impl Remainder for u32 {
    const MAX: Self = Self::MAX;

    #[inline(always)]
    fn new(value: u64) -> Self {
        value as Self
    }

    #[inline(always)]
    fn value(self) -> u64 {
        self.into()
    }
}

impl Remainder for u64 {
    const MAX: Self = Self::MAX;

    #[inline(always)]
    fn new(value: u64) -> Self {
        value
    }

    #[inline(always)]
    fn value(self) -> u64 {
        self
    }
}

/// Most remainders that go through the table, which then takes 64 KiB at most; more are sorted.
const TABLED: usize = 1 << 11;

/// Moves the remainders that occur more than once to the front, ascending, one of each; how many.
///
/// `bits` is how many bits a remainder has, `table` is scratch.
pub(super) fn repeated<R: Remainder>(bucket: &mut [R], bits: u32, table: &mut Vec<R>) -> usize {
    let again = if bucket.len() <= TABLED {
        met_again(bucket, bits, table)
    } else {
        bucket.sort_unstable();
        keep(bucket, |previous, this| previous == Some(this))
    };
    bucket[..again].sort_unstable();
    keep(&mut bucket[..again], |previous, this| {
        previous != Some(this)
    })
}

/// Moves the second and every later one of equal remainders to the front; how many.
fn met_again<R: Remainder>(bucket: &mut [R], bits: u32, table: &mut Vec<R>) -> usize {
    // At most a quarter full. The largest remainder marks what is free, and is counted by itself.
    let log = (4 * bucket.len()).next_power_of_two().ilog2();
    table.clear();
    table.resize(1 << log, R::MAX);
    let shift = bits.saturating_sub(log);
    let (mut again, mut largest) = (0, 0);
    for at in 0..bucket.len() {
        let this = bucket[at];
        // The highest bits are those that all bases have stirred.
        let mut slot = (this.value() >> shift) as usize & (table.len() - 1);
        while table[slot] != this && table[slot] != R::MAX {
            slot = (slot + 1) & (table.len() - 1);
        }
        let met = if this == R::MAX {
            largest += 1;
            largest > 1
        } else {
            table[slot] == this
        };
        table[slot] = this;
        if met {
            bucket[again] = this;
            again += 1;
        }
    }
    again
}

/// Keeps, at the front and in order, what is wanted after the one before it; how many.
fn keep<R: Copy>(items: &mut [R], wanted: impl Fn(Option<R>, R) -> bool) -> usize {
    let (mut kept, mut previous) = (0, None);
    for at in 0..items.len() {
        let this = items[at];
        if wanted(previous, this) {
            items[kept] = this;
            kept += 1;
        }
        previous = Some(this);
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Numbers of `bits` bits, the extreme ones often, and so few different ones that many are equal.
    fn numbers(bits: u32, count: usize) -> impl Strategy<Value = Vec<u64>> {
        let largest = u64::MAX >> (64 - bits);
        let spread = largest / 50 + 1;
        let number = prop_oneof![
            8 => (0..=largest / spread).prop_map(move |number| number * spread),
            1 => Just(0),
            1 => Just(largest),
            4 => 0..=largest,
        ];
        prop::collection::vec(number, 0..count)
    }

    fn check<R: Remainder>(numbers: &[u64], bits: u32) -> Result<(), TestCaseError> {
        let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
        for number in numbers {
            *counts.entry(*number).or_default() += 1;
        }
        counts.retain(|_, count| *count > 1);
        let mut bucket: Vec<R> = numbers.iter().map(|number| R::new(*number)).collect();
        let again = repeated(&mut bucket, bits, &mut Vec::new());
        let found = bucket[..again].iter().map(|rest| rest.value());
        prop_assert!(found.eq(counts.into_keys()));
        Ok(())
    }

    proptest! {
        #[test]
        fn what_occurs_again_is_found_once(
            (bits, four) in (1_u32..=32).prop_flat_map(|bits| (Just(bits), numbers(bits, 300))),
            (more, eight) in (1_u32..=64).prop_flat_map(|bits| (Just(bits), numbers(bits, 300))),
        ) {
            check::<u32>(&four, bits)?;
            check::<u64>(&eight, more)?;
        }
    }

    #[test]
    fn a_bucket_too_large_for_the_table_is_sorted() {
        let numbers: Vec<u64> = (0..2 * TABLED as u64).map(|n| n % 1_500 * 7).collect();
        check::<u32>(&numbers, 32).unwrap();
        check::<u64>(&vec![9; 3 * TABLED], 40).unwrap();
    }
}
