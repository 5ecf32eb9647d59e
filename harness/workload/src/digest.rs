//! Digests of a run's output: ordered, unordered, or computed by the program itself.

use std::fmt;
use std::sync::Arc;

use crate::context::Channels;
use crate::event::Kind;

/// See [`Context::digest`](crate::Context::digest). Reported by one of the `finish` methods; a digest dropped without
/// one is not reported.
///
/// A digest is ordered (`blake3:` and 64 hex digits, over the bytes streamed in) or unordered (`sum128:` and 32 hex
/// digits: the sum modulo 2^128 of the first 16 bytes, little-endian, of each item's BLAKE3 hash, so that the order of
/// items makes no difference while their number does). The first item decides which.
#[derive(Debug)]
pub struct Digest {
    name: String,
    state: State,
    mixed: bool,
    channels: Arc<Channels>,
}

#[derive(Debug)]
enum State {
    Ordered(Box<blake3::Hasher>),
    Unordered(UnorderedSum),
    /// Nothing has come yet: the hash of nothing, either way.
    Empty,
}

/// The sum of an unordered digest, to be built by several threads and brought together by [`Digest::absorb`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct UnorderedSum(u128);

impl UnorderedSum {
    /// Adds one item.
    pub fn add(&mut self, item: &[u8]) {
        let hash = blake3::hash(item);
        let low = hash
            .as_bytes()
            .first_chunk()
            .map_or(0, |low| u128::from_le_bytes(*low));
        self.0 = self.0.wrapping_add(low);
    }

    /// Adds all items of another sum.
    pub fn merge(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

impl fmt::Display for UnorderedSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sum128:{:032x}", self.0)
    }
}

/// Bytes of a value given by the program that are reported as they are.
const LONGEST_VALUE: usize = 256;

impl Digest {
    pub(crate) fn new(name: &str, channels: Arc<Channels>) -> Self {
        Self {
            name: name.to_owned(),
            state: State::Empty,
            mixed: false,
            channels,
        }
    }

    /// Streams bytes into an ordered digest.
    pub fn update(&mut self, bytes: &[u8]) {
        if let State::Empty = self.state {
            self.state = State::Ordered(Box::default());
        }
        match &mut self.state {
            State::Ordered(hasher) => {
                hasher.update(bytes);
            }
            _ => self.mixed = true,
        }
    }

    /// Adds one item to an unordered digest (the sum of the items' hashes).
    pub fn add_unordered(&mut self, item: &[u8]) {
        let mut sum = UnorderedSum::default();
        sum.add(item);
        self.absorb(sum);
    }

    /// Adds all items of a sum to an unordered digest.
    pub fn absorb(&mut self, sum: UnorderedSum) {
        if let State::Empty = self.state {
            self.state = State::Unordered(UnorderedSum::default());
        }
        match &mut self.state {
            State::Unordered(total) => total.merge(sum),
            _ => self.mixed = true,
        }
    }

    /// Ends the digest and reports it.
    pub fn finish(self) {
        if self.mixed {
            let about = format!(
                "digest `{}` got both ordered bytes and unordered items",
                self.name
            );
            self.channels.events.emit(Kind::Misuse { about });
            return;
        }
        let value = match &self.state {
            State::Ordered(hasher) => format!("blake3:{}", hasher.finalize().to_hex()),
            State::Unordered(sum) => sum.to_string(),
            State::Empty => format!("blake3:{}", blake3::hash(b"").to_hex()),
        };
        self.report(value);
    }

    /// Reports a digest computed elsewhere, such as `sum64:ee0d087930156b10`. One of more than 256 bytes is reported
    /// as the BLAKE3 hash of itself.
    pub fn finish_with(self, value: &str) {
        let value = if value.len() <= LONGEST_VALUE {
            value.to_owned()
        } else {
            format!("blake3:{}", blake3::hash(value.as_bytes()).to_hex())
        };
        self.report(value);
    }

    fn report(self, value: String) {
        self.channels.events.emit(Kind::Digest {
            name: self.name,
            value,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Context;

    fn recording() -> Context {
        Context::recording(Path::new("dir"))
    }

    #[test]
    fn an_unordered_digest_knows_items_and_not_their_order() {
        let digest = |items: &[&str], parts: usize| {
            let context = recording();
            let mut digest = context.digest("d");
            for part in items.chunks(items.len().div_ceil(parts)) {
                let mut sum = UnorderedSum::default();
                part.iter().for_each(|item| sum.add(item.as_bytes()));
                digest.absorb(sum);
            }
            digest.finish();
            context.recorded_digest("d").unwrap()
        };
        let one = digest(&["a", "b", "c"], 1);
        assert_eq!(digest(&["c", "a", "b"], 2), one);
        assert_ne!(
            digest(&["c", "a", "b", "b"], 2),
            one,
            "a multiset, not a set"
        );
        assert!(one.starts_with("sum128:") && one.len() == 7 + 32, "{one}");
    }

    #[test]
    fn a_digest_of_both_kinds_is_none() {
        let context = recording();
        let mut digest = context.digest("d");
        digest.update(b"a");
        digest.add_unordered(b"a");
        digest.finish();
        assert_eq!(context.recorded_digest("d"), None);
        let events = context.recorded();
        assert!(matches!(&events[0].kind, Kind::Misuse { about } if about.contains("both")));
    }

    #[test]
    fn a_digest_given_at_length_is_hashed() {
        let context = recording();
        context.digest("d").finish_with(&"x".repeat(257));
        let hash = blake3::hash("x".repeat(257).as_bytes()).to_hex();
        assert_eq!(context.recorded_digest("d"), Some(format!("blake3:{hash}")));
    }
}
