//! Numbering one position group in place.

use super::row::Row;
use super::segments::Segments;
use crate::assign::{Form, codes, texts};
use crate::bam::{Record, RecordProblem, Tags};
use crate::settings::{Settings, Strategy};

/// A position group whose last record has been seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closed {
    /// Where its rows end, and the next group's begin.
    pub(super) end: usize,
    /// Number of its first record in the file.
    pub(super) first_record: u64,
    /// The form of all UMIs, if it is one.
    pub(super) form: Option<Form>,
    /// Whether the names ascend from row to row.
    pub(super) ascending: bool,
}

/// A UMI that is not as the strategy needs it: of which row, and why.
pub(super) type Wrong = (usize, RecordProblem);

/// Numbers a group's rows and brings them into the output's order; how many numbers were used.
pub(super) fn number(
    rows: &mut [Row],
    closed: &Closed,
    segments: &Segments,
    settings: &Settings,
) -> Result<u64, Wrong> {
    let sort = |rows: &mut [Row]| sort(rows, closed.ascending, segments);
    let Some(form) = closed.form else {
        let used = by_texts(rows, segments, settings)?;
        sort(rows);
        return Ok(used);
    };
    if settings.strategy == Strategy::Identity {
        // Numbers follow the UMIs: one sort does for both.
        sort(rows);
        return Ok(codes::assign(rows, form, settings));
    }
    rows.sort_unstable_by_key(|row| (row.orientation, row.code));
    let used = codes::assign(rows, form, settings);
    rows.iter_mut().for_each(|row| row.orientation = 0);
    sort(rows);
    Ok(used)
}

/// Sorts by orientation, code and name; rows of one name stay in the order of the file.
fn sort(rows: &mut [Row], ascending: bool, segments: &Segments) {
    if ascending {
        rows.sort_unstable_by_key(|row| (row.orientation, row.code, row.first()));
        return;
    }
    let name = |row: &Row| Record::name_of(segments.record(row.first()));
    rows.sort_unstable_by(|one, other| {
        let by_code = (one.orientation, one.code).cmp(&(other.orientation, other.code));
        by_code
            .then_with(|| name(one).cmp(name(other)))
            .then_with(|| one.first().cmp(&other.first()))
    });
}

fn by_texts(rows: &mut [Row], segments: &Segments, settings: &Settings) -> Result<u64, Wrong> {
    let umis: Vec<Vec<u8>> = rows.iter().map(|row| umi(row, segments)).collect();
    let templates: Vec<_> = rows
        .iter()
        .zip(&umis)
        .map(|(row, umi)| texts::Template {
            umi,
            orientation: row.orientation,
            strand: row.strand,
        })
        .collect();
    let (numbers, used) =
        texts::assign(&templates, settings).map_err(|wrong| (wrong.template, wrong.problem))?;
    for (row, number) in rows.iter_mut().zip(numbers) {
        codes::Numbered::number(row, number.molecule, number.sort, number.strand);
        row.orientation = 0;
    }
    Ok(used)
}

/// A template's UMI in upper case, read again.
fn umi(row: &Row, segments: &Segments) -> Vec<u8> {
    let spot = row.records().next().map_or(row.r1, |(spot, _)| spot);
    let record = Record::new(segments.record(spot));
    let tags = record.and_then(|record| Tags::of(&record));
    let umi = tags.ok().and_then(|tags| tags.umi);
    umi.unwrap_or_default().to_ascii_uppercase()
}
