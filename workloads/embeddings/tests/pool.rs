//! The pool from outside: sizes, limits, threads, and its end.

use std::collections::HashSet;
use std::sync::mpsc;
use std::thread;

use plimsoll_embeddings::pool::{Chunk, Pool, PoolError, PoolOptions};
use proptest::prelude::*;

fn limited(chunk_size: usize, maximum: usize) -> Pool {
    let maximum = Some(maximum);
    Pool::new(PoolOptions {
        maximum,
        ..PoolOptions::of(chunk_size)
    })
    .expect("a pool of at least one chunk")
}

/// Total, live and free chunks, which must add up.
fn counts(pool: &Pool) -> (usize, usize, usize) {
    let stats = pool.stats();
    assert_eq!(stats.total, stats.live + stats.free, "{stats:?}");
    (stats.total, stats.live, stats.free)
}

fn all_of(pool: &Pool) -> Vec<Chunk> {
    std::iter::from_fn(|| pool.try_alloc().ok()).collect()
}

#[test]
fn chunks_are_aligned_zeroed_apart_and_of_the_size_asked_for() {
    for size in [1, 63, 64, 768, 3_070, 47_104, 2 << 20] {
        let pool = Pool::new(PoolOptions::of(size)).unwrap();
        let mut chunks: Vec<Chunk> = (0..50).map(|_| pool.try_alloc().unwrap()).collect();
        for (number, chunk) in chunks.iter_mut().enumerate() {
            assert_eq!((chunk.len(), chunk.as_ptr() as usize % 64), (size, 0));
            assert!(chunk.iter().all(|byte| *byte == 0));
            chunk.fill(number as u8 + 1);
            assert_eq!(chunk.floats().is_some(), size % 4 == 0);
            assert_eq!(
                chunk.floats_mut().map(|floats| floats.len()),
                (size % 4 == 0).then_some(size / 4)
            );
        }
        for (number, chunk) in chunks.iter().enumerate() {
            assert!(chunk.iter().all(|byte| *byte == number as u8 + 1));
        }
    }
}

#[test]
fn exactly_the_maximum_is_handed_out_and_mapped() {
    for maximum in [1, 2, 63, 1_000, 1_371] {
        let pool = limited(768, maximum);
        let chunks = all_of(&pool);
        assert_eq!(chunks.len(), maximum);
        assert_eq!(counts(&pool), (maximum, maximum, 0));
        assert!(pool.stats().mapped < 768 * maximum as u64 + 2 * 4096);
        let refusal = pool.try_alloc().unwrap_err();
        assert!(matches!(refusal, PoolError::Exhausted { maximum: all } if all == maximum));
        assert_eq!(
            refusal.to_string(),
            format!(
                "all {maximum} chunks of the pool are in use; give one back or raise its maximum"
            )
        );
        drop(chunks);
        assert_eq!(counts(&pool), (maximum, 0, maximum));
        assert_eq!(all_of(&pool).len(), maximum);
    }
}

#[test]
fn a_full_slab_is_hardly_larger_than_its_chunks() {
    for (size, slabs) in [(768, 1370), (3072, 342), (47_104, 23)] {
        let pool = Pool::new(PoolOptions::of(size)).unwrap();
        let chunks: Vec<Chunk> = (0..20 * slabs).map(|_| pool.try_alloc().unwrap()).collect();
        let stats = pool.stats();
        assert_eq!((stats.slabs, stats.live), (20, chunks.len()));
        let taken = stats.mapped + stats.bookkeeping;
        assert!(
            taken as f64 <= 1.01 * (size * chunks.len()) as f64,
            "{size}: {stats:?}"
        );
    }
}

#[test]
fn a_dry_pool_of_eight_threads_refuses_and_neither_loses_nor_doubles_a_chunk() {
    const MAXIMUM: usize = 100;
    const STEPS: usize = if cfg!(miri) { 30 } else { 20_000 };
    let pool = limited(256, MAXIMUM);
    thread::scope(|scope| {
        for number in 0..8_u64 {
            let pool = pool.clone();
            scope.spawn(move || {
                let mut held: Vec<Chunk> = Vec::new();
                let mut state = number;
                for _ in 0..STEPS {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    // Eight threads want 200 of 100.
                    if (state >> 33) % 26 >= held.len() as u64 {
                        if let Ok(mut chunk) = pool.try_alloc() {
                            chunk.fill(number as u8);
                            held.push(chunk);
                        }
                    } else {
                        let chunk = held.swap_remove((state >> 40) as usize % held.len());
                        assert!(chunk.iter().all(|byte| *byte == number as u8));
                    }
                }
            });
        }
        for _ in 0..STEPS / 100 + 1 {
            assert!(pool.stats().total <= MAXIMUM);
            counts(&pool);
            pool.trim();
            thread::yield_now();
        }
    });
    assert_eq!(counts(&pool).1, 0);
    assert_eq!(all_of(&pool).len(), MAXIMUM);
}

#[test]
fn what_another_thread_keeps_is_found_before_the_pool_is_called_dry() {
    let pool = limited(4096, 10);
    let (give, take) = mpsc::channel::<()>();
    let (done, ready) = mpsc::channel();
    let keeper = thread::spawn({
        let pool = pool.clone();
        move || {
            drop(all_of(&pool));
            done.send(()).unwrap();
            take.recv().unwrap_err();
        }
    });
    ready.recv().unwrap();
    // That thread lives, and has them all in its list.
    assert_eq!(all_of(&pool).len(), 10);
    drop(give);
    keeper.join().unwrap();
    assert_eq!(counts(&pool), (10, 0, 10));
}

#[test]
fn chunks_go_to_other_threads_and_outlive_the_pool() {
    const CHUNKS: u64 = if cfg!(miri) { 100 } else { 5_000 };
    let pool = Pool::new(PoolOptions::of(1000)).unwrap();
    let (sender, receiver) = mpsc::channel::<Chunk>();
    let reader = thread::spawn(move || {
        receiver
            .into_iter()
            .map(|chunk| u64::from(chunk[999]))
            .sum::<u64>()
    });
    for number in 0..CHUNKS {
        let mut chunk = pool.try_alloc().unwrap();
        chunk[999] = (number % 7) as u8;
        sender.send(chunk).unwrap();
    }
    let mut kept = pool.try_alloc().unwrap();
    drop((pool, sender));
    kept.fill(9);
    assert_eq!(
        reader.join().unwrap(),
        (0..CHUNKS).map(|number| number % 7).sum::<u64>()
    );
    let shared = kept.share();
    let other = thread::spawn({
        let shared = shared.clone();
        move || shared[0]
    });
    assert_eq!(other.join().unwrap(), 9);
    drop(shared);
}

#[test]
fn shared_chunks_come_back_with_their_last_handle() {
    let pool = limited(512, 1);
    let mut chunk = pool.try_alloc().unwrap();
    chunk.floats_mut().unwrap()[127] = 1.5;
    let shared = chunk.share();
    let handles: Vec<_> = (0..9).map(|_| shared.clone()).collect();
    assert_eq!((shared.owners(), shared.floats().unwrap()[127]), (10, 1.5));
    thread::scope(|scope| {
        for handle in handles {
            scope.spawn(move || assert_eq!(handle.clone().floats().unwrap()[127], 1.5));
        }
    });
    assert_eq!(shared.owners(), 1);
    assert!(pool.try_alloc().is_err());
    drop(shared);
    assert!(pool.try_alloc().is_ok());
}

#[test]
fn a_secure_pool_shows_nobody_what_was_there() {
    for (secure, seen) in [(true, 0), (false, 7)] {
        let maximum = Some(1);
        let pool = Pool::new(PoolOptions {
            chunk_size: 100,
            maximum,
            secure,
        })
        .unwrap();
        pool.try_alloc().unwrap().fill(7);
        assert!(pool.try_alloc().unwrap().iter().all(|byte| *byte == seen));
    }
}

#[test]
fn empty_slabs_go_back_to_the_system() {
    let pool = Pool::new(PoolOptions::of(64 << 10)).unwrap();
    let mut chunks: Vec<Chunk> = (0..64).map(|_| pool.try_alloc().unwrap()).collect();
    assert_eq!((pool.stats().slabs, pool.trim()), (4, 0));
    // The last chunk of each slab but one stays.
    let kept = chunks.split_off(48);
    let addresses: HashSet<usize> = kept.iter().map(|chunk| chunk.as_ptr() as usize).collect();
    drop(chunks);
    assert_eq!(pool.trim(), 3 << 20);
    assert_eq!((pool.stats().slabs, counts(&pool)), (1, (16, 16, 0)));
    // Numbers of slabs that went are given anew.
    let again: Vec<Chunk> = (0..40).map(|_| pool.try_alloc().unwrap()).collect();
    assert_eq!(counts(&pool), (64, 56, 8));
    assert!(
        again
            .iter()
            .all(|chunk| !addresses.contains(&(chunk.as_ptr() as usize)) && chunk[0] == 0)
    );
    drop((again, kept));
    assert_eq!((pool.trim(), counts(&pool)), (4 << 20, (0, 0, 0)));
}

#[test]
fn more_pools_than_a_thread_finds_at_once_keep_apart() {
    let pools: Vec<Pool> = (1..=20)
        .map(|size| Pool::new(PoolOptions::of(size)).unwrap())
        .collect();
    for _ in 0..100 {
        let chunks: Vec<Chunk> = pools.iter().map(|pool| pool.try_alloc().unwrap()).collect();
        assert!(
            chunks
                .iter()
                .zip(1..)
                .all(|(chunk, size)| chunk.len() == size)
        );
    }
    for pool in &pools {
        assert_eq!(counts(pool).1, 0);
        assert_eq!(pool.stats().slabs, 1);
    }
}

#[test]
fn a_thousand_pools_one_after_the_other_leave_nothing() {
    let mut last = None;
    for size in 1..1000 {
        let pool = Pool::new(PoolOptions::of(size)).unwrap();
        last = Some((pool.try_alloc().unwrap(), size));
    }
    assert_eq!(last.map(|(chunk, size)| chunk.len() == size), Some(true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_account_adds_up_after_every_step(
        size in prop::sample::select(vec![1_usize, 768, 47_104]),
        maximum in 1_usize..200,
        steps in prop::collection::vec(0_u32..1000, 1..300),
    ) {
        let pool = limited(size, maximum);
        let mut held = Vec::new();
        for step in steps {
            match step % 10 {
                0..=5 => match pool.try_alloc() {
                    Ok(chunk) => held.push(chunk),
                    Err(_) => prop_assert_eq!(held.len(), maximum),
                },
                6..=8 if !held.is_empty() => drop(held.swap_remove(step as usize / 10 % held.len())),
                _ => {
                    pool.trim();
                }
            }
            let (total, live, _) = counts(&pool);
            prop_assert!(live == held.len() && total <= maximum);
        }
        let addresses: HashSet<usize> = held.iter().map(|chunk| chunk.as_ptr() as usize).collect();
        prop_assert_eq!(addresses.len(), held.len());
    }
}
