//! Programs that hold memory in known ways.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use plimsoll_workload::clock::thread_cpu_ns;
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
        all!("encoders" encoders, "mixture" mixture, "untouched" untouched, "small" small, "threads" threads, "arenas" arenas, "outlived" outlived, "restless" restless, "growing" growing, "everything" everything)
    }

    fn input_key(_: &Nothing) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn prepare(_: &Nothing, _: &Path) -> Result<(), Failure> {
        Ok(())
    }
}

/// Holds still, so that there is a peak to look at: as much longer as others keep the processors from whoever looks.
fn plateau() {
    const PROBE: u64 = 50_000_000;
    let (begun, cpu) = (Instant::now(), thread_cpu_ns());
    while thread_cpu_ns() - cpu < PROBE {
        std::hint::spin_loop();
    }
    let crowd = begun.elapsed().as_secs_f64() / Duration::from_nanos(PROBE).as_secs_f64();
    let hold = Duration::from_secs(1).mul_f64(crowd * crowd);
    thread::sleep(hold.min(Duration::from_secs(30)));
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
    let data = mapped_file(context, 20 * MIB)?;
    plateau();
    std::hint::black_box((&table, &outside, &mapped, &data));
    Ok(())
}

/// A file of so many bytes, mapped and read.
fn mapped_file(context: &Context, bytes: usize) -> Result<memmap2::Mmap, Failure> {
    let path = context.scratch().join("data");
    let mut file = fs::File::create(&path).map_err(failed)?;
    for written in (0..bytes).step_by(4096) {
        let piece = [4; 4096];
        file.write_all(&piece[..piece.len().min(bytes - written)])
            .map_err(failed)?;
    }
    let file = fs::File::open(&path).map_err(failed)?;
    // SAFETY: nobody else knows the file, so nobody changes it while it is mapped.
    #[allow(unsafe_code)]
    let data = unsafe { memmap2::Mmap::map(&file) }.map_err(failed)?;
    std::hint::black_box(
        data.iter()
            .step_by(512)
            .map(|&byte| u64::from(byte))
            .sum::<u64>(),
    );
    Ok(data)
}

/// So many bytes of C's heap, all written to, until the program ends.
fn c_blocks(bytes: usize) -> Result<Vec<*mut u8>, Failure> {
    const SIZES: [usize; 3] = [2_000, 50_000, 5_000_000];
    let mut all = Vec::new();
    let mut left = bytes;
    for turn in 0.. {
        let size = SIZES[if turn % 1000 == 0 { 2 } else { turn % 2 }].min(left);
        if size == 0 {
            break;
        }
        // SAFETY: malloc takes any size, and what it gives is as large as that.
        #[allow(unsafe_code)]
        unsafe {
            let block: *mut u8 = libc::malloc(size).cast();
            if block.is_null() {
                return Err(failed("no memory"));
            }
            block.write_bytes(7, size);
            all.push(block);
        }
        left -= size;
    }
    Ok(all)
}

/// All kinds of memory at once, in known amounts: 300 MB in the ledger, 200 MB of Rust's heap outside it, 150 MB by C's
/// malloc, a direct map of 100 MB, 100 MB of a mapped file, 1 GiB of capacity that nobody touches, and 50
/// threads that have touched 2 MB of stack each. The blocks are of many sizes, so that arenas and mapped blocks both hold some.
fn everything(context: &Context) -> Result<(), Failure> {
    const MB: usize = 1_000_000;
    let ledger = context.ledger("table");
    let table = blocks(300 * MB);
    ledger.set(300 * MB as u64);
    let outside = blocks(200 * MB);
    let c = c_blocks(150 * MB)?;
    let mut mapped = memmap2::MmapMut::map_anon(100 * MB).map_err(failed)?;
    mapped.fill(3);
    let data = mapped_file(context, 100 * MB)?;
    let capacity = Vec::<u8>::with_capacity(1 << 30);
    let ready = Barrier::new(STACKS + 1);
    let done = Barrier::new(STACKS + 1);
    thread::scope(|scope| {
        for _ in 0..STACKS {
            let thread = thread::Builder::new().stack_size(8 * MIB);
            let spawned = thread.spawn_scoped(scope, || {
                let top = 0u8;
                touched(&raw const top as usize, &|| {
                    ready.wait();
                    done.wait();
                });
            });
            spawned.map_err(failed)?;
        }
        ready.wait();
        plateau();
        done.wait();
        Ok(())
    })?;
    std::hint::black_box((&table, &outside, &c, &mapped, &data, &capacity));
    Ok(())
}

/// Threads of [`everything`].
pub(crate) const STACKS: usize = 50;
/// Bytes of stack that each of them touches.
pub(crate) const STACK_TOUCHED: usize = 2_000_000;

/// Calls `then` with so many bytes of stack touched below `top`, a frame more at most.
#[inline(never)]
fn touched(top: usize, then: &dyn Fn()) {
    let frame = std::hint::black_box([1u8; 4096]);
    if top - (&raw const frame as usize) < STACK_TOUCHED {
        touched(top, then);
    } else {
        then();
    }
    std::hint::black_box(&frame);
}

/// So many bytes in blocks of 1,000, 100,000 and 10,000,000, all written to.
fn blocks(bytes: usize) -> Vec<Vec<u8>> {
    let sizes = [(1_000, 4), (100_000, 3), (10_000_000, 1)];
    let sizes = sizes.map(|(size, of)| (size, bytes / 10 * of / size));
    let mut all = Vec::new();
    for (size, count) in sizes {
        all.extend((0..count).map(|n| vec![n as u8 | 1; size]));
    }
    let held: usize = all.iter().map(Vec::len).sum();
    all.push(vec![1; bytes - held]);
    all
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
