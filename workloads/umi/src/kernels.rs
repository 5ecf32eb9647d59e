//! The parts of a grouping that are neither reading nor writing, each by itself: for measuring them apart.

use plimsoll_workload::Context;

use crate::account::Ledger;
use crate::assign::codes::{self, Numbered};
use crate::assign::{Form, Strand, encode, encode_halves};
use crate::compact::{self, Placed};
use crate::settings::Settings;

/// The code of a UMI in upper case, two bits a letter without its dashes; nothing for one with other letters, or more than 32.
#[must_use]
pub fn pack(umi: &[u8]) -> Option<u64> {
    encode(umi).map(|(code, _)| code)
}

/// The same for a UMI of two halves of equal length with a dash between them, the second half first.
#[must_use]
pub fn pack_turned(umi: &[u8]) -> Option<u64> {
    encode_halves(umi, true).map(|(code, _)| code)
}

/// The templates of a position group, as far as their numbers depend on them.
#[derive(Debug, Clone)]
pub struct Group {
    templates: Vec<Template>,
    form: Form,
}

#[derive(Debug, Clone, Copy)]
struct Template {
    code: u64,
    place: u64,
    orientation: u8,
    strand: Strand,
}

impl Group {
    /// Templates of one orientation by their UMIs; nothing where these are not all as long as one another, have their dashes at
    /// different places, or cannot be [packed](pack).
    pub fn of<'a>(umis: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let mut form = None;
        let template = |(place, umi)| {
            let (code, its) = encode(umi)?;
            let same = *form.get_or_insert(its) == its;
            same.then_some(Template {
                code,
                place,
                orientation: 0,
                strand: Strand::A,
            })
        };
        let templates = (0..).zip(umis).map(template).collect::<Option<_>>()?;
        let form = form?;
        Some(Self { templates, form })
    }

    /// Sorts the templates by their UMIs on so many threads, those of one UMI in the order in which they came.
    pub fn sort(&mut self, threads: usize) {
        compact::sort(&mut self.templates, threads);
    }

    /// Numbers the molecules of templates that are [sorted](Self::sort): how many there are.
    pub fn number(&mut self, settings: &Settings, context: &Context) -> u64 {
        let account = Ledger::new(context).part("group");
        codes::assign(&mut self.templates, self.form, settings, &account)
    }
}

impl Numbered for Template {
    fn umi(&self) -> (u8, u64) {
        (self.orientation, self.code)
    }

    fn strand(&self) -> Strand {
        self.strand
    }

    fn number(&mut self, sort: u64, strand: Option<Strand>) {
        self.code = sort;
        self.strand = strand.unwrap_or(self.strand);
    }
}

impl Placed for Template {
    fn place(&self) -> u64 {
        self.place
    }

    fn forget_orientation(&mut self) {
        self.orientation = 0;
    }
}
