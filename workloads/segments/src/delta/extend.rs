//! How far two strings go on alike: the kernel of match extension, and its scalar twin.

/// How many bytes `a` and `b` have in common at their fronts, one byte after the other.
#[must_use]
pub fn common_prefix_scalar(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// How many bytes `a` and `b` have in common at their fronts, eight at a time: the lowest set bit of their difference
/// tells the first byte that is not equal.
#[must_use]
#[inline]
pub fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let shorter = a.len().min(b.len());
    let (a, b) = (&a[..shorter], &b[..shorter]);
    let ((words, tail), (others, other_tail)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (at, (word, other)) in words.iter().zip(others).enumerate() {
        let difference = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        if difference != 0 {
            return at * 8 + (difference.trailing_zeros() / 8) as usize;
        }
    }
    words.len() * 8 + common_prefix_scalar(tail, other_tail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_find_what_single_bytes_find(
            mut a in proptest::collection::vec(0_u8..5, 0..200),
            length in 0_usize..200,
            change in 0_usize..400,
        ) {
            let mut b = a.clone();
            b.truncate(length);
            if let Some(code) = b.get_mut(change) {
                *code ^= 1;
            }
            let expected = common_prefix_scalar(&a, &b);
            prop_assert_eq!(common_prefix(&a, &b), expected);
            prop_assert_eq!(common_prefix(&b, &a), expected);
            a.push(0);
            prop_assert_eq!(common_prefix(&a, &a), a.len());
        }
    }
}
