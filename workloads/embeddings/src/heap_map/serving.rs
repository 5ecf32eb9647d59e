//! The map, asked.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use plimsoll_workload::Failure;

use super::file::{self, ID};
use super::recent::Recent;
use crate::account::Held;
use crate::answers::{Answer, Answers};
use crate::job::{Job, Serving};
use crate::search::{Hit, Top, inner_product};

/// So many more are found for each query than are wanted: of equally near ones those with lower numbers count, and the map does
/// not know its numbers.
const EQUALLY_NEAR: usize = 16;

/// The map behind its lock.
pub(super) struct Loaded<'a> {
    job: Job<'a>,
    map: Mutex<Map>,
    /// What each query has found, by places in the order of the map.
    found: Vec<Vec<Hit>>,
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
        let mut top = Top::new(k + EQUALLY_NEAR);
        for (place, vector) in (0..).zip(map.vectors.values()) {
            top.offer(place, &[inner_product(query, vector)]);
        }
        self.found.push(top.into_hits());
        self.wanted = k;
        Ok(())
    }

    fn answers(&mut self) -> Result<Answers, Failure> {
        let map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers: HashMap<u64, u64> = HashMap::new();
        let places: HashSet<u64> = self.found.iter().flatten().map(|hit| hit.index).collect();
        let ids = (0..)
            .zip(map.vectors.keys())
            .filter(|(place, _)| places.contains(place));
        let places: HashMap<[u8; ID], u64> = ids.map(|(place, id)| (*id, place)).collect();
        for number in 0..self.job.params.n as u64 {
            if let Some(place) = places.get(&self.job.generator.id(number)) {
                numbers.insert(*place, number);
            }
        }
        let answers = self.found.iter().map(|found| {
            let mut top = Top::new(self.wanted);
            for hit in found {
                let index = numbers[&hit.index];
                top.take(Hit { index, ..*hit });
            }
            Answer {
                nearest: top.into_hits(),
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
