//! What a search has finished: enough, with the level files, to go on from there.

use std::io::Read;

use serde::{Deserialize, Serialize};

use super::error::LevelError;
use super::file::{damaged, io_error};
use super::store::Store;
use crate::{Summary, Tally};

const NAME: &str = "checkpoint.json";
const TEMPORARY: &str = "checkpoint.tmp";
const VERSION: u32 = 1;

/// The state after some level of some text, or before the first.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    version: u32,
    /// The search's cap.
    pub(super) max_filled: Option<u32>,
    /// BLAKE3 of each text that has been begun.
    pub(super) texts: Vec<String>,
    /// Summaries of the texts that are finished: all begun ones, or all but the last.
    pub(super) summaries: Vec<Summary>,
    /// Levels finished of the text at work.
    pub(super) level: u32,
    /// Everything counted, over all texts.
    pub(super) tally: Tally,
    /// Level files that are complete.
    pub(super) files: Vec<LevelFile>,
}

/// A level file: the orthos of a level that one text has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LevelFile {
    /// Number of the text, from 0.
    pub(super) text: u32,
    /// Number of filled cells.
    pub(super) level: u32,
}

impl LevelFile {
    pub(super) fn name(self) -> String {
        format!("level.{}.{}", self.text + 1, self.level)
    }
}

impl Checkpoint {
    /// The state before the first text.
    pub(super) fn new(max_filled: Option<u32>) -> Self {
        Self {
            version: VERSION,
            max_filled,
            ..Self::default()
        }
    }

    /// Reads the checkpoint, if there is one.
    pub(super) fn load(store: &dyn Store) -> Result<Option<Self>, LevelError> {
        let mut file = match store.open(NAME) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(store, NAME, "open", error)),
        };
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|error| io_error(store, NAME, "read", error))?;
        let (hash, json) = text.split_once('\n').unwrap_or_default();
        if blake3::hash(json.as_bytes()).to_hex().as_str() != hash {
            return Err(damaged(store, NAME, "its checksum is wrong".into()));
        }
        let checkpoint: Self =
            serde_json::from_str(json).map_err(|error| damaged(store, NAME, error.to_string()))?;
        if checkpoint.version != VERSION {
            let what = format!("it has version {}, not {VERSION}", checkpoint.version);
            return Err(damaged(store, NAME, what));
        }
        Ok(Some(checkpoint))
    }

    /// Replaces the checkpoint by this one: wholly or not at all.
    pub(super) fn save(&self, store: &dyn Store) -> Result<(), LevelError> {
        let json = serde_json::to_string(self)
            .map_err(|error| io_error(store, NAME, "write", error.into()))?;
        let hash = blake3::hash(json.as_bytes()).to_hex();
        let write = || {
            let mut file = store.create(TEMPORARY)?;
            file.write_all(format!("{hash}\n{json}").as_bytes())?;
            file.flush()?;
            drop(file);
            store.rename(TEMPORARY, NAME)
        };
        write().map_err(|error| io_error(store, NAME, "write", error))
    }
}
