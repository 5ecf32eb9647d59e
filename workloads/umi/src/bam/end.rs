//! Ends of reads: where the 5' end would lie if nothing had been clipped.

use super::record::flags;
use super::{Record, RecordProblem};

/// The end of a read, in the order of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct End {
    /// Id of the reference.
    pub(crate) reference: i32,
    /// From 1 on; 0 or less where clips reach beyond the reference, 0 of an unmapped read.
    pub(crate) five_prime: i64,
    /// Of the read's flag, also of an unmapped one.
    pub(crate) reverse: bool,
}

/// What of a CIGAR decides an end.
#[derive(Debug, Default)]
struct Span {
    leading: i64,
    /// Bases of the reference that are covered.
    covered: i64,
    trailing: i64,
}

impl Span {
    /// Of operations in their order. Clips alone count as leading ones.
    fn of(operations: impl Iterator<Item = (u32, u8)>) -> Self {
        let mut span = Self::default();
        let mut inside = false;
        for (length, operation) in operations {
            let length = i64::from(length);
            match operation {
                b'S' | b'H' if inside => span.trailing += length,
                b'S' | b'H' => span.leading += length,
                _ => {
                    inside = true;
                    span.trailing = 0;
                    if matches!(operation, b'M' | b'D' | b'N' | b'=' | b'X') {
                        span.covered += length;
                    }
                }
            }
        }
        span
    }

    /// The unclipped 5' end of a read that is aligned from `position` on.
    fn five_prime(&self, position: i64, reverse: bool) -> i64 {
        if reverse {
            position - 1 + self.covered + self.trailing
        } else {
            position - self.leading
        }
    }
}

/// Letters of the codes in a record's CIGAR; those that stand for nothing are taken for padding.
const OPERATIONS: &[u8; 16] = b"MIDNSHP=XPPPPPPP";

impl End {
    /// Of a record.
    pub(crate) fn of(record: &Record<'_>) -> Self {
        let reverse = record.has(flags::REVERSE);
        let five_prime = if record.has(flags::UNMAPPED) {
            0
        } else {
            let operations = record.cigar();
            let span = Span::of(
                operations.map(|(length, code)| (length, OPERATIONS[usize::from(code & 15)])),
            );
            span.five_prime(i64::from(record.position()) + 1, reverse)
        };
        Self {
            reference: record.reference(),
            five_prime,
            reverse,
        }
    }

    /// Of a record's mate, whose CIGAR is told.
    pub(crate) fn of_mate(record: &Record<'_>, cigar: &[u8]) -> Result<Self, RecordProblem> {
        let reverse = record.has(flags::MATE_REVERSE);
        let span = mate_span(cigar)?;
        Ok(Self {
            reference: record.mate_reference(),
            five_prime: span.five_prime(i64::from(record.mate_position()) + 1, reverse),
            reverse,
        })
    }
}

/// Of a CIGAR in letters; `*` has no operations.
fn mate_span(cigar: &[u8]) -> Result<Span, RecordProblem> {
    if cigar == b"*" {
        return Ok(Span::default());
    }
    let mut wrong = cigar.is_empty();
    let mut rest = cigar;
    let span = Span::of(std::iter::from_fn(|| {
        let mut length = 0_u32;
        let mut digits = 0;
        while let [digit @ b'0'..=b'9', after @ ..] = rest {
            // Nine digits fit into 32 bits, and no operation has more than 2^28 - 1.
            length = length
                .wrapping_mul(10)
                .wrapping_add(u32::from(digit - b'0'));
            digits += 1;
            rest = after;
        }
        let (operation, after) = rest.split_first()?;
        wrong |= !(1..=9).contains(&digits) || !b"MIDNSHP=X".contains(operation);
        rest = after;
        Some((length, *operation))
    }));
    // Digits at the end belong to no operation.
    wrong |= cigar.last().is_some_and(u8::is_ascii_digit);
    if wrong {
        return Err(RecordProblem::MateCigar);
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(cigar: &str) -> (i64, i64) {
        let span = mate_span(cigar.as_bytes()).unwrap();
        (span.five_prime(100, false), span.five_prime(100, true))
    }

    #[test]
    fn clips_count_alike_and_only_at_their_end() {
        assert_eq!(ends("10M"), (100, 109));
        assert_eq!(ends("3S10M"), (97, 109));
        assert_eq!(ends("2H3S10M4S5H"), (95, 118));
        assert_eq!(ends("3S2I5M1D4N2P3=1X4H"), (97, 100 - 1 + 14 + 4));
        assert_eq!(ends("5M3S5M"), (100, 109), "a clip inside is none");
        assert_eq!(ends("1S5I1S"), (99, 100));
        assert_eq!(ends("*"), (100, 99));
        assert_eq!(ends("7S"), (93, 99), "clips alone are leading");
        assert_eq!(ends("200S5M"), (-100, 104));
    }

    #[test]
    fn what_is_no_cigar_is_refused() {
        for cigar in [
            "",
            "M",
            "5",
            "5M3",
            "5Q",
            "M5",
            "**",
            "*5M",
            "1234567890M",
            "5 M",
            "-5M",
        ] {
            assert_eq!(
                mate_span(cigar.as_bytes()).unwrap_err(),
                RecordProblem::MateCigar,
                "{cigar}"
            );
        }
    }
}
