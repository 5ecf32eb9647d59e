//! `result.json`: writing it, reading it back, and its published schema.

use serde::Deserialize;
use thiserror::Error;

use super::{Report, SCHEMA_VERSION};

/// Why a text could not be read as a result.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Written by a later version, in a shape that this one does not know.
    #[error(
        "the result has schema version {found}, and this plimsoll reads up to {SCHEMA_VERSION}; \
         read it with the version that wrote it, or a later one"
    )]
    Newer {
        /// Its version.
        found: u64,
    },
    /// Ends in the middle.
    #[error(
        "the result ends in the middle (line {line}, column {column}): it was truncated when it \
         was written or copied; run the scenario again, or copy it again"
    )]
    Truncated {
        /// Line of the end.
        line: usize,
        /// Column of the end.
        column: usize,
    },
    /// Not JSON, or not of a result's shape.
    #[error("this is not a result of plimsoll: {0}")]
    Malformed(#[source] serde_json::Error),
}

/// The text of `result.json`: indented, with a final line break.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// Reads the text of a `result.json`.
///
/// # Errors
///
/// [`ReadError`], with what is wrong and what to do about it.
pub fn from_json(text: &str) -> Result<Report, ReadError> {
    /// The part of any version's result that says which version it is.
    #[derive(Deserialize)]
    struct Version {
        schema_version: u64,
    }
    let version: Version = serde_json::from_str(text).map_err(classify)?;
    if version.schema_version > u64::from(SCHEMA_VERSION) {
        return Err(ReadError::Newer {
            found: version.schema_version,
        });
    }
    serde_json::from_str(text).map_err(classify)
}

/// The JSON Schema of `result.json`, indented, with a final line break.
///
/// # Errors
///
/// When the schema cannot be written as JSON.
pub fn schema() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Report))?;
    text.push('\n');
    Ok(text)
}

fn classify(error: serde_json::Error) -> ReadError {
    if error.is_eof() {
        ReadError::Truncated {
            line: error.line(),
            column: error.column(),
        }
    } else {
        ReadError::Malformed(error)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for report in [sample::report(), sample::hostile()] {
            let text = to_json(&report).unwrap();
            assert!(from_json(&text).unwrap() == report);
        }
    }

    #[test]
    fn the_promised_part_of_the_contract_is_there() {
        let text = to_json(&sample::report()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["schema_version"], 1);
        assert_eq!(value["scenario"], "ortho");
        assert_eq!(value["size"], "full");
        assert!(value["machine"].is_object());
        let level_wise = &value["variants"][2];
        assert_eq!(level_wise["outcome"], "completed");
        assert_eq!(level_wise["digests"]["orthos"], "sum64:ee0d087930156b10");
        assert_eq!(level_wise["metrics"]["peak_rss"]["unit"], "bytes");
        assert_eq!(level_wise["metrics"]["peak_rss"]["n"], 6);
        assert_eq!(level_wise["relative"]["wall"]["pairs"], 6);
        assert!(level_wise["metrics"]["peak_cgroup"]["absent"].is_string());
        assert_eq!(value["verdicts"][0]["verdict"], "pass");
        assert_eq!(value["verdicts"][0]["evidence"], "13.9 MiB (worst of 6)");
    }

    #[test]
    fn unknown_fields_of_a_later_minor_version_are_ignored() {
        let text = to_json(&sample::report()).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["invented_later"] = 1.into();
        assert!(from_json(&value.to_string()).unwrap() == sample::report());
    }

    #[test]
    fn a_newer_version_is_refused_with_both_versions() {
        let error = from_json(r#"{"schema_version": 7, "shape": "unknown"}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the result has schema version 7, and this plimsoll reads up to 1; \
             read it with the version that wrote it, or a later one"
        );
    }

    #[test]
    fn a_truncated_result_is_said_to_be_truncated() {
        let text = to_json(&sample::report()).unwrap();
        for cut in [0, 1, text.len() / 2, text.len() - 3] {
            let mut cut = cut;
            while !text.is_char_boundary(cut) {
                cut += 1;
            }
            let error = from_json(&text[..cut]).unwrap_err();
            assert!(
                matches!(error, ReadError::Truncated { .. }),
                "{cut}: {error}"
            );
        }
    }

    #[test]
    fn another_file_is_refused() {
        for text in ["name: ortho", "[1, 2]", r#"{"schema_version": 1}"#] {
            let error = from_json(text).unwrap_err().to_string();
            assert!(
                error.starts_with("this is not a result of plimsoll: "),
                "{error}"
            );
        }
    }

    #[test]
    fn the_published_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/result.schema.json");
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            published == schema().unwrap(),
            "docs/result.schema.json is out of date; refresh it: \
             plimsoll schema result > docs/result.schema.json"
        );
    }
}
