//! Tables of a terminal.

use std::ops::Range;

use tabled::builder::Builder;
use tabled::settings::object::{Columns, Segment};
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Padding, Style as Frame};

/// A table with a rule below its head, without a line break at its end; columns of figures are aligned to the right.
/// Its first row is the head.
pub(in crate::report) fn ruled(rows: Vec<Vec<String>>, figures: Range<usize>) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let mut builder = Builder::default();
    rows.into_iter().for_each(|row| builder.push_record(row));
    let mut table = builder.build();
    let rule = HorizontalLine::empty().horizontal('─');
    table
        .with(Frame::empty().horizontals([(1, rule)]))
        .modify(Segment::all(), Padding::new(0, 2, 0, 0))
        .modify(Columns::one(columns.saturating_sub(1)), Padding::zero())
        .modify(Columns::new(figures), Alignment::right());
    let table = table.to_string();
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// A table without a rule; every column holds figures but this one.
pub(super) fn plain<const N: usize>(rows: &[[String; N]], words: usize) -> String {
    let mut builder = Builder::default();
    rows.iter().for_each(|row| builder.push_record(row));
    let mut table = builder.build();
    table
        .with(Frame::empty())
        .modify(Segment::all(), Padding::new(0, 2, 0, 0))
        .modify(Segment::all(), Alignment::right())
        .modify(Columns::one(words), Alignment::left());
    table.to_string()
}
