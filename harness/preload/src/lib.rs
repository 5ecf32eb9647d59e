//! `libplimsoll_preload.so`: the malloc layer for programs that are not built with it.
//!
//! Loaded through `LD_PRELOAD` in front of glibc, it stands in for malloc and its kin, and counts or samples with the code of
//! [`plimsoll_workload::heap`]. All that it is told is in the environment, and read before the first allocation: see
//! `docs/protocol.md`. A program whose malloc is its own is left alone.
#![cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
))]

plimsoll_workload::__malloc_layer!();

/// Where the loader calls into this library. A module of its own, for what has to be said about safety.
#[allow(unsafe_code)]
mod called {
    use std::ffi::c_void;
    use std::mem::MaybeUninit;

    use plimsoll_workload::heap;

    // SAFETY: both sections hold pointers to functions that the loader calls with arguments, which a C function
    // without parameters ignores; neither function needs anything that is set up later or torn down earlier.
    #[used]
    #[unsafe(link_section = ".init_array")]
    static BEGIN: extern "C" fn() = begin;
    #[used]
    #[unsafe(link_section = ".fini_array")]
    static END: extern "C" fn() = heap::conclude;

    extern "C" fn begin() {
        // SAFETY: the name is a C string.
        let malloc = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"malloc".as_ptr()) };
        let ours = (begin as extern "C" fn()) as *const c_void;
        heap::construct_outside(object(malloc).is_some() && object(malloc) == object(ours));
    }

    /// The base of the program or library that an address is in.
    fn object(address: *const c_void) -> Option<*mut c_void> {
        let mut info = MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: any address may be asked for, and zeros are a valid `Dl_info`.
        let info = unsafe {
            libc::dladdr(address, info.as_mut_ptr());
            info.assume_init()
        };
        (!info.dli_fbase.is_null()).then_some(info.dli_fbase)
    }
}
