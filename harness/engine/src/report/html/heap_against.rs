//! The heap of each variant against the baseline's: call sites that changed, and where the bytes went.

use super::super::stacks::{Wide, flame_graph};
use super::super::text;
use super::super::words::heap::{changes, head, matched, rest};
use super::super::{Report, SiteDifference};
use crate::analyze::heap_difference;
use crate::evidence::HeapProfile;

/// One variant beside the baseline.
pub(super) struct HeapAgainst {
    pub(super) id: String,
    pub(super) head: String,
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// All other call sites: their figures.
    pub(super) rest: [String; 4],
    pub(super) graphs: Vec<Graph>,
}

/// A call site that changed.
pub(super) struct Row {
    pub(super) function: String,
    pub(super) caller: String,
    pub(super) matched: &'static str,
    pub(super) cells: [String; 4],
}

/// A flame graph.
pub(super) struct Graph {
    pub(super) caption: String,
    pub(super) svg: String,
}

/// Every variant that has a profile beside the baseline's.
pub(super) fn heap_against(report: &Report) -> Vec<HeapAgainst> {
    let baseline = report.baseline();
    let old_id = baseline.map_or_else(String::new, |baseline| {
        text::line(&baseline.id, text::LABEL)
    });
    let heaps = report.heaps_against_baseline();
    heaps
        .map(|(variant, old, new)| {
            let difference = heap_difference(old, new);
            let id = text::line(&variant.id, text::LABEL);
            HeapAgainst {
                head: head(&difference),
                notes: difference.notes.clone(),
                rows: difference.sites.iter().map(row).collect(),
                rest: rest(&difference),
                graphs: graphs((&old_id, old), (&id, new)),
                id,
            }
        })
        .collect()
}

fn row(site: &SiteDifference) -> Row {
    Row {
        function: text::line(&site.function, 160),
        caller: text::line(site.caller.as_deref().unwrap_or_default(), 160),
        matched: matched(site.matched),
        cells: changes(site.old, site.new),
    }
}

fn graphs((old_id, old): (&str, &HeapProfile), (id, new): (&str, &HeapProfile)) -> Vec<Graph> {
    let of = |wide: Wide, whose: &str| {
        let caption = format!(
            "Bytes live at the peak of {whose}, outermost function first; blue where {id} holds less than {old_id}, red \
             where it holds more"
        );
        let svg = flame_graph(old, new, wide, &caption)?;
        Some(Graph { caption, svg })
    };
    [of(Wide::Old, old_id), of(Wide::New, id)]
        .into_iter()
        .flatten()
        .collect()
}
