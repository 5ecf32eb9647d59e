//! Numbering one position group in place.

use super::parallel::sort;
use super::row::Placed;
use crate::account::Account;
use crate::assign::{Form, codes, texts};
use crate::bam::RecordProblem;
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

/// How a group is numbered.
pub(super) struct Numbering<'a> {
    pub(super) settings: &'a Settings,
    /// Told what that takes.
    pub(super) account: &'a Account,
    pub(super) threads: usize,
}

impl Numbering<'_> {
    /// Numbers a group's rows and brings them into the output's order; how many numbers were used. `umis` are those of the
    /// rows, where these have no form. `order` sorts rows by orientation, code, and name, or place where names are
    /// not at hand or ascend.
    pub(super) fn number<T: Placed>(
        &self,
        rows: &mut [T],
        form: Option<Form>,
        umis: &[Vec<u8>],
        order: impl Fn(&mut [T]),
    ) -> Result<u64, Wrong> {
        let Some(form) = form else {
            let used = self.by_texts(rows, umis)?;
            order(rows);
            return Ok(used);
        };
        if self.settings.strategy == Strategy::Identity {
            // Numbers follow the UMIs: one sort does for both.
            order(rows);
            return Ok(codes::assign(rows, form, self.settings, self.account));
        }
        sort(rows, self.threads);
        let used = codes::assign(rows, form, self.settings, self.account);
        rows.iter_mut().for_each(Placed::forget_orientation);
        order(rows);
        Ok(used)
    }

    fn by_texts<T: Placed>(&self, rows: &mut [T], umis: &[Vec<u8>]) -> Result<u64, Wrong> {
        let templates: Vec<_> = (rows.iter().zip(umis))
            .map(|(row, umi)| texts::Template {
                umi,
                orientation: row.umi().0,
                strand: row.strand(),
            })
            .collect();
        let mut held = self.account.hold(0);
        held.set_list(&templates);
        let (numbers, used) = texts::assign(&templates, self.settings, self.account)
            .map_err(|wrong| (wrong.template, wrong.problem))?;
        for (row, number) in rows.iter_mut().zip(numbers) {
            row.number(number.sort, number.strand);
            row.forget_orientation();
        }
        Ok(used)
    }
}
