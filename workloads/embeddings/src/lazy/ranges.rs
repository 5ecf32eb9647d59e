//! Ranges of a file that are asked for together.

use std::ops::Range;

/// Gaps up to this are read along: less than what a device fetches at once anyway.
const GAP: u64 = 32 << 10;

/// Merges ranges, sorted by their beginning, that touch, overlap or lie next to one another.
pub(super) fn merged(ranges: impl IntoIterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut all: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match all.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(GAP) => {
                last.end = last.end.max(range.end);
            }
            _ => all.push(range),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_one() {
        let far = 3 * GAP;
        let ranges = [0..10, 5..8, 10 + GAP..20 + GAP, far..far + 1];
        assert_eq!(merged(ranges), [0..20 + GAP, far..far + 1]);
        assert!(merged([]).is_empty());
    }
}
