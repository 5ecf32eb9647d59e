//! What an index file has to be for a search to trust it.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::format::{HEADER as HEADER_BYTES, SECTIONS};
use super::header::Header;
use crate::index::Index;
use crate::index::coded::EXPONENTS;
use crate::index::hnsw::MOST_VECTORS;
use crate::index::kernels::MAX_DIM;

/// What the header is called in messages.
pub(super) const HEADER: &str = "header";

/// What is wrong, in which section.
#[derive(Debug)]
pub(super) struct Damage {
    pub(super) section: &'static str,
    pub(super) what: String,
}

impl Damage {
    pub(super) fn new(section: &'static str, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { section, what }
    }

    fn unless(
        holds: bool,
        section: &'static str,
        what: impl FnOnce() -> String,
    ) -> Result<(), Self> {
        if holds {
            Ok(())
        } else {
            Err(Self::new(section, what()))
        }
    }
}

/// Holds what the header says against the bounds of an index; where its sections are.
pub(super) fn header(header: &Header) -> Result<[Range<u64>; 8], Damage> {
    let within =
        |holds, what: &str| Damage::unless(holds, HEADER, || format!("{what} is out of bounds"));
    let Header { len, entry, .. } = *header;
    within(len <= MOST_VECTORS as u64, "the number of vectors")?;
    within((1..=MAX_DIM as u64).contains(&header.dim), "their length")?;
    within(header.params.check().is_ok(), "M or ef_construction")?;
    within(EXPONENTS.contains(&header.exponent), "the exponent")?;
    within(entry < len || (len, entry) == (0, 0), "the entry")?;
    within(header.top <= 64, "the top level")?;
    within(
        header.upper_rows <= u64::from(u32::MAX),
        "the number of upper rows",
    )?;
    let layout = header.sizes().and_then(|sizes| sizes.layout());
    layout.ok_or_else(|| Damage::new(HEADER, "its sizes are beyond any file"))
}

/// Holds every byte against the checksums; those between sections are zero.
pub(super) fn bytes(map: &[u8], header: &Header, layout: &[Range<u64>; 8]) -> Result<(), Damage> {
    let mut end = HEADER_BYTES;
    for ((range, name), checksum) in layout.iter().zip(SECTIONS).zip(header.checksums) {
        let (start, next) = (range.start as usize, range.end as usize);
        let zero = map[end..start].iter().all(|byte| *byte == 0);
        Damage::unless(zero, name, || "the bytes before it are not zero".to_owned())?;
        let same = xxh3_64(&map[start..next]) == checksum;
        Damage::unless(same, name, || "its checksum is another".to_owned())?;
        end = next;
    }
    Ok(())
}

/// Holds the graph against its bounds: whatever passes can be searched, without a read beyond the map.
pub(super) fn bounds(index: &Index) -> Result<(), Damage> {
    let graph = &index.graph;
    let [
        levels,
        offsets,
        upper,
        upper_counts,
        counts,
        level0,
        sides,
        _,
    ] = SECTIONS;
    let mut rows = 0_u64;
    for (id, (level, offset)) in graph.levels.iter().zip(graph.offsets.iter()).enumerate() {
        Damage::unless(*level <= index.top, levels, || {
            format!(
                "vector {id} is on level {level} and the top is {}",
                index.top
            )
        })?;
        Damage::unless(u64::from(*offset) == rows, offsets, || {
            format!("that of vector {id} is {offset}, not {rows}")
        })?;
        rows += u64::from(*level);
    }
    Damage::unless(rows == graph.upper_counts.len() as u64, levels, || {
        format!(
            "they take {rows} upper rows and there are {}",
            graph.upper_counts.len()
        )
    })?;
    let entry = graph.levels.get(index.entry as usize).copied();
    Damage::unless(entry.unwrap_or(0) == index.top, HEADER, || {
        format!("its entry, vector {}, is not on the top level", index.entry)
    })?;
    for (name, counts, room) in [
        (counts, &graph.counts, index.params.room(0)),
        (upper_counts, &graph.upper_counts, index.params.room(1)),
    ] {
        let most = counts.iter().copied().max().unwrap_or(0);
        Damage::unless(usize::from(most) <= room, name, || {
            format!("one says {most} links, and there is room for {room}")
        })?;
    }
    for (name, links) in [(level0, &graph.level0), (upper, &graph.upper)] {
        let most = links.iter().copied().max().unwrap_or(0);
        Damage::unless(
            (most as usize) < index.len() || links.is_empty(),
            name,
            || format!("a link to vector {most} of {}", index.len()),
        )?;
    }
    on_their_levels(index)?;
    let plain = |value: f32| value.is_finite() && value >= 0.0;
    let sound = index
        .sides
        .iter()
        .all(|side| plain(side.scale) && plain(side.norm));
    Damage::unless(sound, sides, || "one is negative or not finite".to_owned())
}

/// A search follows links of one level: each must lead to a vector that is on it.
fn on_their_levels(index: &Index) -> Result<(), Damage> {
    let links = index.graph.links(index.params.m);
    for (id, own) in (0..).zip(links.levels) {
        for level in 1..=*own {
            let lost = |link: &&u32| links.levels[**link as usize] < level;
            if let Some(link) = links.of(id, level).iter().find(lost) {
                let what = format!(
                    "vector {id} links to vector {link} on level {level}, where that is not"
                );
                return Err(Damage::new(SECTIONS[2], what));
            }
        }
    }
    Ok(())
}
