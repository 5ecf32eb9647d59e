//! The answers of a run: for each `ef` and each query what was found, with exact distances; and the file they are kept in.
//!
//! The file is little-endian: eight bytes of magic, u32 of blocks; each block u32 `ef` and u32 answers; each answer u32 vectors, and each of
//! these u32 id and f64 squared distance.

use std::convert::Infallible;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

use plimsoll_workload::Failure;

use crate::truth::Near;

const MAGIC: &[u8; 8] = b"vecansw1";

/// Answers to all queries, for every `ef`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers(Vec<(usize, Vec<Vec<Near>>)>);

impl Answers {
    /// Adds the answers with an `ef`, in the order of the queries.
    pub fn push(&mut self, ef: usize, answers: Vec<Vec<Near>>) {
        self.0.push((ef, answers));
    }

    /// Every `ef` with the answer to each query.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[Vec<Near>])> {
        self.0.iter().map(|(ef, answers)| (*ef, &answers[..]))
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let Ok(()) = self.encode::<Infallible>(&mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        });
        bytes
    }

    /// Hands the bytes of the file to `take`, a few at a time; an error of its ends that.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn encode<E>(&self, take: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let word = |word: usize| (word as u32).to_le_bytes();
        take(MAGIC)?;
        take(&word(self.0.len()))?;
        for (ef, answers) in self.iter() {
            take(&word(ef))?;
            take(&word(answers.len()))?;
            for answer in answers {
                take(&word(answer.len()))?;
                for near in answer {
                    take(&near.id.to_le_bytes())?;
                    take(&near.distance.to_le_bytes())?;
                }
            }
        }
        Ok(())
    }

    /// Writes a file, over one that is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let write = || {
            let mut file = BufWriter::new(File::create(path)?);
            self.encode(&mut |piece| file.write_all(piece))?;
            file.flush()
        };
        write().map_err(|error| Failure::io("writing", path, error))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no whole file of answers.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(|error| Failure::io("reading", path, error))?;
        let mut input = Input(BufReader::new(file));
        input.answers().map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData => Failure::Other(format!(
                "{} is no whole file of answers; run the step query again",
                path.display()
            )),
            _ => Failure::io("reading", path, error),
        })
    }
}

struct Input<R>(R);

impl<R: Read> Input<R> {
    fn answers(&mut self) -> std::io::Result<Answers> {
        if self.bytes()? != *MAGIC {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut all = Answers::default();
        for _ in 0..self.word()? {
            let ef = self.word()? as usize;
            // Lists grow as they are read: what a damaged length announces is not reserved.
            let mut answers = Vec::new();
            for _ in 0..self.word()? {
                let mut answer = Vec::new();
                for _ in 0..self.word()? {
                    let id = self.word()?;
                    let distance = f64::from_le_bytes(self.bytes()?);
                    answer.push(Near { id, distance });
                }
                answers.push(answer);
            }
            all.push(ef, answers);
        }
        match self.0.read(&mut [0])? {
            0 => Ok(all),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    fn word(&mut self) -> std::io::Result<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn bytes<const COUNT: usize>(&mut self) -> std::io::Result<[u8; COUNT]> {
        let mut bytes = [0; COUNT];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_from_a_whole_file_and_from_no_other() {
        let mut answers = Answers::default();
        let near = |id| Near {
            id,
            distance: f64::from(id) / 3.0,
        };
        answers.push(16, vec![vec![near(1), near(2)], vec![]]);
        answers.push(64, vec![vec![near(9)]]);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("answers");
        answers.write(&path).unwrap();
        assert_eq!(Answers::read(&path).unwrap(), answers);
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(whole, answers.bytes());
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
