//! Where the memory is at the peak: one stacked bar a variant, each as long as its own resident
//! size, because their sizes may lie far apart.

use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::super::{Reconciliation, Report, format, text};
use super::axis::Axis;
use super::frame::{Canvas, Drawn, PlotError, fill, frame, path, stroke, svg, text_width, write};
use super::ink::Ink;
use super::rows::{name_row, rows_height, rows_margins};
use plimsoll_workload::Unit;

/// Height of a row.
const ROW: u32 = 44;

/// What the parts of a bar are coloured by: the ledger as one, each line outside it, those that
/// hold the largest shares first, and the remainder.
pub(crate) fn categories(report: &Report) -> Vec<String> {
    let mut shares: Vec<(String, f64)> = Vec::new();
    for reconciliation in reconciliations(report) {
        let resident = reconciliation.resident.max(1) as f64;
        for line in reconciliation
            .lines
            .iter()
            .filter(|line| !line.ledger && line.bytes > 0)
        {
            let name = text::line(&line.what, text::LABEL);
            let share = line.bytes as f64 / resident;
            match shares.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum += share,
                None => shares.push((name, share)),
            }
        }
    }
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    // Lines that are there at other times than the peak.
    for band in reconciliations(report).flat_map(|reconciliation| &reconciliation.course.bands) {
        let name = text::line(&band.what, text::LABEL);
        let counts = !band.ledger && name != REMAINDER && band.bytes.iter().any(|bytes| *bytes > 0);
        if counts && !shares.iter().any(|(known, _)| *known == name) {
            shares.push((name, 0.0));
        }
    }
    let others = shares.into_iter().map(|(name, _)| name);
    let first = std::iter::once(LEDGER.to_owned());
    first.chain(others).chain([REMAINDER.to_owned()]).collect()
}

/// The name of all components of the ledger together.
const LEDGER: &str = "ledger";
/// The name of what is left over.
const REMAINDER: &str = "remainder";

/// The category of a line; none of one that is never positive.
pub(super) fn place(categories: &[String], what: &str, ledger: bool) -> Option<usize> {
    let name = text::line(what, text::LABEL);
    let known = || categories.iter().position(|known| *known == name);
    if ledger { Some(0) } else { known() }
}

/// The place of a category among the colours of data. The ledger and the remainder, which matter
/// most, have colours of their own; the others wrap around the rest.
pub(super) fn ink(place: usize, categories: usize) -> Ink {
    if place == 0 {
        Ink::Series(1)
    } else if place + 1 == categories {
        Ink::Text
    } else {
        Ink::Series(2 + (place - 1) % 6)
    }
}

/// How much of its colour a category has, so that those that share one differ.
pub(super) fn shade(place: usize) -> f64 {
    if place > 6 { 0.2 } else { 0.42 }
}

/// A category's swatch: the class of its colour and its opacity.
pub(crate) fn swatch(place: usize, categories: usize) -> (String, f64) {
    let class = match ink(place, categories) {
        Ink::Series(series) => super::ink::series_class(series),
        _ => "text".to_owned(),
    };
    (class, shade(place))
}

fn reconciliations(report: &Report) -> impl Iterator<Item = &Reconciliation> {
    let all = report
        .reconciled()
        .map(|(_, reconciliation)| reconciliation);
    all.filter(|reconciliation| reconciliation.refused.is_none())
}

/// A part of a bar, from and to as shares of the resident size.
struct Part {
    from: f64,
    to: f64,
    category: usize,
    label: String,
}

/// Draws the bars, `width` pixels wide; nothing where no variant is reconciled.
pub(crate) fn stacked(report: &Report, width: u32) -> Result<Option<String>, PlotError> {
    let rows: Vec<(&str, &Reconciliation)> = report
        .reconciled()
        .map(|(variant, reconciliation)| (variant.id.as_str(), reconciliation))
        .filter(|(_, reconciliation)| {
            reconciliation.refused.is_none() && reconciliation.resident > 0
        })
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let categories = categories(report);
    let bars: Vec<Vec<Part>> = rows.iter().map(|(_, r)| parts(r, &categories)).collect();
    let longest = bars
        .iter()
        .flatten()
        .map(|part| part.to)
        .fold(1.0, f64::max);
    let axis = Axis::linear(Unit::Share, longest);
    let all = Axis::rows(rows.len());
    let height = rows_height(rows.len(), ROW);
    let description = rows.iter().map(|(id, reconciliation)| {
        format!(
            "{}: {}",
            text::line(id, text::LABEL),
            reconciliation.in_short()
        )
    });
    let description = description.collect::<Vec<_>>().join("; ");
    let title = "What holds the memory at the peak, by variant";
    let drawn = svg(
        "the reconciliation",
        (width, height),
        title,
        &description,
        |canvas| {
            let margins = rows_margins(rows.iter().map(|(id, _)| *id), width);
            let chart = frame(
                canvas,
                &margins,
                (&axis, &all),
                ("share of the variant's own resident memory", ""),
            )?;
            for (place, ((id, reconciliation), bar)) in rows.iter().zip(&bars).enumerate() {
                let (left, middle) = chart.backend_coord(&(0.0, all.row(place)));
                let x = |share: f64| chart.backend_coord(&(share, 0.0)).0;
                draw_bar(canvas, bar, &x, middle, categories.len())?;
                let end = x(1.0);
                path(
                    canvas,
                    vec![(end, middle - 18), (end, middle + 18)],
                    stroke(Ink::Text, 2),
                )?;
                let resident = format::bytes(reconciliation.resident as f64);
                name_row(canvas, (id, &resident), (left, x(axis.high())), middle)?;
            }
            Ok(())
        },
    )?;
    Ok(Some(drawn))
}

fn draw_bar(
    canvas: &Canvas<'_>,
    bar: &[Part],
    x: &dyn Fn(f64) -> i32,
    middle: i32,
    categories: usize,
) -> Drawn {
    for part in bar {
        let (from, to) = (x(part.from), x(part.to));
        let ink = ink(part.category, categories);
        // Nothing shows through: the grid lies behind the bar.
        let behind = Ink::Surface.colour().mix(1.0);
        fill(canvas, (from, middle - 14), (to, middle + 14), behind)?;
        let colour = ink.colour().mix(shade(part.category));
        fill(canvas, (from, middle - 14), (to, middle + 14), colour)?;
        path(
            canvas,
            vec![(to, middle - 14), (to, middle + 14)],
            stroke(Ink::Surface, 1),
        )?;
        if text_width(&part.label) + 10 <= to - from {
            let at = ((from + to) / 2, middle);
            write(
                canvas,
                &part.label,
                at,
                Ink::Text,
                (HPos::Center, VPos::Center),
            )?;
        }
    }
    Ok(())
}

/// The parts of a bar one after the other. What is negative (allocated but untouched) is not
/// drawn: it is by how much the others go beyond 100 %.
fn parts(reconciliation: &Reconciliation, categories: &[String]) -> Vec<Part> {
    let resident = reconciliation.resident.max(1) as f64;
    let ledger = reconciliation.lines.iter().filter(|line| line.ledger);
    let ledger = ledger.map(|line| (0, line.bytes, text::line(&line.what, text::LABEL)));
    let others = reconciliation.lines.iter().filter(|line| !line.ledger);
    let others = others.filter_map(|line| {
        let category = place(categories, &line.what, false)?;
        Some((category, line.bytes, text::line(&line.what, text::LABEL)))
    });
    let rest = (
        categories.len() - 1,
        reconciliation.remainder,
        REMAINDER.to_owned(),
    );
    let mut from = 0.0;
    let mut parts = Vec::new();
    for (category, bytes, name) in ledger.chain(others).chain([rest]) {
        if bytes <= 0 {
            continue;
        }
        let share = bytes as f64 / resident;
        parts.push(Part {
            from,
            to: from + share,
            category,
            label: name,
        });
        from += share;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn parts_add_up_to_the_resident_size() {
        let report = sample::report();
        let categories = categories(&report);
        for reconciliation in reconciliations(&report) {
            let parts = parts(reconciliation, &categories);
            let negative: i64 = reconciliation
                .lines
                .iter()
                .map(|line| line.bytes.min(0))
                .sum();
            let end = parts.last().unwrap().to;
            let expected = 1.0 - negative as f64 / reconciliation.resident as f64;
            assert!((end - expected).abs() < 1e-9, "{end} instead of {expected}");
            assert!(parts.windows(2).all(|pair| pair[0].to == pair[1].from));
        }
    }

    #[test]
    fn refused_and_absent_reconciliations_are_left_out() {
        let mut report = sample::report();
        assert!(
            stacked(&report, 960)
                .unwrap()
                .unwrap()
                .contains("level-wise")
        );
        for variant in &mut report.variants {
            if let Some(reconciliation) = &mut variant.reconciliation {
                reconciliation.refused = Some("the instrument changed the peak by 7 %".into());
            }
        }
        assert!(stacked(&report, 960).unwrap().is_none());
    }
}
