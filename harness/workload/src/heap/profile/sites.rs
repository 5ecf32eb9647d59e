//! The sites: figures by stack, and what was live at the heap's peak.
//!
//! The peak is the highest estimate of the live bytes, Rust's and C's together. Nothing is copied when there is a new
//! one: it only gets the next number. A site that changes later sets what it had at the last peak aside first, and
//! notes that peak's number; one that has not changed since still has it. So every step takes the same short time.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::chance::Weight;
use super::layout::{DEEPEST, ELSEWHERE, FigureCells, Layout, SITES, SiteCells, WORDS};
use super::lock::Lock;
use super::modules::Modules;

/// Places of the table that finds a stack; twice the sites.
const PLACES: usize = 2 * SITES;

/// What only the writer needs.
pub(super) struct Sites(Lock<Index>);

struct Index {
    /// By hash of the stack, 1 plus the site's index; 0 for none.
    places: [u32; PLACES],
    modules: Modules,
}

impl Sites {
    pub(super) const fn new() -> Self {
        Self(Lock::new(Index {
            places: [0; PLACES],
            modules: Modules::new(),
        }))
    }

    /// The site of a stack, made known if it is new. Where it finds no room, the one that stands for such stacks.
    pub(super) fn find(&self, file: &Layout, c: bool, addresses: &[u64]) -> u32 {
        self.0.with(|index| {
            let hash = hash(c, addresses);
            let mut place = hash as usize % PLACES;
            // The table is never full: there are fewer sites.
            while let Some(site) = index.places[place].checked_sub(1) {
                if is(file, site, c, hash, addresses) {
                    return site;
                }
                place = (place + 1) % PLACES;
            }
            let Some(site) = add(file, c, hash, addresses) else {
                let elsewhere = u32::from(c);
                file.sites[elsewhere as usize].c.store(elsewhere, Relaxed);
                return elsewhere;
            };
            index.places[place] = site + 1;
            index.modules.cover(addresses, file);
            site
        })
    }

    /// An allocation that was sampled.
    pub(super) fn allocated(&self, file: &Layout, site: u32, weight: Weight, live: bool) {
        self.0.with(|_| {
            let Some(cells) = file.sites.get(site as usize) else {
                return;
            };
            add_to(&cells.total, weight, 1.0);
            increment(&cells.samples);
            increment(&file.header.samples);
            if live {
                change(file, cells, weight, 1.0);
            }
        });
    }

    /// A sampled block that is freed, or that was to be and stays after all.
    pub(super) fn live(&self, file: &Layout, site: u32, weight: Weight, stays: bool) {
        self.0.with(|_| {
            if let Some(cells) = file.sites.get(site as usize) {
                change(file, cells, weight, if stays { 1.0 } else { -1.0 });
            }
        });
    }
}

/// What the functions here do under the lock needs no atomic addition.
fn increment(cell: &AtomicU64) {
    cell.store(cell.load(Relaxed) + 1, Relaxed);
}

fn add_to(figures: &FigureCells, weight: Weight, sign: f64) {
    figures.bytes.set(figures.bytes.get() + sign * weight.bytes);
    figures
        .blocks
        .set(figures.blocks.get() + sign * weight.blocks);
    figures
        .variance
        .set(figures.variance.get() + sign * weight.variance);
}

fn change(file: &Layout, site: &SiteCells, weight: Weight, sign: f64) {
    let header = &file.header;
    let peak = header.peak.load(Relaxed);
    if site.peak.load(Relaxed) != peak {
        site.at_peak.copy(&site.live);
        site.peak.store(peak, Relaxed);
    }
    add_to(&site.live, weight, sign);
    let live = header.live.get() + sign * weight.bytes;
    header.live.set(live);
    if live > header.highest.get() {
        header.highest.set(live);
        increment(&header.peak);
    }
}

/// FNV-1a over words, folded.
fn hash(c: bool, addresses: &[u64]) -> u32 {
    let mixed = addresses.iter().fold(u64::from(c), |hash, address| {
        (hash ^ address)
            .wrapping_mul(0x0000_0100_0000_01B3)
            .rotate_left(23)
    });
    let mixed = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as u32
}

fn is(file: &Layout, site: u32, c: bool, hash: u32, addresses: &[u64]) -> bool {
    let Some(cells) = file.sites.get(site as usize) else {
        return false;
    };
    let first = cells.first.load(Relaxed) as usize;
    cells.hash.load(Relaxed) == hash
        && cells.c.load(Relaxed) == u32::from(c)
        && cells.depth.load(Relaxed) as usize == addresses.len()
        && file
            .words
            .get(first..first + addresses.len())
            .is_some_and(|words| {
                words
                    .iter()
                    .zip(addresses)
                    .all(|(word, address)| word.load(Relaxed) == *address)
            })
}

fn add(file: &Layout, c: bool, hash: u32, addresses: &[u64]) -> Option<u32> {
    debug_assert!(addresses.len() <= DEEPEST);
    let header = &file.header;
    let site = header.sites.load(Relaxed).max(ELSEWHERE);
    let first = header.words.load(Relaxed);
    let cells = file.sites.get(site as usize)?;
    let end = first as usize + addresses.len();
    if end > WORDS {
        return None;
    }
    for (word, address) in file.words[first as usize..end].iter().zip(addresses) {
        word.store(*address, Relaxed);
    }
    cells.first.store(first, Relaxed);
    cells.depth.store(addresses.len() as u32, Relaxed);
    cells.c.store(u32::from(c), Relaxed);
    cells.hash.store(hash, Relaxed);
    header.words.store(end as u32, Relaxed);
    header.sites.store(site + 1, Relaxed);
    Some(site)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::super::layout::blank;
    use super::super::snapshot::SampledHeap;
    use super::*;

    fn read(file: &Layout) -> SampledHeap {
        SampledHeap::of(file)
    }

    proptest! {
        #[test]
        fn what_was_live_at_the_peak_is_what_a_copy_at_each_peak_would_say(
            operations in prop::collection::vec((0..5u64, 0..3u64, any::<bool>()), 1..300),
        ) {
            let (file, sites) = (blank(), Box::new(Sites::new()));
            file.header.every.store(1000, Relaxed);
            let mut live: Vec<(u64, u64)> = Vec::new();
            let (mut now, mut highest, mut at_peak, mut total) = (0.0, 0.0, HashMap::new(), HashMap::new());
            for (stack, scale, frees) in operations {
                if frees && !live.is_empty() {
                    let (stack, size) = live.swap_remove(scale as usize % live.len());
                    let site = sites.find(&file, false, &[stack, 1]);
                    sites.live(&file, site, Weight::of(size, 1000), false);
                    now -= Weight::of(size, 1000).bytes;
                } else {
                    let size = 10u64.pow(2 + scale as u32);
                    let site = sites.find(&file, false, &[stack, 1]);
                    let weight = Weight::of(size, 1000);
                    sites.allocated(&file, site, weight, true);
                    live.push((stack, size));
                    now += weight.bytes;
                    *total.entry(stack).or_insert(0.0) += weight.bytes;
                }
                if now > highest {
                    highest = now;
                    at_peak = HashMap::new();
                    for (stack, size) in &live {
                        *at_peak.entry(*stack).or_insert(0.0) += Weight::of(*size, 1000).bytes;
                    }
                }
            }
            for site in read(&file).sites {
                let near = |a: f64, b: Option<&f64>| (a - b.copied().unwrap_or(0.0)).abs() < 1e-3;
                prop_assert!(near(site.at_peak.bytes, at_peak.get(&site.addresses[0])), "{:?} {:?}", site, at_peak);
                prop_assert!(near(site.total.bytes, total.get(&site.addresses[0])));
            }
        }
    }

    #[test]
    fn stacks_that_find_no_room_are_counted_all_the_same() {
        let (file, sites) = (blank(), Box::new(Sites::new()));
        file.header.every.store(1000, Relaxed);
        let deep: Vec<u64> = (0..DEEPEST as u64).collect();
        let fits = WORDS / DEEPEST;
        for n in 0..fits as u64 + 10 {
            let mut stack = deep.clone();
            stack[0] = 1_000_000 + n;
            let site = sites.find(&file, true, &stack);
            sites.allocated(&file, site, Weight::of(500_000, 1000), true);
        }
        let heap = read(&file);
        assert_eq!(heap.samples as usize, fits + 10);
        let elsewhere: Vec<_> = heap
            .sites
            .iter()
            .filter(|site| site.addresses.is_empty())
            .collect();
        assert_eq!(
            (elsewhere.len(), elsewhere[0].samples, elsewhere[0].c),
            (1, 10, true)
        );
        assert!((heap.at_peak().bytes / (500_000.0 * (fits + 10) as f64) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn sides_are_sites_of_their_own() {
        let (file, sites) = (blank(), Box::new(Sites::new()));
        let [rust, c] = [false, true].map(|c| sites.find(&file, c, &[1, 2]));
        assert_ne!(rust, c);
        assert_eq!(sites.find(&file, true, &[1, 2]), c);
        assert_eq!(rust, ELSEWHERE);
    }
}
