//! The macros that a binary is made with.

/// A `main` that speaks the protocol for the workloads named, and [`install!`](crate::install).
///
/// ```no_run
/// # use std::path::Path;
/// # use plimsoll_workload::{Context, Failure, Implementation, Workload};
/// #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema, Default)]
/// #[serde(default, deny_unknown_fields)]
/// struct Params { size: u64 }
///
/// struct Mine;
///
/// impl Workload for Mine {
///     const NAME: &'static str = "mine";
///     const GENERATOR: u32 = 1;
///     type Params = Params;
///     fn implementations() -> &'static [Implementation<Self>] {
///         &[Implementation { id: "plain", about: "as it was", steps: &[], run: |params, context| {
///             let total = context.phase("sum", || (0..params.size).sum::<u64>());
///             context.digest("total").finish_with(&total.to_string());
///             Ok(())
///         } }]
///     }
///     fn input_key(_: &Params) -> serde_json::Value { serde_json::Value::Null }
///     fn prepare(_: &Params, _: &Path) -> Result<(), Failure> { Ok(()) }
/// }
///
/// plimsoll_workload::main!(Mine);
/// ```
#[macro_export]
macro_rules! main {
    ($($workload:ty),+ $(,)?) => {
        $crate::install!();

        fn main() -> ::std::process::ExitCode {
            $crate::Registry::new()$(.with::<$workload>())+.main(::std::env::args_os().skip(1))
        }
    };
}

/// Installs what the instruments need into a binary: the switching [`Allocator`](crate::Allocator), the malloc layer
/// and their constructor. For the top level of a binary's root, once; [`main!`](crate::main) does it by itself.
///
/// Under the `clock` instrument it costs one predictable branch an allocation.
#[macro_export]
macro_rules! install {
    () => {
        #[global_allocator]
        static PLIMSOLL_ALLOCATOR: $crate::Allocator = $crate::Allocator;

        #[allow(unsafe_code)]
        const _: () = {
            // SAFETY: the section holds pointers to functions that the loader calls with the process's arguments,
            // which a C function without parameters ignores; it needs nothing that is set up later.
            #[used]
            #[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
            #[cfg_attr(
                target_vendor = "apple",
                unsafe(link_section = "__DATA,__mod_init_func")
            )]
            static CONSTRUCTOR: extern "C" fn() = $crate::heap::construct;

            // SAFETY: as above, when the program ends by itself; it needs nothing that is torn down earlier.
            #[used]
            #[cfg(target_os = "linux")]
            #[unsafe(link_section = ".fini_array")]
            static DESTRUCTOR: extern "C" fn() = $crate::heap::conclude;
        };

        $crate::__malloc_layer!();
    };
}

/// Exports the C library's allocation functions over glibc's own.
#[doc(hidden)]
#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
))]
#[macro_export]
macro_rules! __malloc_layer {
    () => {
        #[allow(
            unsafe_code,
            unsafe_op_in_unsafe_fn,
            clippy::undocumented_unsafe_blocks
        )]
        const _: () = {
            use ::core::ffi::{c_int, c_void};
            use $crate::heap::exports;

            // SAFETY (of every name here): the functions keep the contracts of the C library's functions of the same
            // names and signatures, which they stand in for; the memory is the C library's own.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
                exports::malloc(size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
                exports::calloc(count, size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn realloc(memory: *mut c_void, size: usize) -> *mut c_void {
                exports::realloc(memory, size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn reallocarray(
                memory: *mut c_void,
                count: usize,
                size: usize,
            ) -> *mut c_void {
                exports::reallocarray(memory, count, size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn free(memory: *mut c_void) {
                exports::free(memory)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn memalign(alignment: usize, size: usize) -> *mut c_void {
                exports::memalign(alignment, size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
                exports::memalign(alignment, size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn posix_memalign(
                out: *mut *mut c_void,
                alignment: usize,
                size: usize,
            ) -> c_int {
                exports::posix_memalign(out, alignment, size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn valloc(size: usize) -> *mut c_void {
                exports::valloc(size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn pvalloc(size: usize) -> *mut c_void {
                exports::pvalloc(size)
            }
            #[unsafe(no_mangle)]
            unsafe extern "C" fn malloc_usable_size(memory: *mut c_void) -> usize {
                exports::malloc_usable_size(memory)
            }
        };
    };
}

/// Nothing to export: the C library is not glibc, or linked in statically, and its heap is not counted.
#[doc(hidden)]
#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
)))]
#[macro_export]
macro_rules! __malloc_layer {
    () => {};
}
