//! Heap profiles as folded stacks, the form that flame graph tools share, and as a differential flame graph.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use inferno::flamegraph::{Direction, Options, TextTruncateDirection, from_lines};

use super::SiteDifference;
use super::text;
use super::words;
use crate::analyze::heap_sites;
use crate::evidence::{CallSite, HeapProfile};

/// Longest name of a function in a stack.
const NAME: usize = 300;
/// Columns of a graph; it is scaled to the page.
const WIDTH: usize = 1_200;
/// Frames narrower than this share of the whole, in percent, are left out of a graph.
const NARROWEST: f64 = 0.2;
/// What is above and below the frames of a graph that hangs from its root: room for controls, which a page without
/// scripts does not have, and the frame of all frames, which says nothing.
const ABOVE: usize = 52 + 16;
const BELOW: usize = 22;

/// A figure of a call site.
type Figure = fn(&CallSite) -> u64;

/// A profile as folded stacks: a line a stack, functions from the outermost inwards with semicolons between
/// them, then the figure. Places in the source are left out, so that stacks of two builds can be held against each
/// other (`inferno-diff-folded`).
pub fn folded(profile: &HeapProfile, figure: Figure) -> String {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for site in &profile.sites {
        let sum = sums.entry(stack(&site.frames)).or_default();
        *sum = sum.saturating_add(figure(site));
    }
    let mut out = String::new();
    for (stack, amount) in sums.into_iter().filter(|(_, amount)| *amount > 0) {
        let _ = writeln!(out, "{stack} {amount}");
    }
    out
}

fn stack(frames: &[String]) -> String {
    let mut names: Vec<String> = Vec::new();
    for frame in frames.iter().rev() {
        // What separates the names, and the counts, is not in them.
        let name = text::line(&words::function(frame), NAME).replace(';', ":");
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    match names.is_empty() {
        true => "???".to_owned(),
        false => names.join(";"),
    }
}

/// Whose bytes a graph's frames are as wide as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wide {
    /// The first profile's: what vanished is there, what is new is not.
    Old,
    /// The other's.
    New,
}

/// A flame graph of the bytes live at the peak, down to the program's own function that allocates: that one in blue where
/// the new profile holds less there, in red where it holds more. An SVG element without scripts, styles or ids; none
/// where there are no bytes.
///
/// B. Gregg, "Differential Flame Graphs", 2014; but what a stack was before is not what the very same stack was: variants
/// begin in functions of their own. It is its share of what its call site was, which is matched by function.
pub(super) fn flame_graph(
    old: &HeapProfile,
    new: &HeapProfile,
    wide: Wide,
    label: &str,
) -> Option<String> {
    let rows = heap_sites(old, new);
    let own: BTreeMap<(&str, Option<&str>), &SiteDifference> = rows
        .iter()
        .map(|row| ((row.function.as_str(), row.caller.as_deref()), row))
        .collect();
    let mut stacks: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    let profile = match wide {
        Wide::Old => old,
        Wide::New => new,
    };
    for site in profile.sites.iter().filter(|site| site.at_peak > 0) {
        let (function, caller) = words::site_functions(site);
        let row = own.get(&(function.as_str(), caller.as_deref()));
        let Some(row) = row.or_else(|| own.get(&(function.as_str(), None))) else {
            continue;
        };
        let (here, there) = match wide {
            Wide::Old => (row.old.at_peak, row.new.at_peak),
            Wide::New => (row.new.at_peak, row.old.at_peak),
        };
        let other = site.at_peak as f64 * (there as f64 / here.max(1) as f64);
        let sums = stacks.entry(stack(words::own_frames(site))).or_default();
        sums[0] = sums[0].saturating_add(other.round() as u64);
        sums[1] = sums[1].saturating_add(site.at_peak);
    }
    let lines: Vec<String> = stacks
        .into_iter()
        .map(|(stack, [other, wide])| format!("{stack} {other} {wide}"))
        .collect();
    let mut options = Options::default();
    options.direction = Direction::Inverted;
    options.text_truncate_direction = TextTruncateDirection::Right;
    options.image_width = Some(WIDTH);
    options.min_width = NARROWEST;
    options.count_name = "bytes".to_owned();
    options.no_javascript = true;
    options.negate_differentials = wide == Wide::Old;
    let mut svg = Vec::new();
    from_lines(&mut options, lines.iter().map(String::as_str), &mut svg).ok()?;
    frames_of(&String::from_utf8(svg).ok()?, label)
}

/// The frames alone, in an element that scales with the page: what stands around them needs scripts, and a style
/// within an element of a page holds for all of it.
fn frames_of(svg: &str, label: &str) -> Option<String> {
    let height: usize = attribute(svg, " height=\"")?.parse().ok()?;
    let begin = svg.find("<svg id=\"frames\"")?;
    let end = svg.rfind("</svg>")?;
    // It begins where the page's element does, but the frames lie lower.
    let visible = " overflow=\"visible\"";
    let frames = svg.get(begin..end)?.replacen(" id=\"frames\"", visible, 1);
    let label = escaped(&text::line(label, text::SENTENCE));
    let height = height.saturating_sub(ABOVE + BELOW);
    Some(format!(
        "<svg class=\"flame\" viewBox=\"0 {ABOVE} {WIDTH} {height}\" role=\"img\" aria-label=\"{label}\">{frames}</svg>"
    ))
}

fn attribute<'a>(svg: &'a str, begins: &str) -> Option<&'a str> {
    let value = &svg[svg.find(begins)? + begins.len()..];
    value.split('"').next()
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(frames: &[&str], at_peak: u64) -> CallSite {
        CallSite {
            frames: frames.iter().map(|frame| (*frame).to_owned()).collect(),
            at_peak,
            total: 10 * at_peak,
            ..CallSite::default()
        }
    }

    fn profile(sites: &[CallSite]) -> HeapProfile {
        HeapProfile {
            sites: sites.to_vec(),
            ..HeapProfile::default()
        }
    }

    fn both() -> (HeapProfile, HeapProfile) {
        let run = "demo::run (src/run.rs:5:1)";
        let old = profile(&[
            site(&["demo::push (src/queue.rs:31:9)", run], 700),
            site(&["demo::Seen::insert (src/seen.rs:18:9)", run], 300),
        ]);
        let new = profile(&[
            site(&["demo::push (src/deque.rs:2:2)", run], 70),
            site(&["demo::push (src/deque.rs:3:2)", run], 10),
            site(
                &["demo::Window<[u8; 8]>::slide (src/window.rs:1:1)", run],
                90,
            ),
        ]);
        (old, new)
    }

    #[test]
    fn stacks_are_folded_from_the_root_without_lines() {
        let (old, new) = both();
        let expected = "demo::run;demo::Seen::insert 300\ndemo::run;demo::push 700\n";
        assert_eq!(folded(&old, |site| site.at_peak), expected);
        let expected = "demo::run;demo::Window::slide 900\ndemo::run;demo::push 800\n";
        assert_eq!(folded(&new, |site| site.total), expected);
        let odd = profile(&[site(&["a;b\nc"], 1), site(&[], 2), site(&["gone"], 0)]);
        assert_eq!(folded(&odd, |site| site.at_peak), "??? 2\na:b c 1\n");
    }

    #[test]
    fn what_shrank_is_blue_what_grew_is_red_and_what_vanished_is_in_the_older_graph() {
        let (old, new) = both();
        let graph = |wide| flame_graph(&old, &new, wide, "x").unwrap();
        let of_old = graph(Wide::Old);
        assert!(
            of_old.contains("<title>demo::Seen::insert (300 bytes, 30.00%; -30.00%)</title>"),
            "{of_old}"
        );
        assert!(
            of_old.contains("<title>demo::push (700 bytes, 70.00%; -62.00%)</title>"),
            "{of_old}"
        );
        assert!(!of_old.contains("slide"));
        let of_new = graph(Wide::New);
        assert!(
            of_new.contains("<title>demo::Window::slide (90 bytes, 52.94%; +52.94%)</title>"),
            "{of_new}"
        );
        // Red is full where nothing was before, blue where it was all that there was.
        let colour = |graph: &str, name: &str| {
            let from = graph.find(&format!("<title>{name} ")).unwrap();
            let fill = &graph[from + graph[from..].find("fill=\"rgb(").unwrap() + 10..];
            let channels: Vec<u32> = fill
                .split(')')
                .next()
                .unwrap()
                .split(',')
                .map(|c| c.parse().unwrap())
                .collect();
            (channels[0], channels[2])
        };
        let (red, blue) = colour(&of_old, "demo::push");
        assert!(blue > red, "{red} {blue}");
        let (red, blue) = colour(&of_new, "demo::Window::slide");
        assert!(red > blue, "{red} {blue}");
    }

    #[test]
    fn variants_that_begin_in_functions_of_their_own_are_matched_by_call_site() {
        let grow = "alloc::raw_vec::grow (src/raw_vec.rs:1:1)";
        let old = profile(&[site(
            &[grow, "demo::push", "demo::search", "demo::in_memory"],
            400,
        )]);
        let new = profile(&[site(&["demo::push", "demo::search", "demo::on_disk"], 100)]);
        let graph = flame_graph(&old, &new, Wide::Old, "x").unwrap();
        assert!(
            graph.contains("<title>demo::push (400 bytes, 100.00%; -75.00%)</title>"),
            "{graph}"
        );
        assert!(!graph.contains("raw_vec"));
    }

    #[test]
    fn a_graph_brings_nothing_with_it_that_a_page_would_suffer_from() {
        let evil = profile(&[site(
            &["<script>alert(1)</script> \u{1b}[2J\"'&", "demo::run"],
            5,
        )]);
        let graph = flame_graph(&profile(&[]), &evil, Wide::New, "\"><script>").unwrap();
        for forbidden in ["<script", "<style", "id=\"", "\u{1b}", "http", "onload"] {
            assert!(!graph.contains(forbidden), "{forbidden}: {graph}");
        }
        assert_eq!(
            graph.matches("<svg").count(),
            graph.matches("</svg>").count()
        );
        assert_eq!(flame_graph(&profile(&[]), &evil, Wide::Old, "x"), None);
    }
}
