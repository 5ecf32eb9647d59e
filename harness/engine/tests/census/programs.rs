//! Programs that hold memory in known ways.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use plimsoll_workload::{Context, Failure, Implementation, Workload};

const MIB: usize = 1 << 20;

/// Parameters: there are none.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Ways of holding memory.
pub(crate) struct Holding;

impl Workload for Holding {
    const NAME: &'static str = "holding";
    const GENERATOR: u32 = 1;
    type Params = Nothing;

    fn implementations() -> &'static [Implementation<Self>] {
        macro_rules! all {
            ($($id:literal $run:ident),*) => {
                &[$(Implementation { id: $id, about: "", steps: &[], run: |_, context| $run(context) }),*]
            };
        }
        all!("encoders" encoders, "mixture" mixture, "untouched" untouched, "small" small, "threads" threads, "arenas" arenas, "outlived" outlived, "restless" restless, "growing" growing)
    }

    fn input_key(_: &Nothing) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn prepare(_: &Nothing, _: &Path) -> Result<(), Failure> {
        Ok(())
    }
}

/// Holds still, so that there is a peak to look at.
fn plateau() {
    thread::sleep(Duration::from_millis(400));
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}

/// Six zstd stream encoders of level 17: hardly anything in Rust's heap, 350 MiB in C's, of
/// which only the part that the input reaches is touched.
fn encoders(_: &Context) -> Result<(), Failure> {
    let mut encoders = Vec::new();
    for _ in 0..6 {
        encoders.push(zstd::stream::write::Encoder::new(std::io::sink(), 17).map_err(failed)?);
    }
    let mut state = 1u32;
    let mut piece = vec![0u8; 64 << 10];
    for _ in 0..2 {
        for encoder in &mut encoders {
            for byte in &mut piece {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = b'a' + (state >> 28) as u8;
            }
            encoder.write_all(&piece).map_err(failed)?;
        }
    }
    plateau();
    encoders
        .into_iter()
        .try_for_each(|encoder| encoder.finish().map(drop))
        .map_err(failed)
}

/// 40 MiB in the ledger, 24 MiB in Rust's heap outside it, a 30 MiB anonymous map, 20 MiB of a
/// mapped file.
fn mixture(context: &Context) -> Result<(), Failure> {
    let ledger = context.ledger("table");
    let table = vec![1u8; 40 * MIB];
    ledger.set(table.len() as u64);
    let outside = vec![2u8; 24 * MIB];
    let mut mapped = memmap2::MmapMut::map_anon(30 * MIB).map_err(failed)?;
    mapped.fill(3);
    let path = context.scratch().join("data");
    let mut file = fs::File::create(&path).map_err(failed)?;
    for _ in 0..20 * MIB / 4096 {
        file.write_all(&[4; 4096]).map_err(failed)?;
    }
    let file = fs::File::open(&path).map_err(failed)?;
    // SAFETY: nobody else knows the file, so nobody changes it while it is mapped.
    #[allow(unsafe_code)]
    let data = unsafe { memmap2::Mmap::map(&file) }.map_err(failed)?;
    let sum: u64 = data.iter().step_by(512).map(|&byte| u64::from(byte)).sum();
    plateau();
    std::hint::black_box((&table, &outside, &mapped, sum));
    Ok(())
}

/// A 200 MiB buffer of which a tenth is written to.
fn untouched(_: &Context) -> Result<(), Failure> {
    let mut buffer = Vec::<u8>::with_capacity(200 * MIB);
    buffer.resize(20 * MIB, 1);
    plateau();
    std::hint::black_box(&buffer);
    Ok(())
}

/// A million small blocks: malloc keeps its own words between them.
fn small(_: &Context) -> Result<(), Failure> {
    let blocks: Vec<Box<[u8; 40]>> = (0..1_000_000).map(|n| Box::new([n as u8; 40])).collect();
    plateau();
    std::hint::black_box(&blocks);
    Ok(())
}

/// Four threads, each with an arena of small blocks, half a MiB or more of stack and a large block.
fn threads(_: &Context) -> Result<(), Failure> {
    let work = || {
        let blocks: Vec<Vec<u8>> = (0..50_000).map(|n| vec![n as u8; 100]).collect();
        let large = vec![5u8; 8 * MIB];
        let deep = deep(8);
        plateau();
        std::hint::black_box((&blocks, &large, deep));
    };
    let threads: Vec<_> = (0..4).map(|_| thread::spawn(work)).collect();
    for thread in threads {
        thread
            .join()
            .map_err(|_| Failure::Other("a thread panicked".to_owned()))?;
    }
    Ok(())
}

/// Six arenas of small blocks, nearly all of it freed; the peak comes after.
fn arenas(context: &Context) -> Result<(), Failure> {
    filled_and_freed(context, true)
}

/// The same, but the ledger is never told that the blocks are gone.
fn outlived(context: &Context) -> Result<(), Failure> {
    filled_and_freed(context, false)
}

/// Six threads fill 4 MB of an arena each, all at once, and free it. A last block of each stays until
/// the program ends, so that malloc cannot give the rest back. Then 8 MiB make a new peak.
fn filled_and_freed(context: &Context, lowers: bool) -> Result<(), Failure> {
    const THREADS: usize = 6;
    const BLOCKS: usize = 20_000;
    const SIZE: usize = 200;
    let ledger = context.ledger("blocks");
    let full = Barrier::new(THREADS);
    let work = || {
        let mut blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|n| vec![n as u8; SIZE]).collect();
        let held = (BLOCKS * SIZE) as u64;
        ledger.add(held);
        full.wait();
        let last = blocks.pop();
        drop(blocks);
        if lowers {
            ledger.sub(held);
        }
        last
    };
    let last = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined.collect::<Result<Vec<_>, _>>()
    })
    .map_err(|_| failed("a thread panicked"))?;
    let peak = vec![6u8; 8 * MIB];
    plateau();
    std::hint::black_box((&last, &peak));
    Ok(())
}

#[inline(never)]
fn deep(levels: usize) -> usize {
    let frame = std::hint::black_box([levels; 8 << 10]);
    if levels == 0 {
        frame[0]
    } else {
        deep(levels - 1) + frame[levels]
    }
}

/// Four threads take and free buffers of different sizes, never all at the same height.
fn restless(_: &Context) -> Result<(), Failure> {
    let work = |thread: usize| {
        for round in 0..20 {
            let buffer = vec![1u8; MIB * (20 + (5 * thread + 7 * round) % 24)];
            std::hint::black_box(&buffer);
        }
    };
    thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || work(number));
        }
    });
    Ok(())
}

/// Grows all the time, by a quarter of a GiB a second or so, and holds still nowhere.
fn growing(_: &Context) -> Result<(), Failure> {
    let mut blocks = Vec::new();
    for n in 0..1200 {
        blocks.push(vec![n as u8; MIB / 4]);
        thread::sleep(Duration::from_micros(500));
    }
    std::hint::black_box(&blocks);
    Ok(())
}
