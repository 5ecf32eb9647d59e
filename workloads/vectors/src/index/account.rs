//! What a build holds, told by name while it runs.
//!
//! Names are those of an [`Estimate`](super::Estimate), so that what was told beforehand can be held against what is
//! there. Whoever takes memory keeps a [`Held`] beside it, which takes it off the account when the memory goes.

use std::sync::Arc;

/// What memory is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The codes of the vectors.
    Codes,
    /// Scale, norm and sum of each.
    Sides,
    /// Links on level 0, and how many each vector has.
    Level0,
    /// Levels, and links on those above 0.
    Upper,
    /// What threads have of their own, to search, to choose, to compute distances in leaves.
    Threads,
    /// The block of vectors that is read.
    Block,
    /// Links on their way: what was chosen and is not written yet, and links back.
    Batch,
    /// What is being split into leaves, and what is chosen in them.
    Leaves,
    /// The pass that looks for what cannot be reached.
    Repair,
}

impl Part {
    /// All of them, in the order of an estimate.
    pub const ALL: [Self; 9] = [
        Self::Codes,
        Self::Sides,
        Self::Level0,
        Self::Upper,
        Self::Threads,
        Self::Block,
        Self::Batch,
        Self::Leaves,
        Self::Repair,
    ];

    /// Its name in a ledger.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Sides => "scales and norms",
            Self::Level0 => "level 0",
            Self::Upper => "upper levels",
            Self::Threads => "state of threads",
            Self::Block => "block of vectors",
            Self::Batch => "links on their way",
            Self::Leaves => "leaves",
            Self::Repair => "repair",
        }
    }
}

type Tell = dyn Fn(Part, i64) + Send + Sync;

/// Where a build says what it holds; by default nowhere. Cheap to clone.
#[derive(Clone, Default)]
pub struct Account(Option<Arc<Tell>>);

impl Account {
    /// `tell` is told by how many bytes what is held for a part has grown or shrunk, from any thread.
    #[must_use]
    pub fn new(tell: impl Fn(Part, i64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    /// So many bytes are held for `part`, until this is dropped.
    pub(super) fn hold(&self, part: Part, bytes: usize) -> Held {
        let mut held = Held {
            account: self.clone(),
            part,
            bytes: 0,
        };
        held.set(bytes);
        held
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told = if self.0.is_some() { "told" } else { "nowhere" };
        f.debug_tuple("Account").field(&told).finish()
    }
}

/// Bytes on an account; off it when dropped.
#[derive(Debug)]
pub(super) struct Held {
    account: Account,
    part: Part,
    bytes: usize,
}

impl Held {
    /// It is so many bytes now.
    pub(super) fn set(&mut self, bytes: usize) {
        // No overflow: memory has less than 2^63 bytes.
        let change = bytes as i64 - self.bytes as i64;
        self.bytes = bytes;
        if let (Some(tell), true) = (&self.account.0, change != 0) {
            tell(self.part, change);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn what_is_held_is_on_the_account_until_it_is_dropped() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let account = Account::new({
            let told = Arc::clone(&told);
            move |part, change| told.lock().unwrap().push((part, change))
        });
        let mut codes = account.hold(Part::Codes, 5);
        codes.set(9);
        codes.set(9);
        drop(account.hold(Part::Block, 7));
        drop(codes);
        let expected = [
            (Part::Codes, 5),
            (Part::Codes, 4),
            (Part::Block, 7),
            (Part::Block, -7),
            (Part::Codes, -9),
        ];
        assert_eq!(*told.lock().unwrap(), expected);
    }

    #[test]
    fn parts_have_names_of_their_own() {
        for (at, part) in Part::ALL.iter().enumerate() {
            assert_eq!(*part as usize, at);
            let same = Part::ALL.iter().filter(|other| other.name() == part.name());
            assert_eq!(same.count(), 1);
        }
    }
}
