//! The map, asked.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use plimsoll_workload::Failure;

use super::file::{self, ID};
use super::recent::Recent;
use crate::account::Held;
use crate::answers::{Answer, Answers, Near};
use crate::best::{Best, Scored};
use crate::job::{Job, Serving};
use crate::search::inner_product;

/// So many more are found for each query than are wanted: of equally near ones those with lower numbers count, and the map does
/// not know its numbers.
const EQUALLY_NEAR: usize = 16;

/// The map behind its lock.
pub(super) struct Loaded<'a> {
    job: Job<'a>,
    map: Mutex<Map>,
    /// What each query has found.
    found: Vec<Vec<Scored<[u8; ID]>>>,
    wanted: usize,
    in_table: Held,
    in_cache: Held,
}

struct Map {
    vectors: HashMap<[u8; ID], Vec<f32>>,
    recent: Recent,
}

/// Reads the whole file.
pub(super) fn load<'a>(job: &Job<'a>, path: &Path) -> Result<Loaded<'a>, Failure> {
    let mut vectors = HashMap::new();
    file::read(path, job.params.dim, |id, vector| {
        vectors.insert(id, vector);
    })?;
    if vectors.len() != job.params.n {
        return Err(Failure::Other(format!(
            "{} has {} vectors where {} were stored; run the step ingest again",
            path.display(),
            vectors.len(),
            job.params.n
        )));
    }
    let recent = Recent::new(job.params.cache);
    Ok(Loaded {
        job: *job,
        map: Mutex::new(Map { vectors, recent }),
        found: Vec::new(),
        wanted: 0,
        in_table: Held::new(job.context, "table", 0),
        in_cache: Held::new(job.context, "cache", 0),
    })
}

impl Loaded<'_> {
    /// A copy of the vector of an id.
    fn get(&self, id: [u8; ID]) -> Option<Vec<f32>> {
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vector) = map.recent.get(&id) {
            return Some(vector);
        }
        let vector = map.vectors.get(&id)?.clone();
        map.recent.put(id, vector.clone());
        Some(vector)
    }
}

impl Serving for Loaded<'_> {
    fn read(&mut self, id: u128, row: &mut [f32]) -> Result<(), Failure> {
        let vector = self.get(id.to_le_bytes());
        let vector =
            vector.ok_or_else(|| Failure::Other(format!("there is no vector {id:032x}")))?;
        row.copy_from_slice(&vector);
        Ok(())
    }

    fn search(&mut self, query: &[f32], k: usize) -> Result<(), Failure> {
        let map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        let mut best = Best::new(k + EQUALLY_NEAR);
        for (id, vector) in &map.vectors {
            best.offer(inner_product(query, vector), *id);
        }
        self.found.push(best.into_sorted());
        self.wanted = k;
        Ok(())
    }

    fn answers(&mut self) -> Result<Answers, Failure> {
        let ids = self.found.iter().flatten().map(|near| (near.what, 0));
        let mut numbers: HashMap<[u8; ID], u32> = ids.collect();
        for number in 0..self.job.params.n as u32 {
            let id = self.job.generator.id(number.into());
            if let Some(place) = numbers.get_mut(&id) {
                *place = number;
            }
        }
        let answers = self.found.iter().map(|found| {
            let nearest = found.iter().map(|near| Near {
                score: near.score,
                what: numbers[&near.what],
            });
            let mut nearest: Vec<Near> = nearest.collect();
            nearest.sort_by(Near::order);
            nearest.truncate(self.wanted);
            Answer {
                nearest,
                by_code: Vec::new(),
            }
        });
        Ok(Answers(answers.collect()))
    }

    fn hits(&self) -> Option<(u64, u64)> {
        let map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        Some(map.recent.hits())
    }

    fn account(&mut self) {
        let map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        let dim = self.job.params.dim;
        // A table has room for seven entries in eight places, and a byte beside each place.
        let places = map.vectors.capacity() / 7 * 8;
        let table = places * (size_of::<([u8; ID], Vec<f32>)>() + 1);
        self.in_table
            .set((table + map.vectors.len() * 4 * dim) as u64);
        self.in_cache.set(map.recent.bytes(dim));
    }
}
