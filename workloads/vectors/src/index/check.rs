//! The invariants of a graph.

use super::builder::Reached;
use super::walk::View;

/// An invariant that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A link to nowhere.
    #[error(
        "vector {id} links to vector {link} on level {level}, which is not there; build the index again"
    )]
    NoSuch {
        /// The vector.
        id: u32,
        /// Its link.
        link: u32,
        /// The level.
        level: u8,
    },
    /// A link to itself.
    #[error("vector {id} links to itself on level {level}; build the index again")]
    Itself {
        /// The vector.
        id: u32,
        /// The level.
        level: u8,
    },
    /// The same link twice.
    #[error("vector {id} links to vector {link} twice on level {level}; build the index again")]
    Twice {
        /// The vector.
        id: u32,
        /// Its link.
        link: u32,
        /// The level.
        level: u8,
    },
    /// A vector that no search can find.
    #[error("vector {id} cannot be reached from the entry; build the index again")]
    Unreachable {
        /// The vector.
        id: u32,
    },
    /// It cannot be told.
    #[error("the system gives no memory to look at {len} vectors; check them where there is more")]
    Unchecked {
        /// How many there are.
        len: usize,
    },
    /// Searches do not begin at the top.
    #[error(
        "vector {id}, where searches begin, is not the first of the highest level; build the index again"
    )]
    Entry {
        /// The vector.
        id: u32,
    },
}

/// Holds a graph against all of them. That lists are within their room is a matter of how they are kept.
pub(super) fn check(view: &View<'_>) -> Result<(), Broken> {
    let links = &view.links;
    let len = links.levels.len();
    let mut sorted = Vec::new();
    for (id, own) in (0..).zip(links.levels) {
        for level in 0..=*own {
            sorted.clear();
            sorted.extend_from_slice(links.of(id, level));
            sorted.sort_unstable();
            for link in sorted.iter().copied() {
                if links
                    .levels
                    .get(link as usize)
                    .is_none_or(|own| *own < level)
                {
                    return Err(Broken::NoSuch { id, link, level });
                }
                if link == id {
                    return Err(Broken::Itself { id, level });
                }
            }
            if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                let link = pair[0];
                return Err(Broken::Twice { id, link, level });
            }
        }
    }
    if len == 0 {
        return Ok(());
    }
    let top = links.levels.iter().copied().max();
    let first = links.levels.iter().position(|level| Some(*level) == top);
    if (Some(view.entry as usize), Some(view.top)) != (first, top) {
        return Err(Broken::Entry { id: view.entry });
    }
    let mut reached = Reached::new(len).map_err(|_| Broken::Unchecked { len })?;
    reached.extend(links, view.entry);
    match (0..len as u32).find(|id| !reached.contains(*id)) {
        Some(id) => Err(Broken::Unreachable { id }),
        None => Ok(()),
    }
}
