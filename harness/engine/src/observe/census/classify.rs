//! From mappings to kinds of memory.

use std::collections::HashSet;

use super::blocks::{Blocks, Memory, Search};
use super::smaps::{Mapping, Name};
use crate::evidence::MapsClasses;

/// glibc maps its arenas at multiples of this (`HEAP_MAX_SIZE` on 64-bit machines).
const ARENA: u64 = 64 << 20;
/// A stack's guard is a page by default; larger ones are rare, and none is this large.
const GUARD_AT_MOST: u64 = 1 << 20;

/// Blocks found may differ from malloc's account of a moment ago by one part in so many.
const UNEXPLAINED: u64 = 200;

/// Resident bytes by kind, and how sure the share of malloc is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Classified {
    pub(super) classes: MapsClasses,
    /// Bytes mapped, resident or not, of what is counted as malloc's.
    pub(super) malloc_mapped: u64,
    /// Resident bytes that may be malloc's or not.
    pub(super) uncertain: u64,
}

/// Sorts mappings (in the order of addresses) into kinds.
///
/// glibc's malloc holds memory in three ways. The main arena is `[heap]`. The other arenas begin
/// at multiples of 64 MiB, with an inaccessible rest up to the next multiple. Large blocks are
/// anonymous mappings of their own, which look like anybody's and merge with their neighbours;
/// how much of these there is follows from `held`, the bytes that malloc says it holds from the
/// system, less the arenas. Where the anonymous mappings are larger than that, the blocks are looked for in `memory`. Where
/// they cannot be found, malloc's part of the resident bytes is estimated in proportion to size, and what that leaves open is
/// told.
///
/// Without `held`, only arenas count as malloc's.
pub(super) fn classify(
    mappings: &[Mapping],
    held: Option<u64>,
    memory: Option<impl Memory>,
) -> Classified {
    // A file that is executed anywhere is a program or a library: all its segments are code and data.
    let programs: HashSet<Name> = mappings
        .iter()
        .filter(|m| m.executable)
        .map(|m| m.name)
        .filter(|name| matches!(name, Name::File(..)))
        .collect();
    let mut found = Classified::default();
    let mut other = Sum::default();
    let mut others = Vec::new();
    for (at, mapping) in mappings.iter().enumerate() {
        let classes = &mut found.classes;
        classes.total += mapping.rss;
        let before = at.checked_sub(1).and_then(|at| mappings.get(at));
        match mapping.name {
            Name::Malloc => {
                classes.malloc += mapping.rss;
                found.malloc_mapped += mapping.size();
            }
            Name::Stack => classes.stacks += mapping.rss,
            Name::Shared => classes.shared += mapping.rss,
            Name::Kernel => classes.code_and_data += mapping.rss,
            Name::File(..) if programs.contains(&mapping.name) => {
                classes.code_and_data += mapping.rss
            }
            Name::File(..) => {
                // Pages of a private mapping that were written to are the process's own.
                classes.anonymous += mapping.anonymous;
                classes.file += mapping.rss.saturating_sub(mapping.anonymous);
            }
            Name::Anonymous if is_arena(mapping, mappings.get(at + 1)) => {
                classes.malloc += mapping.rss;
                found.malloc_mapped += mapping.size();
            }
            Name::Anonymous if is_stack(mapping, before) => classes.stacks += mapping.rss,
            Name::Anonymous if is_bss(mapping, before, &programs) => {
                classes.code_and_data += mapping.rss
            }
            // malloc maps blocks with a claim on swap; this is another allocator's, or the program's.
            Name::Anonymous if mapping.noreserve => classes.anonymous += mapping.rss,
            Name::Anonymous => {
                other.add(mapping);
                others.push(mapping);
            }
        }
    }
    let blocks = held
        .map_or(0, |held| held.saturating_sub(found.malloc_mapped))
        .min(other.mapped);
    let foreign = other.mapped - blocks;
    if blocks > 0
        && foreign > 0
        && let Some(exact) = memory.and_then(|memory| search(memory, &others, blocks))
    {
        found.malloc_mapped += exact.mapped;
        found.classes.malloc += exact.resident;
        found.classes.anonymous += other.resident.saturating_sub(exact.resident);
        return found;
    }
    let most = other.resident.min(blocks);
    let least = other.resident.saturating_sub(foreign).min(most);
    let share = if other.mapped == 0 {
        0
    } else {
        let share = u128::from(other.resident) * u128::from(blocks) / u128::from(other.mapped);
        u64::try_from(share).unwrap_or(u64::MAX).clamp(least, most)
    };
    found.malloc_mapped += blocks;
    found.classes.malloc += share;
    found.classes.anonymous += other.resident - share;
    found.uncertain = most - least;
    found
}

/// malloc's blocks in these mappings; `None` unless they add up to what malloc says.
fn search(memory: impl Memory, mappings: &[&Mapping], expected: u64) -> Option<Blocks> {
    let mut search = Search::new(memory);
    let mut all = Blocks::default();
    for mapping in mappings.iter().filter(|mapping| mapping.accessible) {
        let left = expected.saturating_sub(all.mapped);
        let found = search.blocks(mapping, left)?;
        all.mapped += found.mapped;
        all.resident += found.resident;
    }
    (all.mapped.abs_diff(expected) <= expected / UNEXPLAINED).then_some(all)
}

/// Anonymous mappings that nothing tells apart.
#[derive(Default)]
struct Sum {
    mapped: u64,
    resident: u64,
}

impl Sum {
    fn add(&mut self, mapping: &Mapping) {
        if mapping.accessible {
            self.mapped += mapping.size();
        }
        self.resident += mapping.rss;
    }
}

fn adjacent(first: &Mapping, second: &Mapping) -> bool {
    first.end == second.start
}

fn is_arena(mapping: &Mapping, next: Option<&Mapping>) -> bool {
    if !mapping.noreserve || !mapping.start.is_multiple_of(ARENA) {
        return false;
    }
    let rest = next
        .filter(|next| adjacent(mapping, next) && next.name == Name::Anonymous && !next.accessible);
    let end = rest.map_or(mapping.end, |rest| rest.end);
    end - mapping.start >= ARENA
}

/// Above an inaccessible guard. Arenas too are followed by inaccessible memory, but larger.
fn is_stack(mapping: &Mapping, before: Option<&Mapping>) -> bool {
    mapping.accessible
        && before.is_some_and(|guard| {
            adjacent(guard, mapping)
                && guard.name == Name::Anonymous
                && !guard.accessible
                && guard.size() <= GUARD_AT_MOST
        })
}

/// The zero-initialized data of a program or library lies behind its last segment.
fn is_bss(mapping: &Mapping, before: Option<&Mapping>, programs: &HashSet<Name>) -> bool {
    before.is_some_and(|segment| adjacent(segment, mapping) && programs.contains(&segment.name))
}

#[cfg(test)]
mod tests {
    use super::super::blocks::NOT_READ;
    use super::*;

    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;

    fn mapping(start: u64, size: u64, rss: u64) -> Mapping {
        Mapping {
            start,
            end: start + size,
            accessible: true,
            executable: false,
            name: Name::Anonymous,
            rss,
            anonymous: rss,
            noreserve: false,
        }
    }

    fn named(name: Name, start: u64, size: u64, rss: u64) -> Mapping {
        Mapping {
            name,
            anonymous: 0,
            ..mapping(start, size, rss)
        }
    }

    fn hole(start: u64, size: u64) -> Mapping {
        Mapping {
            accessible: false,
            ..mapping(start, size, 0)
        }
    }

    #[test]
    fn kinds_are_told_by_name_place_and_neighbours() {
        let (program, data) = (Name::File(1, 1), Name::File(1, 2));
        let arena = Mapping {
            noreserve: true,
            ..mapping(10 * ARENA, MIB, 900 * KIB)
        };
        let mappings = [
            Mapping {
                executable: true,
                ..named(program, 0, 64 * KIB, 60 * KIB)
            },
            named(program, 64 * KIB, 8 * KIB, 8 * KIB),
            mapping(72 * KIB, 4 * KIB, 4 * KIB),
            named(Name::Malloc, MIB, MIB, 512 * KIB),
            Mapping {
                anonymous: 16 * KIB,
                ..named(data, 4 * MIB, MIB, 100 * KIB)
            },
            arena,
            hole(10 * ARENA + MIB, ARENA - MIB),
            hole(20 * ARENA, 4 * KIB),
            mapping(20 * ARENA + 4 * KIB, 2 * MIB, 32 * KIB),
            named(Name::Shared, 30 * ARENA, MIB, 40 * KIB),
            named(Name::Stack, 31 * ARENA, MIB, 20 * KIB),
            named(Name::Kernel, 32 * ARENA, 8 * KIB, 4 * KIB),
        ];
        let found = classify(&mappings, None, NOT_READ);
        assert_eq!(
            found.classes,
            MapsClasses {
                malloc: 1412 * KIB,
                anonymous: 16 * KIB,
                stacks: 52 * KIB,
                file: 84 * KIB,
                shared: 40 * KIB,
                code_and_data: 76 * KIB,
                total: 1680 * KIB,
            }
        );
        assert_eq!(found.malloc_mapped, 2 * MIB);
    }

    #[test]
    fn large_blocks_are_mallocs_as_far_as_malloc_says_so() {
        let mappings = [
            named(Name::Malloc, 0, MIB, MIB),
            mapping(10 * MIB, 30 * MIB, 20 * MIB),
        ];
        let all = classify(&mappings, Some(31 * MIB), NOT_READ);
        assert_eq!((all.classes.malloc, all.classes.anonymous), (21 * MIB, 0));
        assert_eq!((all.malloc_mapped, all.uncertain), (31 * MIB, 0));

        let none = classify(&mappings, Some(MIB), NOT_READ);
        assert_eq!(
            (none.classes.malloc, none.classes.anonymous),
            (MIB, 20 * MIB)
        );
        assert_eq!(none.uncertain, 0);

        let some = classify(&mappings, Some(16 * MIB), NOT_READ);
        assert_eq!(some.malloc_mapped, 16 * MIB);
        assert_eq!(some.classes.malloc, 11 * MIB, "in proportion");
        assert_eq!(
            some.uncertain,
            10 * MIB,
            "5 to 15 MiB of the blocks may be resident"
        );
    }

    #[test]
    fn an_arena_in_front_is_no_stack_guard() {
        let arena = Mapping {
            noreserve: true,
            ..mapping(ARENA, MIB, MIB)
        };
        let mappings = [
            arena,
            hole(ARENA + MIB, ARENA - MIB),
            mapping(2 * ARENA, MIB, MIB),
        ];
        let found = classify(&mappings, None, NOT_READ);
        assert_eq!(found.classes.stacks, 0);
        assert_eq!(found.classes.malloc, MIB);
        assert_eq!(found.classes.anonymous, MIB);
    }

    #[test]
    fn every_resident_byte_is_in_one_class() {
        let mappings: Vec<_> = (0..50)
            .map(|n| match n % 4 {
                0 => mapping(n * MIB, MIB, n * KIB),
                1 => hole(n * MIB, MIB),
                2 => named(Name::File(1, n), n * MIB, MIB, n * KIB),
                _ => named(Name::Malloc, n * MIB, MIB, n * KIB),
            })
            .collect();
        for held in [None, Some(0), Some(10 * MIB), Some(u64::MAX)] {
            let c = classify(&mappings, held, NOT_READ).classes;
            let sum = c.malloc + c.anonymous + c.stacks + c.file + c.shared + c.code_and_data;
            assert_eq!(sum, c.total, "{held:?}");
        }
    }
}
