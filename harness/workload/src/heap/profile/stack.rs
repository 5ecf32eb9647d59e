//! Who called: the return addresses on this thread's stack, by the unwinding tables that every program on these
//! platforms carries for its exceptions and panics. No frame pointers are needed, which C libraries do not keep.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};

use super::layout::DEEPEST;

/// Addresses of a stack, the innermost first.
pub(super) struct Stack {
    addresses: [u64; DEEPEST],
    depth: usize,
}

impl Stack {
    /// This thread's. Takes locks of nobody's on glibc from 2.35 on; before, that of the loader, which a thread may take
    /// again.
    pub(super) fn here() -> Self {
        let mut stack = Self {
            addresses: [0; DEEPEST],
            depth: 0,
        };
        // SAFETY: `add` gets back the pointer to `stack`, which lives through the call and is not used otherwise.
        unsafe { _Unwind_Backtrace(add, (&raw mut stack).cast()) };
        stack
    }

    /// Each lies within the instruction that called, not behind it.
    pub(super) fn addresses(&self) -> &[u64] {
        &self.addresses[..self.depth]
    }
}

/// The unwinder's account of a frame; only it knows what is inside.
#[repr(C)]
struct Context {
    _private: [u8; 0],
}

/// `_URC_NO_REASON`: go on.
const ON: c_int = 0;
/// `_URC_END_OF_STACK`: enough.
const ENOUGH: c_int = 5;

// The unwinder that Rust's standard library links for panics (Itanium C++ ABI, "Exception Handling", level I; the two
// functions are GCC's extensions to it).
unsafe extern "C" {
    fn _Unwind_Backtrace(
        trace: extern "C" fn(*mut Context, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIPInfo(context: *mut Context, before: *mut c_int) -> usize;
}

extern "C" fn add(context: *mut Context, stack: *mut c_void) -> c_int {
    let mut before = 0;
    // SAFETY: the unwinder's own context, valid during this call; `before` is writable.
    let address = unsafe { _Unwind_GetIPInfo(context, &raw mut before) } as u64;
    if address == 0 {
        return ENOUGH;
    }
    // SAFETY: what `here` passed in, and nobody else's meanwhile.
    let stack = unsafe { &mut *stack.cast::<Stack>() };
    // A return address is that of the next instruction, which may be another line's, or another function's.
    stack.addresses[stack.depth] = address - u64::from(before == 0);
    stack.depth += 1;
    if stack.depth < DEEPEST { ON } else { ENOUGH }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn a_deep_stack_is_cut_at_its_outer_end() {
        #[inline(never)]
        fn descend(depth: usize) -> Stack {
            if depth == 0 {
                Stack::here()
            } else {
                black_box(descend(black_box(depth - 1)))
            }
        }
        let shallow = descend(10);
        assert!((12..DEEPEST).contains(&shallow.addresses().len()));
        let deep = descend(300);
        assert_eq!(deep.addresses().len(), DEEPEST);
        let calls = &deep.addresses()[5..];
        assert!(
            calls.windows(2).all(|pair| pair[0] == pair[1]),
            "one call site"
        );
    }
}
