//! Packed templates in memory: in pages of one size, which are used again for the next group.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use super::packed::template;
use super::pattern::SLACK;
use crate::account::{Account, Held};
use crate::error::Error;

/// Bits of a place in a page, and bytes of a page.
const BITS: u32 = 20;
const PAGE: usize = 1 << BITS;

/// Pages that no group uses.
#[derive(Debug)]
pub(in super::super) struct Stock {
    free: Mutex<Vec<Page>>,
    account: Account,
}

#[derive(Debug)]
struct Page {
    bytes: Vec<u8>,
    _held: Held,
}

impl Stock {
    pub(in super::super) fn new(account: Account) -> Arc<Self> {
        Arc::new(Self {
            free: Mutex::default(),
            account,
        })
    }

    fn page(&self, bytes: usize) -> Page {
        Page {
            bytes: vec![0; bytes + SLACK],
            _held: self.account.hold((bytes + SLACK) as u64),
        }
    }
}

/// The packed templates of a group. None lies in two pages; one that is larger than a page has one of its own.
#[derive(Debug)]
pub(in super::super) struct Pages {
    list: Vec<Page>,
    /// Bytes that are taken of the last page.
    used: usize,
    bytes: u64,
    stock: Arc<Stock>,
}

impl Pages {
    pub(in super::super) fn new(stock: &Arc<Stock>) -> Self {
        Self {
            list: Vec::new(),
            used: PAGE,
            bytes: 0,
            stock: Arc::clone(stock),
        }
    }

    /// Keeps a packed template, and tells its place.
    pub(super) fn push(&mut self, packed: &[u8]) -> u64 {
        if self.used + packed.len() > PAGE {
            let page = if packed.len() > PAGE {
                self.stock.page(packed.len())
            } else {
                let free = self.stock.free.lock();
                let free = free.unwrap_or_else(PoisonError::into_inner).pop();
                free.unwrap_or_else(|| self.stock.page(PAGE))
            };
            self.bytes += page.bytes.len() as u64;
            self.list.push(page);
            self.used = 0;
        }
        let number = self.list.len() - 1;
        let at = self.used;
        self.list[number].bytes[at..at + packed.len()].copy_from_slice(packed);
        self.used += packed.len();
        (number as u64) << BITS | at as u64
    }

    /// The packed template at a place.
    #[inline]
    pub(super) fn template(&self, place: u64) -> Result<&[u8], Error> {
        let page = &self.list[(place >> BITS) as usize];
        template(&page.bytes, place as usize & (PAGE - 1)).map(|(packed, _)| packed)
    }

    /// Bytes of all pages.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        let mut free = self.stock.free.lock();
        let free = free.as_mut().unwrap_or_else(|poisoned| poisoned.get_mut());
        let pages = mem::take(&mut self.list).into_iter();
        free.extend(pages.filter(|page| page.bytes.len() == PAGE + SLACK));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plimsoll_workload::Context;

    use super::super::packed::Packer;
    use super::*;
    use crate::account::Ledger;

    #[test]
    fn templates_of_any_size_are_found_and_pages_used_again() {
        let context = Context::detached(Path::new("."));
        let ledger = Ledger::new(&context);
        let stock = Stock::new(ledger.part("pages"));
        let mut peak = 0;
        for _ in 0..2 {
            let mut pages = Pages::new(&stock);
            let mut packer = Packer::default();
            let record = |number: usize| {
                let length = [300, 3 * PAGE, 0, PAGE / 3][number % 4];
                (0..length)
                    .map(|at| (at * number) as u8 | 1)
                    .collect::<Vec<_>>()
            };
            let places: Vec<u64> = (0..12)
                .map(|number| pages.push(packer.pack([&record(number)[..]].into_iter())))
                .collect();
            let mut back = Vec::new();
            for (number, place) in places.into_iter().enumerate() {
                let mut packed = pages.template(place).unwrap();
                assert!(packer.patterns.next(&mut packed, &mut back).unwrap());
                assert!(back == record(number));
            }
            assert!(peak == 0 || peak == ledger.peak());
            peak = ledger.peak();
        }
    }
}
