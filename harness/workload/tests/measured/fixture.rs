//! A workload whose implementations do known things.

use std::alloc::Layout;
use std::ffi::c_void;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::ptr;

use plimsoll_workload::{Better, Bytes, Context, Failure, Implementation, Metric, Unit, Workload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct Fixture;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Params {
    seed: u64,
    buffer: Bytes,
    pieces: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            seed: 1,
            buffer: Bytes(1 << 20),
            pieces: 100,
        }
    }
}

macro_rules! implementations {
    ($($id:literal $steps:expr => $run:expr;)+) => {
        &[$(Implementation { id: $id, about: "does what its name says", steps: $steps, run: $run }),+]
    };
}

impl Workload for Fixture {
    const NAME: &'static str = "fixture";
    const GENERATOR: u32 = 3;
    const OUTPUT: &'static str = "txt";
    const VERIFIES: bool = true;
    type Params = Params;

    fn implementations() -> &'static [Implementation<Self>] {
        implementations! {
            "reports" &[] => reports;
            "steps" &["build", "query"] => |_, context| {
                context.digest("step").finish_with(context.step());
                Ok(())
            };
            "refuses" &[] => |_, _| Err(Failure::Refused {
                needed: Bytes(3 << 30), available: Bytes(1 << 30), hint: "use level-wise".into(),
            });
            "bad-input" &[] => |_, _| Err(Failure::Input("corpus.txt, line 3: no words".into()));
            "fails" &[] => |_, _| Err(Failure::io("writing", Path::new("/x"), std::io::Error::from_raw_os_error(libc::ENOSPC)));
            "panics" &[] => |_, context| context.phase("doomed", || panic!("the invariant is broken"));
            "waits-for-term" &[] => |_, context| {
                context.ledger("waiting").set(1);
                while !context.cancelled() {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                Ok(())
            };
            "ignores-term" &[] => |_, context| {
                context.ledger("waiting").set(1);
                std::thread::sleep(std::time::Duration::from_millis(200));
                Ok(())
            };
            "hangs" &[] => hangs;
            "overfills" &[] => overfills;
            "peaks" &[] => peaks;
            "rust-heap" &[] => rust_heap;
            "c-heap" &[] => c_heap;
            "c-edges" &[] => c_edges;
            "zstd" &[] => zstd;
            "threads" &[] => threads;
            "forks" &[] => forks;
            "spawns" &[] => spawns;
            "becomes" &[] => becomes;
            "errno" &[] => errno;
            "deep" &[] => deep;
        }
    }

    fn input_key(params: &Params) -> Value {
        json!({ "seed": params.seed })
    }

    fn prepare(params: &Params, dir: &Path) -> Result<(), Failure> {
        let path = dir.join("corpus");
        std::fs::write(&path, params.seed.to_string())
            .map_err(|error| Failure::io("writing", &path, error))
    }

    fn verify(params: &Params, context: &Context) -> Result<(), Failure> {
        context.phase("nowhere", || context.ledger("nowhere").set(1));
        context.digest("known").finish_with(context.step());
        context.metric("size", Unit::Bytes, Better::Lower, params.buffer.0 as f64);
        let output = context.output().unwrap_or_default();
        match std::fs::read_to_string(&output) {
            Ok(text) if text == params.seed.to_string() => Ok(()),
            Ok(text) => Err(Failure::Other(format!("{text} is not {}", params.seed))),
            Err(error) => Err(Failure::io("reading", &output, error)),
        }
    }

    fn metrics() -> &'static [Metric] {
        &[Metric {
            name: "size",
            unit: Unit::Bytes,
            better: Better::Lower,
            about: "of the index",
        }]
    }

    fn digests() -> &'static [&'static str] {
        &["ordered", "unordered", "known"]
    }
}

/// A second workload, so that there is a choice.
pub(crate) struct Other;

impl Workload for Other {
    const NAME: &'static str = "other";
    const GENERATOR: u32 = 1;
    type Params = Value;
    fn implementations() -> &'static [Implementation<Self>] {
        &[]
    }
    fn input_key(_: &Value) -> Value {
        Value::Null
    }
    fn prepare(_: &Value, _: &Path) -> Result<(), Failure> {
        Ok(())
    }
}

/// Everything that can be said, once.
fn reports(params: &Params, context: &Context) -> Result<(), Failure> {
    let mut ordered = context.digest("ordered");
    let mut unordered = context.digest("unordered");
    let progress = context.progress("orthos", Some(10));
    let ledger = context.ledger("queue");
    context.phase("build", || {
        for item in ["a", "b"] {
            ordered.update(item.as_bytes());
            unordered.add_unordered(item.as_bytes());
            progress.add(5);
            ledger.add(100);
        }
        let _stage = context.stage("hash");
        context.phase("inner", || ledger.sub(50));
    });
    let mut latency = context.histogram("latency", Unit::Seconds);
    (1..=1000).for_each(|i| latency.record(f64::from(i) * 1e-3));
    latency.record(f64::NAN);
    drop(latency);
    context.metric("size", Unit::Bytes, Better::Lower, params.buffer.0 as f64);
    context.metric("nonsense", Unit::Ratio, Better::Neither, f64::INFINITY);
    ordered.finish();
    unordered.finish();
    context
        .digest("known")
        .finish_with("sum64:ee0d087930156b10");
    Ok(())
}

/// Puts things into the gauges, then stays until it is killed.
fn hangs(_: &Params, context: &Context) -> Result<(), Failure> {
    let progress = context.progress("rows", None);
    let ledger = context.ledger("index");
    context.phase("build", || {
        progress.set(37);
        ledger.set(12_345);
        let _kept = black_box(vec![1u8; 10 << 20]);
        loop {
            std::thread::park();
        }
    })
}

fn overfills(_: &Params, context: &Context) -> Result<(), Failure> {
    for i in 0..40 {
        context.ledger(&format!("component {i}")).set(1);
        context.ledger(&format!("component {i}")).add(1);
    }
    for i in 0..70 {
        context.phase(&format!("phase {i}"), || {});
    }
    for _ in 0..3 {
        context.phase("phase 0", || context.ledger(&"é".repeat(100)));
    }
    Ok(())
}

/// 40 MiB between phases, 20 MiB in one, 4 MiB in another.
fn peaks(_: &Params, context: &Context) -> Result<(), Failure> {
    let touch = |mebibytes: usize| drop(black_box(vec![1u8; mebibytes << 20]));
    touch(40);
    context.phase("large", || touch(20));
    context.phase("small", || touch(4));
    context.phase("large", || touch(2));
    Ok(())
}

/// Pieces of 1000 bytes kept, as many freed, one grown, a zeroed and an aligned one, and one that is both and freed.
#[allow(unsafe_code)]
fn rust_heap(params: &Params, context: &Context) -> Result<(), Failure> {
    let kept: Vec<Vec<u8>> = (0..params.pieces)
        .map(|_| black_box(Vec::with_capacity(1000)))
        .collect();
    for _ in 0..params.pieces {
        drop(black_box(Vec::<u8>::with_capacity(1000)));
    }
    let mut grown: Vec<u8> = Vec::with_capacity(1 << 20);
    grown.reserve_exact(2 << 20);
    let zeroed = black_box(vec![0u8; 1 << 20]);
    #[repr(align(4096))]
    struct Page([u8; 4096]);
    let mut aligned: Vec<Page> = Vec::with_capacity(64);
    aligned.push(Page([7; 4096]));
    aligned.reserve_exact(255);
    assert!(aligned.as_ptr().addr().is_multiple_of(4096) && aligned[0].0 == [7; 4096]);
    let both = Layout::from_size_align(100_000, 4096).unwrap();
    // SAFETY: the size is not 0; what is there is read within it and given back with its layout.
    unsafe {
        let memory = black_box(std::alloc::alloc_zeroed(both));
        assert!(memory.addr().is_multiple_of(4096) && (0..100_000).all(|i| *memory.add(i) == 0));
        std::alloc::dealloc(memory, both);
    }
    context.phase("hold", || {});
    context.ledger("done").set(1);
    black_box((kept, grown, zeroed, aligned));
    Ok(())
}

/// Pieces of 1000 bytes from malloc, all kept; and what libc itself allocates for `strdup`.
#[allow(unsafe_code)]
fn c_heap(params: &Params, context: &Context) -> Result<(), Failure> {
    let text = vec![b'x'; 1 << 20];
    let text = std::ffi::CString::new(text).unwrap();
    // SAFETY: plain C allocations, never freed: they are what is looked at.
    unsafe {
        for _ in 0..params.pieces {
            assert!(!black_box(libc::malloc(1000)).is_null());
        }
        black_box(libc::strdup(text.as_ptr()));
    }
    context.phase("hold", || {});
    Ok(())
}

/// Every function of the layer at its edges; what it leaves allocated is nothing.
#[allow(unsafe_code)]
fn c_edges(_: &Params, _: &Context) -> Result<(), Failure> {
    unsafe extern "C" {
        fn valloc(size: usize) -> *mut c_void;
        fn pvalloc(size: usize) -> *mut c_void;
        fn reallocarray(memory: *mut c_void, count: usize, size: usize) -> *mut c_void;
    }
    // SAFETY: every piece comes from the C library's own functions and is freed once; null is free to free.
    unsafe {
        for _ in 0..1000 {
            libc::free(ptr::null_mut());
            libc::free(black_box(libc::malloc(0)));
            for refused in [usize::MAX, usize::MAX / 4 * 3] {
                assert!(black_box(libc::malloc(refused)).is_null());
            }
            assert!(black_box(libc::calloc(usize::MAX, 2)).is_null());
            let zeroed: *mut u8 = black_box(libc::calloc(100, 10)).cast();
            assert!((0..1000).all(|i| *zeroed.add(i) == 0));
            libc::free(zeroed.cast());
            let memory = black_box(libc::realloc(ptr::null_mut(), 100));
            memory.cast::<u8>().write_bytes(9, 100);
            assert!(black_box(libc::realloc(memory, usize::MAX)).is_null());
            let memory = black_box(libc::realloc(memory, 1 << 20));
            assert!((0..100).all(|i| *memory.cast::<u8>().add(i) == 9));
            assert!(black_box(libc::realloc(memory, 0)).is_null());
            assert!(black_box(reallocarray(ptr::null_mut(), usize::MAX, 2)).is_null());
            assert_eq!(*libc::__errno_location(), libc::ENOMEM);
            libc::free(black_box(reallocarray(ptr::null_mut(), 10, 10)));
            let mut memory = ptr::null_mut();
            assert_eq!(libc::posix_memalign(&raw mut memory, 3, 10), libc::EINVAL);
            assert_eq!(
                libc::posix_memalign(&raw mut memory, 64, usize::MAX),
                libc::ENOMEM
            );
            assert_eq!(libc::posix_memalign(&raw mut memory, 4096, 10), 0);
            assert!(memory.addr().is_multiple_of(4096));
            libc::free(memory);
            let memory = black_box(libc::aligned_alloc(256, 256));
            assert!(memory.addr().is_multiple_of(256) && libc::malloc_usable_size(memory) >= 256);
            libc::free(memory);
            let memory = black_box(libc::memalign(512, 1));
            assert!(memory.addr().is_multiple_of(512));
            libc::free(memory);
            for memory in black_box([valloc(1), pvalloc(1)]) {
                assert!(memory.addr().is_multiple_of(4096));
                libc::free(memory);
            }
        }
    }
    Ok(())
}

/// An encoder of zstd's at level 17: tens of MiB, all of it C's.
fn zstd(_: &Params, context: &Context) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Other(error.to_string());
    let mut encoder = zstd::stream::Encoder::new(std::io::sink(), 17).map_err(failed)?;
    context.phase("compress", || {
        let mut state = 1u64;
        let mut block = vec![0u8; 1 << 20];
        for byte in &mut block {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = (state >> 60) as u8;
        }
        encoder.write_all(&block).map_err(failed)
    })?;
    encoder.finish().map_err(failed)?;
    Ok(())
}

/// Four threads that allocate for each other, in Rust and in C, and end; then everything is freed but a mebibyte each.
#[allow(unsafe_code)]
fn threads(params: &Params, context: &Context) -> Result<(), Failure> {
    /// A C piece on its way to another thread.
    struct Piece(*mut c_void);
    // SAFETY: the piece belongs to whoever holds this.
    unsafe impl Send for Piece {}

    let (send, receive) = std::sync::mpsc::channel::<(Vec<u8>, Piece)>();
    let made = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..4)
            .map(|_| {
                let send = send.clone();
                let pieces = params.pieces;
                scope.spawn(move || {
                    for _ in 0..pieces {
                        // SAFETY: freed by the receiver.
                        let piece = Piece(unsafe { libc::malloc(3000) });
                        send.send((Vec::with_capacity(5000), piece)).unwrap();
                    }
                })
            })
            .collect();
        drop(send);
        let mut made = 0;
        for (_vec, piece) in receive {
            // SAFETY: allocated by the sender.
            unsafe { libc::free(piece.0) };
            made += 1;
        }
        makers.into_iter().for_each(|maker| maker.join().unwrap());
        made
    });
    // SAFETY: kept on purpose.
    black_box(unsafe { libc::malloc(1 << 20) });
    std::mem::forget(black_box(Vec::<u8>::with_capacity(1 << 20)));
    context.metric("made", Unit::Count, Better::Neither, f64::from(made));
    Ok(())
}

/// A forked child that says and allocates other things than its parent.
#[allow(unsafe_code)]
fn forks(_: &Params, context: &Context) -> Result<(), Failure> {
    let ledger = context.ledger("held");
    ledger.set(7);
    // SAFETY: no other thread holds a lock that the child needs: the sampler allocates nothing.
    match unsafe { libc::fork() } {
        -1 => Err(Failure::Other(std::io::Error::last_os_error().to_string())),
        0 => {
            ledger.set(1_000_000);
            context.progress("child", None).set(5);
            // SAFETY: kept on purpose; `_exit` ends the child here.
            unsafe {
                black_box(libc::malloc(64 << 20));
                libc::_exit(if ledger_visible(context) { 0 } else { 9 });
            }
        }
        child => {
            let mut status = 0;
            // SAFETY: `status` is writable.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            context.metric(
                "child_status",
                Unit::Count,
                Better::Neither,
                f64::from(status),
            );
            Ok(())
        }
    }
}

/// The child's own gauges still work: they only go nowhere.
fn ledger_visible(context: &Context) -> bool {
    context.ledger("another").set(3);
    true
}

/// A child process that is measured by nobody although it inherits the environment.
fn spawns(_: &Params, context: &Context) -> Result<(), Failure> {
    context.ledger("parent").set(7);
    let program = std::env::current_exe().map_err(|error| Failure::Other(error.to_string()))?;
    let child = std::process::Command::new(program)
        .arg("run")
        .env(plimsoll_workload::env::IMPLEMENTATION, "c-heap")
        .env(plimsoll_workload::env::PARAMS, r#"{"pieces": 50000}"#)
        .status()
        .map_err(|error| Failure::Other(error.to_string()))?;
    context.metric(
        "child_code",
        Unit::Count,
        Better::Neither,
        child.code().unwrap_or(-1).into(),
    );
    Ok(())
}

/// Allocates, then becomes another program, which allocates as well.
fn becomes(_: &Params, _: &Context) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    black_box(vec![1u8; 64 << 20]);
    let program = std::env::current_exe().map_err(|error| Failure::Other(error.to_string()))?;
    let error = std::process::Command::new(program)
        .arg("run")
        .env(plimsoll_workload::env::IMPLEMENTATION, "deep")
        .exec();
    Err(Failure::Other(error.to_string()))
}

/// Allocates and frees with something in `errno`, which is to stay.
#[allow(unsafe_code)]
fn errno(_: &Params, _: &Context) -> Result<(), Failure> {
    for size in 1..2000 {
        // SAFETY: a piece that is freed once; errno is this thread's own.
        let changed = unsafe {
            *libc::__errno_location() = 4242;
            let piece = black_box(libc::realloc(libc::malloc(size), 2 * size));
            libc::free(piece);
            *libc::__errno_location()
        };
        if changed != 4242 {
            return Err(Failure::Other(format!("errno became {changed}")));
        }
    }
    Ok(())
}

/// Allocates 3 MiB forty calls down, then fails.
fn deep(params: &Params, _: &Context) -> Result<(), Failure> {
    #[inline(never)]
    fn descend(depth: usize) -> Vec<u8> {
        if depth == 0 {
            black_box(Vec::with_capacity(3 << 20))
        } else {
            black_box(descend(depth - 1))
        }
    }
    black_box(descend(40));
    if params.seed == 0 {
        Err(Failure::Other("nothing came of it".into()))
    } else {
        Ok(())
    }
}
