//! What an index took to build, and what it holds.

/// What building an index took. The same for any number of threads and any processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Vectors inserted.
    pub inserted: u64,
    /// Distances computed while walking the graph.
    pub evaluations: u64,
    /// Distances computed while choosing neighbours.
    pub selections: u64,
    /// Vectors expanded while walking.
    pub hops: u64,
    /// Links on level 0.
    pub links: u64,
}

impl Counters {
    /// Distances computed while walking, per vector.
    #[must_use]
    pub fn evaluations_per_insert(&self) -> f64 {
        self.per_vector(self.evaluations)
    }

    /// Distances computed while choosing neighbours, per vector.
    #[must_use]
    pub fn selections_per_insert(&self) -> f64 {
        self.per_vector(self.selections)
    }

    /// Vectors expanded, per vector.
    #[must_use]
    pub fn hops_per_insert(&self) -> f64 {
        self.per_vector(self.hops)
    }

    /// Links of a vector on level 0, in the mean.
    #[must_use]
    pub fn mean_degree(&self) -> f64 {
        self.per_vector(self.links)
    }

    fn per_vector(&self, count: u64) -> f64 {
        count as f64 / self.inserted.max(1) as f64
    }
}

/// What an index holds, in bytes: of anonymous memory when it was built, of a mapped file when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// The codes of the vectors.
    pub codes: u64,
    /// Scale, norm and sum of each.
    pub sides: u64,
    /// Links on level 0, and how many each vector has.
    pub level0: u64,
    /// Levels, and links on those above 0.
    pub upper: u64,
}

impl Memory {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.codes + self.sides + self.level0 + self.upper
    }
}
