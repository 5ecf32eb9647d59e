//! Numbering one position group in place.

use super::row::Row;
use super::segments::Segments;
use crate::account::Account;
use crate::assign::{Form, codes, texts};
use crate::bam::{Record, RecordProblem};
use crate::settings::{Settings, Strategy};

/// A position group whose last record has been seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closed {
    /// Where its rows end, and the next group's begin.
    pub(super) end: usize,
    /// Number of its first record in the file.
    pub(super) first_record: u64,
    /// Bytes of its records.
    pub(super) bytes: u64,
    /// The form of all UMIs, if it is one.
    pub(super) form: Option<Form>,
    /// Whether the names ascend from row to row.
    pub(super) ascending: bool,
}

/// A UMI that is not as the strategy needs it: of which row, and why.
pub(super) type Wrong = (usize, RecordProblem);

/// Numbers a group's rows and brings them into the output's order; how many numbers were used. `umis` are those of the
/// rows, where these have no form. Names are looked up in `segments`; without them, rows of one number stay in the order of
/// the file.
pub(super) fn number(
    rows: &mut [Row],
    closed: &Closed,
    umis: &[Vec<u8>],
    segments: Option<&Segments>,
    (settings, account): (&Settings, &Account),
) -> Result<u64, Wrong> {
    let sort = |rows: &mut [Row]| match segments {
        Some(segments) if !closed.ascending => {
            sort_by_name(rows, |row| Record::name_of(segments.record(row.first())));
        }
        _ => rows.sort_unstable_by_key(|row| (row.orientation, row.code, row.first())),
    };
    let Some(form) = closed.form else {
        let used = by_texts(rows, umis, (settings, account))?;
        sort(rows);
        return Ok(used);
    };
    if settings.strategy == Strategy::Identity {
        // Numbers follow the UMIs: one sort does for both.
        sort(rows);
        return Ok(codes::assign(rows, form, settings, account));
    }
    rows.sort_unstable_by_key(|row| (row.orientation, row.code));
    let used = codes::assign(rows, form, settings, account);
    rows.iter_mut().for_each(|row| row.orientation = 0);
    sort(rows);
    Ok(used)
}

/// Sorts by orientation, code and name; rows of one name stay in the order of the file.
pub(super) fn sort_by_name<'a>(rows: &mut [Row], name: impl Fn(&Row) -> &'a [u8]) {
    rows.sort_unstable_by(|one, other| {
        let by_code = (one.orientation, one.code).cmp(&(other.orientation, other.code));
        by_code
            .then_with(|| name(one).cmp(name(other)))
            .then_with(|| one.first().cmp(&other.first()))
    });
}

fn by_texts(
    rows: &mut [Row],
    umis: &[Vec<u8>],
    (settings, account): (&Settings, &Account),
) -> Result<u64, Wrong> {
    let templates: Vec<_> = rows
        .iter()
        .zip(umis)
        .map(|(row, umi)| texts::Template {
            umi,
            orientation: row.orientation,
            strand: row.strand,
        })
        .collect();
    let mut held = account.hold(0);
    held.set_list(&templates);
    let (numbers, used) = texts::assign(&templates, settings, account)
        .map_err(|wrong| (wrong.template, wrong.problem))?;
    for (row, number) in rows.iter_mut().zip(numbers) {
        codes::Numbered::number(row, number.molecule, number.sort, number.strand);
        row.orientation = 0;
    }
    Ok(used)
}
