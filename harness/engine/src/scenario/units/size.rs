//! Sizes in bytes.

use plimsoll_workload::{Bytes, bytes::ParseBytesError};

use super::UnitError;
use super::number::split;
use crate::scenario::source::shown;

/// Units of sizes, for suggestions; [`Bytes`] reads them.
pub(super) const SIZES: &str = "B, KiB, MiB, GiB, TiB, KB, MB, GB, TB";

/// Reads a size in bytes; the unit must be written.
pub(crate) fn bytes(text: &str) -> Result<u64, UnitError> {
    let (number, unit) = split(text);
    if unit.is_empty() && !number.is_empty() {
        return Err(UnitError::new(
            format!("`{}` has no unit", shown(text)),
            "of what?",
            format!(
                "write `{} MiB`, or `{} B` for bytes",
                shown(number),
                shown(number)
            ),
        ));
    }
    text.parse::<Bytes>().map(|bytes| bytes.0).map_err(|error| {
        if let ParseBytesError::Unit { nearest, .. } = &error {
            return UnitError::new(
                format!("`{}` is not a size", shown(text)),
                "not a size",
                format!("did you mean `{} {nearest}`?", shown(number)),
            );
        }
        UnitError::new(
            error.to_string(),
            "not a size",
            format!("a size is a number and one of {SIZES}"),
        )
    })
}
