//! What an index file has to be for a search to trust it.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::format::{HEADER as HEADER_BYTES, SECTIONS};
use super::header::Header;
use crate::index::coded::EXPONENTS;
use crate::index::hnsw::MOST_VECTORS;
use crate::index::kernels::MAX_DIM;
use crate::index::links::Links;
use crate::index::{Index, Params};

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
    within(header.counters.inserted <= len, "how many are in")?;
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

/// Holds an index against its bounds: whatever passes can be searched, without a read beyond the map.
pub(super) fn bounds(index: &Index) -> Result<(), Damage> {
    let links = index.graph.links(index.params.m);
    graph(&links, index.params, index.entry, index.top)?;
    let plain = |value: f32| value.is_finite() && value >= 0.0;
    let sound = index
        .sides
        .iter()
        .all(|side| plain(side.scale) && plain(side.norm));
    Damage::unless(sound, SECTIONS[6], || {
        "one is negative or not finite".to_owned()
    })?;
    Damage::unless(
        links.levels.iter().all(|level| *level <= index.top),
        SECTIONS[0],
        || format!("a vector is above the top level, {}", index.top),
    )
}

/// Holds a graph against its bounds, where searches begin at `entry` on level `top`.
pub(super) fn graph(links: &Links<'_>, params: Params, entry: u32, top: u8) -> Result<(), Damage> {
    let [levels, offsets, upper, upper_counts, counts, level0, ..] = SECTIONS;
    let len = links.levels.len();
    let mut rows = 0_u64;
    for (id, (level, offset)) in links.levels.iter().zip(links.offsets).enumerate() {
        Damage::unless(u64::from(*offset) == rows, offsets, || {
            format!("that of vector {id} is {offset}, not {rows}")
        })?;
        rows += u64::from(*level);
    }
    Damage::unless(rows == links.upper_counts.len() as u64, levels, || {
        format!(
            "they take {rows} upper rows and there are {}",
            links.upper_counts.len()
        )
    })?;
    let own = links.levels.get(entry as usize).copied();
    Damage::unless(own.unwrap_or(0) == top, HEADER, || {
        format!("its entry, vector {entry}, is not on the top level")
    })?;
    for (name, counts, room) in [
        (counts, links.counts, params.room(0)),
        (upper_counts, links.upper_counts, params.room(1)),
    ] {
        let most = counts.iter().copied().max().unwrap_or(0);
        Damage::unless(usize::from(most) <= room, name, || {
            format!("one says {most} links, and there is room for {room}")
        })?;
    }
    for (name, links) in [(level0, links.level0), (upper, links.upper)] {
        let most = links.iter().copied().max().unwrap_or(0);
        Damage::unless((most as usize) < len || links.is_empty(), name, || {
            format!("a link to vector {most} of {len}")
        })?;
    }
    on_their_levels(links)
}

/// A search follows links of one level: each must lead to a vector that is on it.
fn on_their_levels(links: &Links<'_>) -> Result<(), Damage> {
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
