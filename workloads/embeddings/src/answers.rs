//! The answers of a run: for each query the nearest vectors with their scores, and the best by their codes; and the file they are
//! kept in.
//!
//! The file is little-endian: eight bytes of magic, u32 of queries; for each u32 answers, each of them u32 number of the vector and f32
//! score; then u32 best by their codes, each of them u32 number.

use std::path::Path;

use plimsoll_workload::{Context, Failure};

use crate::measures::ANSWERS_DIGEST;
use crate::search::Hit;

const MAGIC: &[u8; 8] = b"embansw1";

/// What was found for a query.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    /// The nearest first; of equal scores the lower number.
    pub(crate) nearest: Vec<Hit>,
    /// Numbers of the best by their codes, the best first; none where nothing is searched by codes.
    pub(crate) by_code: Vec<u32>,
}

/// What was found for each query.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answers(pub(crate) Vec<Answer>);

impl Answers {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let mut word = |word: [u8; 4]| bytes.extend_from_slice(&word);
        let count = |count: usize| (count as u32).to_le_bytes();
        word(count(self.0.len()));
        for Answer { nearest, by_code } in &self.0 {
            word(count(nearest.len()));
            for near in nearest {
                word((near.index as u32).to_le_bytes());
                word(near.score.to_le_bytes());
            }
            word(count(by_code.len()));
            by_code.iter().for_each(|number| word(number.to_le_bytes()));
        }
        bytes
    }

    /// Writes a file, over one that is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        std::fs::write(path, self.bytes()).map_err(|error| Failure::io("writing", path, error))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no whole file of answers.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(path).map_err(|error| Failure::io("reading", path, error))?;
        Self::of_bytes(&bytes).ok_or_else(|| {
            Failure::Other(format!(
                "{} is no whole file of answers; run the step serve again",
                path.display()
            ))
        })
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut word = || {
            let (word, more) = rest.split_first_chunk()?;
            rest = more;
            Some(*word)
        };
        // Lists grow as they are read: what a damaged length announces is not reserved.
        let mut answers = Self::default();
        for _ in 0..u32::from_le_bytes(word()?) {
            let mut answer = Answer::default();
            for _ in 0..u32::from_le_bytes(word()?) {
                let index = u32::from_le_bytes(word()?).into();
                let score = f32::from_le_bytes(word()?);
                answer.nearest.push(Hit { index, score });
            }
            for _ in 0..u32::from_le_bytes(word()?) {
                answer.by_code.push(u32::from_le_bytes(word()?));
            }
            answers.0.push(answer);
        }
        rest.is_empty().then_some(answers)
    }

    /// Reports the digest of numbers and scores.
    pub(crate) fn report_digest(&self, context: &Context) {
        let mut digest = context.digest(ANSWERS_DIGEST);
        for near in self.0.iter().flat_map(|answer| &answer.nearest) {
            digest.update(&(near.index as u32).to_le_bytes());
            digest.update(&near.score.to_le_bytes());
        }
        digest.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_from_a_whole_file_and_from_no_other() {
        let near = |index| Hit {
            index,
            score: index as f32 / 3.0,
        };
        let answers = Answers(vec![
            Answer {
                nearest: vec![near(1), near(2)],
                by_code: vec![2, 1, 9],
            },
            Answer::default(),
        ]);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("answers");
        answers.write(&path).unwrap();
        assert_eq!(Answers::read(&path).unwrap(), answers);
        let whole = std::fs::read(&path).unwrap();
        let refused = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let message = Answers::read(&path).unwrap_err().to_string();
            assert!(message.contains("no whole file"), "{message}");
        };
        (0..whole.len()).for_each(|end| refused(&whole[..end]));
        refused(&[&whole[..], &[0]].concat());
        refused(&[b"x", &whole[1..]].concat());
        std::fs::remove_file(&path).unwrap();
        assert!(Answers::read(&path).is_err());
    }
}
