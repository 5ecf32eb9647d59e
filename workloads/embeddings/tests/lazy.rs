//! Handles and batches from outside: one load, failures that nobody keeps, damaged blobs, and what prefetching reads.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use plimsoll_embeddings::cache::{Cache, Lru, Weighted};
use plimsoll_embeddings::lazy::{
    AfterDecoding, Blob, BlobDecoder, Handle, LoadError, Loader, Outcome, Prefetch, RecordLoader,
    Records, Unloaded,
};
use plimsoll_embeddings::pool::{Pool, PoolError, PoolOptions, SharedChunk};
use plimsoll_embeddings::{Codec, Encoding, RowProblem, Scorer};

const DIMENSION: usize = 48;

/// The values as they are, little-endian.
struct Plain(usize);

impl Codec for Plain {
    fn encoding(&self) -> Encoding {
        Encoding::F32
    }

    fn dimension(&self) -> usize {
        self.0
    }

    fn payload(&self) -> usize {
        4 * self.0
    }

    fn parameters(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&[])
    }

    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem> {
        if row.len() != self.0 {
            return Err(RowProblem::DimensionMismatch {
                expected: self.0,
                found: row.len(),
            });
        }
        for (value, bytes) in row.iter().zip(payload.chunks_exact_mut(4)) {
            bytes.copy_from_slice(&value.to_le_bytes());
        }
        Ok(0)
    }

    fn decode(&self, payload: &[u8], row: &mut [f32]) {
        for (value, bytes) in row.iter_mut().zip(payload.as_chunks::<4>().0) {
            *value = f32::from_le_bytes(*bytes);
        }
    }

    fn scorer<'a>(&'a self, _: &[f32]) -> Box<dyn Scorer + 'a> {
        struct Never;
        impl Scorer for Never {
            fn score(&self, _: &[u8], _: usize, scores: &mut [f32]) {
                scores.fill(0.0);
            }
        }
        Box::new(Never)
    }
}

fn row(index: u32) -> Vec<f32> {
    let value = |at| (index as f32 + 1.0) / (at as f32 - 7.5);
    (0..DIMENSION).map(value).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn pool() -> Pool {
    Pool::new(PoolOptions::of(4 * DIMENSION)).expect("a pool")
}

fn decoder() -> Arc<BlobDecoder> {
    let decoder = BlobDecoder::new(Arc::new(Plain(DIMENSION)), pool());
    Arc::new(decoder.expect("chunks of the codec's dimension"))
}

/// Loads what it is told to, after so many failures, and counts.
struct Counting {
    pool: Pool,
    failures: AtomicUsize,
    loads: AtomicUsize,
}

impl Counting {
    fn new(failures: usize) -> Arc<Self> {
        Arc::new(Self {
            pool: pool(),
            failures: AtomicUsize::new(failures),
            loads: AtomicUsize::new(0),
        })
    }
}

impl Loader for Counting {
    fn load(&self, index: u32) -> Result<SharedChunk, LoadError> {
        self.loads.fetch_add(1, SeqCst);
        if self.failures.load(SeqCst) > 0 {
            self.failures.fetch_sub(1, SeqCst);
            return Err(LoadError::NoRecord { index, count: 1 });
        }
        thread::sleep(std::time::Duration::from_millis(2));
        let mut chunk = self.pool.try_alloc()?;
        chunk
            .floats_mut()
            .expect("whole floats")
            .copy_from_slice(&row(index));
        Ok(chunk.share())
    }
}

#[test]
fn a_failure_is_told_and_tried_again() {
    let loader = Counting::new(2);
    let handle = Handle::of_record(4, Arc::clone(&loader) as Arc<dyn Loader>);
    for _ in 0..2 {
        let error = handle.get().unwrap_err();
        assert_eq!(error.to_string(), "there is no record 4: the store has 1");
        assert!(!handle.is_loaded());
    }
    assert_eq!(bits(handle.get().unwrap().floats()), bits(&row(4)));
    assert_eq!(bits(handle.get().unwrap().floats()), bits(&row(4)));
    assert_eq!(loader.loads.load(SeqCst), 3);
}

#[test]
fn a_loader_that_panics_is_tried_again() {
    struct Panicking(AtomicUsize, Pool);
    impl Loader for Panicking {
        fn load(&self, _: u32) -> Result<SharedChunk, LoadError> {
            assert!(self.0.fetch_add(1, SeqCst) > 0, "the first time");
            Ok(self.1.try_alloc()?.share())
        }
    }
    let handle = Handle::of_record(0, Arc::new(Panicking(AtomicUsize::new(0), pool())));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handle.get().is_ok()));
    assert!(panicked.is_err());
    assert!(handle.get().is_ok());
    assert_eq!(handle.unload(), Unloaded::Gone);
}

#[test]
fn sixty_four_threads_load_once() {
    let loader = Counting::new(0);
    let handle = Handle::of_record(9, Arc::clone(&loader) as Arc<dyn Loader>);
    let start = Barrier::new(64);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                start.wait();
                assert_eq!(bits(handle.get().unwrap().floats()), bits(&row(9)));
            });
        }
    });
    assert_eq!(loader.loads.load(SeqCst), 1);
}

#[test]
fn a_vector_is_unloaded_when_nobody_holds_it_and_comes_back_the_same() {
    let loader = Counting::new(0);
    let handle = Handle::of_record(3, Arc::clone(&loader) as Arc<dyn Loader>);
    assert_eq!(handle.unload(), Unloaded::WasNotThere);
    let empty = handle.memory();
    let loaded = handle.get().unwrap();
    let first = bits(loaded.floats());
    assert_eq!(handle.unload(), Unloaded::InUse);
    // The same thread may read it twice at a time.
    assert_eq!(handle.get().unwrap().len(), 4 * DIMENSION);
    let shared = loaded.to_shared();
    drop(loaded);
    assert_eq!(handle.unload(), Unloaded::InUse);
    assert!(handle.memory() >= empty + 4 * DIMENSION);
    drop(shared);
    assert_eq!(handle.unload(), Unloaded::Gone);
    assert_eq!((handle.memory(), loader.pool.stats().live), (empty, 0));
    assert_eq!(bits(handle.get().unwrap().floats()), first);
    assert_eq!(loader.loads.load(SeqCst), 2);
}

#[test]
fn threads_that_read_and_unload_at_once_always_read_the_vector() {
    const STEPS: u32 = if cfg!(miri) { 12 } else { 500 };
    let handle = Handle::of_blob(Blob::compressed(&row(1)), decoder(), AfterDecoding::Keep);
    let expected = bits(&row(1));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for step in 0..STEPS {
                    assert_eq!(bits(handle.get().unwrap().floats()), expected);
                    if step % 3 == 0 {
                        handle.unload();
                    }
                }
            });
        }
    });
}

#[test]
fn blobs_give_their_bits_back_and_damage_is_told() {
    let mut strange = row(2);
    strange[..4].copy_from_slice(&[-0.0, f32::NAN, f32::MIN_POSITIVE / 2.0, f32::INFINITY]);
    let codec = Plain(DIMENSION);
    for blob in [
        Blob::compressed(&strange),
        Blob::encoded(&strange, &codec).unwrap(),
    ] {
        let decoder = decoder();
        let decoded = decoder.decode(&blob).unwrap();
        assert_eq!(bits(decoded.floats().unwrap()), bits(&strange));
        for at in 0..blob.bytes().len() {
            let mut damaged = blob.clone();
            damaged.bytes_mut()[at] ^= 1 << (at % 8);
            let handle = Handle::of_blob(damaged, Arc::clone(&decoder), AfterDecoding::Release);
            for _ in 0..2 {
                assert!(
                    matches!(handle.get(), Err(LoadError::Checksum { .. })),
                    "byte {at}"
                );
            }
            assert_eq!(handle.unload(), Unloaded::WasNotThere);
        }
    }
    let zeros = Blob::compressed(&[0.0; DIMENSION]);
    assert!(zeros.bytes().len() < DIMENSION);
}

#[test]
fn a_blob_stays_or_goes_by_policy() {
    let blob = Blob::compressed(&row(5));
    let size = blob.bytes().len();
    let keep = Handle::of_blob(blob.clone(), decoder(), AfterDecoding::Keep);
    let release = Handle::of_blob(blob, decoder(), AfterDecoding::Release);
    let before = keep.memory();
    assert_eq!(before, release.memory());
    assert_eq!(
        bits(keep.get().unwrap().floats()),
        bits(release.get().unwrap().floats())
    );
    assert_eq!(keep.memory() - release.memory(), size);
    assert_eq!((keep.unload(), keep.memory()), (Unloaded::Gone, before));
    // Without its blob it would be gone for good.
    assert_eq!(
        (release.unload(), release.is_loaded()),
        (Unloaded::NoSource, true)
    );
}

#[test]
fn vectors_and_chunks_of_other_sizes_are_refused() {
    let decoder = decoder();
    let error = decoder.decode(&Blob::compressed(&[1.0; 5])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the vector has 5 values where 48 are decoded"
    );
    let codec: Arc<dyn Codec> = Arc::new(Plain(DIMENSION + 1));
    let error = BlobDecoder::new(codec, pool()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a chunk of the pool has 192 bytes; 196 belong to it"
    );
    assert!(Blob::encoded(&[1.0; 5], &Plain(DIMENSION)).is_err());
}

#[test]
fn a_dry_pool_is_told_and_the_blob_stays() {
    let maximum = Some(1);
    let options = PoolOptions {
        maximum,
        ..PoolOptions::of(4 * DIMENSION)
    };
    let pool = Pool::new(options).unwrap();
    let taken = pool.try_alloc().unwrap();
    let decoder = Arc::new(BlobDecoder::new(Arc::new(Plain(DIMENSION)), pool).unwrap());
    let handle = Handle::of_blob(Blob::compressed(&row(6)), decoder, AfterDecoding::Release);
    let dry = LoadError::Pool(PoolError::Exhausted { maximum: 1 }).to_string();
    assert_eq!(handle.get().unwrap_err().to_string(), dry);
    drop(taken);
    assert_eq!(bits(handle.get().unwrap().floats()), bits(&row(6)));
}

/// Records of which the even ones lie behind the odd ones, far apart, and record 13 is damaged.
#[derive(Debug)]
struct Mixed {
    count: u32,
    advised: Mutex<Vec<Range<u64>>>,
    read: Mutex<HashMap<u32, usize>>,
}

const STRIDE: u64 = 200;

impl Records for &Mixed {
    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn extent(&self, index: u32) -> Result<Range<u64>, LoadError> {
        if index >= self.count {
            let count = self.count.into();
            return Err(LoadError::NoRecord { index, count });
        }
        let half = u64::from(index.is_multiple_of(2)) * 10_000_000;
        let start = 4096 + half + u64::from(index / 2) * STRIDE;
        Ok(start..start + 4 * DIMENSION as u64)
    }

    fn will_need(&self, bytes: Range<u64>) {
        self.advised.lock().expect("no panic").push(bytes);
    }

    fn read(&self, index: u32, to: &mut [f32]) -> Result<(), LoadError> {
        *self
            .read
            .lock()
            .expect("no panic")
            .entry(index)
            .or_default() += 1;
        if index == 13 {
            return Err(LoadError::Checksum {
                what: "record 13".to_owned(),
                expected: 1,
                found: 2,
            });
        }
        to.copy_from_slice(&row(index));
        Ok(())
    }
}

fn mixed(count: u32) -> Mixed {
    Mixed {
        count,
        advised: Mutex::default(),
        read: Mutex::default(),
    }
}

fn loader(records: &Mixed) -> RecordLoader<&Mixed> {
    RecordLoader::new(records, pool()).expect("chunks of the vectors' dimension")
}

#[test]
fn a_record_that_cannot_be_read_leaves_its_chunk_to_others() {
    let records = mixed(20);
    let pool = pool();
    let loader = RecordLoader::new(&records, pool.clone()).unwrap();
    let damaged = loader.load(13);
    assert!(matches!(damaged, Err(LoadError::Checksum { .. })));
    assert_eq!(pool.stats().live, 0);
    let vector = loader.load(12).unwrap();
    assert_eq!(bits(vector.floats().unwrap()), bits(&row(12)));
    let short = Pool::new(PoolOptions::of(4)).unwrap();
    let error = RecordLoader::new(&records, short).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a chunk of the pool has 4 bytes; 192 belong to it"
    );
}

#[test]
fn a_batch_is_read_once_in_the_order_of_the_file_and_told_one_by_one() {
    let records = mixed(100);
    let loader = loader(&records);
    let cache = Cache::new(Weighted::new(1 << 20, 256));
    cache.get_or_load(7, || loader.load(7)).unwrap();
    let wanted = [9, 7, 2, 100, 13, 9, 4, 3, 2, 2];
    let told = Prefetch::default().run(&wanted, &loader, &cache);
    let order: Vec<u32> = told.iter().map(|(index, _)| *index).collect();
    assert_eq!(order, [7, 100, 3, 9, 13, 2, 4]);
    for (index, outcome) in &told {
        match (index, outcome) {
            (7, Outcome::Resident)
            | (100, Outcome::Failed(LoadError::NoRecord { .. }))
            | (13, Outcome::Failed(LoadError::Checksum { .. }))
            | (2 | 3 | 4 | 9, Outcome::Admitted) => {}
            other => panic!("{other:?}"),
        }
    }
    // What lies together is asked for together.
    let odd = records.extent_of(3).start..records.extent_of(13).end;
    let even = records.extent_of(2).start..records.extent_of(4).end;
    assert_eq!(*records.advised.lock().unwrap(), [odd, even]);
    assert!(
        records
            .read
            .lock()
            .unwrap()
            .values()
            .all(|times| *times == 1)
    );
    for index in [2, 3, 4, 7, 9] {
        let vector = cache.get(index).unwrap();
        assert_eq!(bits(vector.floats().unwrap()), bits(&row(index)));
    }
    // Fetching is no lookup.
    assert_eq!((cache.stats().misses, cache.stats().hits), (1, 5));
}

impl Mixed {
    fn extent_of(&self, index: u32) -> Range<u64> {
        Records::extent(&self, index).expect("a record")
    }
}

#[test]
fn a_batch_is_read_in_bounded_pieces_and_no_more_than_fits() {
    let records = mixed(1000);
    let loader = loader(&records);
    let cost = 4 * DIMENSION as u64 + Lru::<SharedChunk>::usual_entry_cost();
    let cache = Cache::new(Lru::new(101 * (cost + 8)));
    let wanted: Vec<u32> = (0..1000).filter(|index| *index != 13).collect();
    let prefetch = Prefetch { at_a_time: 2000 };
    let told = prefetch.run(&wanted, &loader, &cache);
    let count =
        |which: fn(&Outcome) -> bool| told.iter().filter(|(_, outcome)| which(outcome)).count();
    let admitted = count(|outcome| matches!(outcome, Outcome::Admitted));
    assert!((90..=110).contains(&admitted), "{admitted}");
    assert_eq!(
        admitted + count(|outcome| matches!(outcome, Outcome::NoRoom | Outcome::NotAdmitted)),
        999
    );
    let advised = records.advised.lock().unwrap();
    assert!(
        advised
            .iter()
            .all(|range| range.end - range.start <= 11 * STRIDE),
        "{advised:?}"
    );
    assert!(cache.stats().used <= cache.stats().budget);
}
