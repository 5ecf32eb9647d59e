//! The valid name that looks most like a mistyped one.

/// The candidate nearest to `name` by Damerau-Levenshtein distance without regard to case, if any is near
/// enough to be what was meant: within half the length of the longer of the two, rounded up. Of equally near ones, the
/// one that begins alike the longest.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Distances cost length times length, and nothing that long is a slip of the finger.
    if name.len() > 200 {
        return None;
    }
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&lower, &c.to_lowercase()), c))
        .filter(|(distance, c)| {
            *distance <= name.chars().count().max(c.chars().count()).div_ceil(2)
        })
        .min_by_key(|(distance, c)| (*distance, usize::MAX - common_start(name, c)))
        .map(|(_, c)| c)
}

/// Bytes that two names have in common in front, without regard to case.
fn common_start(a: &str, b: &str) -> usize {
    a.bytes()
        .zip(b.bytes())
        .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
        .count()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_recognized_and_a_stranger_is_not() {
        let names = ["in-memory", "level-wise", "depth-first"];
        assert_eq!(nearest("depth_frist", names), Some("depth-first"));
        assert_eq!(nearest("IN-MEMORY", names), Some("in-memory"));
        assert_eq!(nearest("zzz", names), None);
        assert_eq!(nearest(&"x".repeat(10_000), names), None);
    }
}
