//! An id at its distance, as one integer.
//!
//! Distances are not negative, so that their bits are ordered as they are: comparing two `Near` compares distances
//! first, ids second. The lowest bit is free; the pool marks in it what it has expanded.

/// An id at its distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Near(u64);

impl Near {
    /// `id`, below 2^31, at `distance`, not negative.
    #[inline]
    pub(super) fn new(distance: f32, id: u32) -> Self {
        debug_assert!(distance.is_sign_positive() && id < 1 << 31);
        Self(u64::from(distance.to_bits()) << 32 | u64::from(id) << 1)
    }

    #[inline]
    pub(super) fn id(self) -> u32 {
        self.0 as u32 >> 1
    }

    #[inline]
    pub(super) fn distance(self) -> f32 {
        f32::from_bits((self.0 >> 32) as u32)
    }

    #[inline]
    pub(super) fn is_marked(self) -> bool {
        self.0 & 1 != 0
    }

    #[inline]
    pub(super) fn marked(self) -> Self {
        Self(self.0 | 1)
    }

    #[inline]
    pub(super) fn unmarked(self) -> Self {
        Self(self.0 & !1)
    }
}

#[cfg(test)]
mod tests {
    use super::Near;

    #[test]
    fn distances_come_first_and_ids_second() {
        let ordered = [
            Near::new(0.0, 7),
            Near::new(f32::MIN_POSITIVE, 0),
            Near::new(0.5, 3).marked(),
            Near::new(0.5, (1 << 31) - 1),
            Near::new(f32::MAX, 1),
            Near::new(f32::INFINITY, 0),
        ];
        assert!(ordered.is_sorted());
        assert_eq!(ordered[2].id(), 3);
        assert_eq!(ordered[2].unmarked(), Near::new(0.5, 3));
        assert_eq!(ordered[4].distance(), f32::MAX);
    }
}
